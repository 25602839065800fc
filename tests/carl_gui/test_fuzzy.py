"""Commands are found by their letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carl_gui.commands.finding import find


@given(text=st.text(max_size=20), data=st.data())
def test_any_letters_in_their_order_are_found_and_the_positions_spell_them(text: str, data: st.DataObject) -> None:
    kept = [data.draw(st.booleans()) for _ in text]
    query = "".join(letter for letter, keep in zip(text, kept, strict=True) if keep)
    found = find(query, text)
    assert found is not None
    assert list(found.positions) == sorted(set(found.positions))
    spelt = [text[at].casefold() for at in found.positions]
    assert spelt == [letter.casefold() for letter in query if not letter.isspace()]


@pytest.mark.parametrize(("query", "text"), [("z", "Open"), ("no", "One"), ("oo", "Open")])
def test_letters_that_are_not_there_are_not_found(query: str, text: str) -> None:
    assert find(query, text) is None


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [("dt", "Dark theme", "Edit keys"), ("run", "Next run", "Return unseen"), ("OP", "Open", "Hoop")],
)
def test_starts_of_words_and_letters_in_a_row_count_more(query: str, better: str, worse: str) -> None:
    good, bad = find(query, better), find(query, worse)
    assert good is not None
    assert bad is not None
    assert good.score > bad.score
