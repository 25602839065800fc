"""Save and load a map as NPZ: only numbers and text, nothing executable."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.arrays import load_arrays
from core.base.errors import StorageError
from core.base.files import replacing
from core.map.frame_map import MAP_METHODS, FrameMap

_FORMAT_VERSION = 1


def write_map(path: Path, made: FrameMap, videos: Sequence[str] = ()) -> None:
    """Write it; the file is whole or as it was.

    method, encoder_digest, videos (V,) as given or empty, digests (V,), num_frames (V,), positions (N, 2) float32,
    shares (2,) or empty, num_landmarks, trustworthiness (NaN: not known), format_version.

    Args:
        videos: what they are called, by `core.video.names.distinct_names`.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            format_version=_FORMAT_VERSION,
            method=made.method,
            encoder_digest=made.encoder_digest,
            videos=np.array([_readable(name) for name in videos], dtype=np.str_),
            digests=np.array(made.digests, dtype=np.str_),
            num_frames=np.array(made.num_frames, np.int64),
            positions=made.positions,
            shares=np.array(made.shares or (), np.float64),
            num_landmarks=made.num_landmarks,
            trustworthiness=np.nan if made.trustworthiness is None else made.trustworthiness,
        )


def _readable(text: str) -> str:
    """Return the text with question marks for invalid characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_map(path: Path) -> FrameMap:
    """Read what `write_map` wrote. StorageError: it is missing, damaged or of a newer version."""
    try:
        held = load_arrays(path)
        if int(held["format_version"]) > _FORMAT_VERSION:
            raise ValueError(f"its format {int(held['format_version'])} is newer than this program")
        method = next(known for known in MAP_METHODS if known == str(held["method"]))
        true = float(held["trustworthiness"])
        shares = held["shares"].astype(np.float64)
        return FrameMap(
            method,
            str(held["encoder_digest"]),
            tuple(str(digest) for digest in held["digests"]),
            tuple(int(count) for count in held["num_frames"]),
            held["positions"].astype(np.float32),
            (float(shares[0]), float(shares[1])) if len(shares) else None,
            int(held["num_landmarks"]),
            None if np.isnan(true) else true,
        )
    except StopIteration as error:
        raise StorageError(f"The map {path} cannot be opened (its method is unknown). Make it again.") from error
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise StorageError(f"The map {path} cannot be opened ({error}). Make it again.") from error
