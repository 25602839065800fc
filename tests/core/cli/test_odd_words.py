"""Words on the command line that no file, and no number, can be: one sentence, and exit status 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.cli import decode, embed, train

_LONG, _NUL = "x" * 300, "a\0b"


@pytest.mark.parametrize("word", [_LONG, _NUL, f"{_LONG}/clip.mp4"])
@pytest.mark.parametrize(
    ("main", "words"),
    [
        (decode.main, ["{}"]),
        (embed.main, ["{}", "--encoder", "e", "--out", "o"]),
        (embed.main, ["clip.mp4", "--encoder", "{}", "--out", "o"]),
        (embed.main, ["clip.mp4", "--encoder", "e", "--out", "{}"]),
        *[(train.main, ["clip.mp4", "--out", "o", option, "{}"]) for option in ("--init", "--labels", "--validation")],
        (train.main, ["clip.mp4", "--out", "o", "--weights", "{}"]),
        (train.main, ["clip.mp4", "--out", "{}"]),
    ],
)
def test_a_name_that_no_file_has(
    main: Callable[[Sequence[str]], int], words: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([one.format(word) for one in words]) == 2
    assert ("NUL" if word == _NUL else "255 bytes") in capsys.readouterr().err


@pytest.mark.parametrize("value", ["inf", "1e400", "nan", "9" * 400, "-inf"])
@pytest.mark.parametrize("option", ["--frames.cache_size_gb", "--frames.store_gigabytes"])
def test_a_size_that_no_disk_has(option: str, value: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    assert decode.main([str(tmp_path / "clip.mp4"), f"{option}={value}"]) == 2
    assert "frames.cache_size_gb must be" in capsys.readouterr().err
