"""The sheet of hits takes any name and shape."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.base.errors import StorageError
from core.base.types import Image
from core.pictures.grid import Found, write_grid
from tests.conftest import numbered_image

ODD_NAME = "\udcff\n$x_1$ " + "long " * 50 + "跑步.mp4"


def one(name: str, image: Image | None, cosine: float | None = None) -> Found:
    return Found(name, [image], [4.25], ("frame 12345",), cosine)


def strip(name: str, image: Image | None, cosine: float | None = None) -> Found:
    return Found(name, [image] * 5, [0.0, 1.0, 2.0, 3.0, 4000.0], ("frames 1 to 12345", "2.00 seconds"), cosine)


@pytest.mark.parametrize(("width", "height"), [(16, 16), (900, 60), (33, 700), (1921, 1081)])
@pytest.mark.parametrize("make", [one, strip])
def test_every_shape_and_name_fits(tmp_path: Path, width: int, height: int, make: type[Found]) -> None:
    odd, plain = numbered_image(3, width, height), numbered_image(4)
    write_grid(tmp_path / "x.png", make(ODD_NAME, odd), [make("", plain, -1.0), make(ODD_NAME, odd, 1.0)])
    image = cv2.imread(str(tmp_path / "x.png"))
    assert image.shape[1] < 1400
    assert image.shape[0] < 1000


def background(image: Image) -> bool:
    return bool((image == image[0, 0]).all())


@pytest.mark.parametrize("make", [one, strip])
def test_nothing_reaches_into_the_margin(tmp_path: Path, make: type[Found]) -> None:
    upright, wide = numbered_image(3, 90, 160), numbered_image(4, 160, 90)
    pictures = [upright, None, wide] * 7
    write_grid(tmp_path / "x.png", make(ODD_NAME, wide), [make(ODD_NAME, picture, 0.5) for picture in pictures[:20]])
    image = cv2.imread(str(tmp_path / "x.png"))
    for side in (image[:20], image[-20:], image[:, :20], image[:, -20:]):
        assert background(side)


@pytest.mark.parametrize(("hits", "columns"), [(1, 1), (2, 2), (5, 3), (20, 5)])
def test_the_grid_grows_in_both_directions(tmp_path: Path, hits: int, columns: int) -> None:
    picture = numbered_image(3)
    write_grid(tmp_path / "x.png", one("a", picture), [one("b", picture, 0.5)] * hits)
    image = cv2.imread(str(tmp_path / "x.png"))
    assert image.shape[1] == 24 + 300 + 32 + columns * 316 - 16 + 24
    assert image.shape[0] == 48 + -(-hits // columns) * (225 + 52 + 16) - 16


def test_the_best_hit_stands_first(tmp_path: Path) -> None:
    shades = [np.full((48, 64, 3), 40 + 20 * rank, np.uint8) for rank in range(5)]
    write_grid(tmp_path / "x.png", one("a", shades[0]), [one("b", shade, 0.5) for shade in shades[1:]])
    image = cv2.imread(str(tmp_path / "x.png"))
    left, down = 24 + 300 + 32, 225 + 52 + 16
    found = [int(image[100 + row * down, left + 50 + column * 316, 0]) for row in range(2) for column in range(3)]
    assert found[0] == 60
    assert int(image[100, 100, 0]) == 40


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="something else has that name"):
        write_grid(tmp_path / "file" / "x.png", one("a", numbered_image(1)), [])
