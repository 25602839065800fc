"""Numbers and names in sentences."""

import pytest

from core.base.listing import count_noun, some


@pytest.mark.parametrize(
    ("number", "plural", "told"),
    [(0, "", "0 class"), (1, "classes", "1 class"), (2, "classes", "2 classes"), (12_345, "classes", "12,345 classes")],
)
def test_one_is_singular(number: int, plural: str, told: str) -> None:
    assert count_noun(number, "class", plural) == (told if plural else f"{told}s")


def test_some_of_many_says_how_many_more() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
