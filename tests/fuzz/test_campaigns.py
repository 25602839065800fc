"""A few dozen mutations of each target, with a fixed seed; `make fuzz` goes on for hours with new ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz import campaign
from tests.fuzz.broken import BROKEN
from tests.fuzz.raw_bytes import BYTE_MUTATIONS
from tests.fuzz.registry import TARGETS
from tests.fuzz.target import mutate
from tests.fuzz.texts import TEXT_MUTATIONS

_SEED = 20260


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_read_or_refused_with_a_sentence(name: str) -> None:
    found = campaign.run(TARGETS[name], _SEED, TARGETS[name].quick_count)
    assert not found.failures, "\n".join(map(str, found.failures))
    assert found.outcomes.total() == TARGETS[name].quick_count


_LAST_WORDS = {
    "raises": "ValueError: no user's mistake",
    "warns": "UserWarning: deprecated",
    "aborts": "status -6",
    "exits": "status 0",
    "hangs": "Timeout (0:00:00.2",
    "fills-memory": "MemoryError",
    "raises-in-thread": 'ValueError("no user\'s mistake")',
}


@pytest.mark.parametrize("way", _LAST_WORDS)
def test_a_campaign_sees_each_way_to_break_and_goes_on(way: str) -> None:
    found = campaign.run(BROKEN[f"broken-{way}"], _SEED, 8)
    assert {_LAST_WORDS[way] in failure.why for failure in found.failures} == {True}, found.failures
    assert found.outcomes["read"] + found.outcomes["failed"] == 8
    assert found.outcomes["read"]
    failure = found.failures[0]
    again = campaign.run(BROKEN[f"broken-{way}"], failure.seed, 1, failure.number)
    assert [one.number for one in again.failures] == [failure.number]


def test_a_sentence_for_the_user_is_no_failure() -> None:
    found = campaign.run(BROKEN["broken-refuses"], _SEED, 8)
    assert not found.failures
    assert {*found.sentences} == {"This is a user's mistake. Mend it."}


def test_the_same_seed_and_number_give_the_same_input(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        TARGETS["lists"].make(folder)
        done = [mutate(TARGETS["lists"], folder, 5, number) for number in range(3)]
        contents.append((done, {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix == ".csv"}))
    assert contents[0] == contents[1]


def test_mutations_take_anything_and_change_most() -> None:
    source = random.Random(3)
    for change in BYTE_MUTATIONS:
        change(b"", source)
        assert any(change(b"abcdefgh" * 8, source) != b"abcdefgh" * 8 for _ in range(20))
    for change in TEXT_MUTATIONS:
        change("", source)
        assert any(change("a,b\n1,2\n", source) != "a,b\n1,2\n" for _ in range(20))
