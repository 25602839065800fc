"""Join folders of embeddings into one packed folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import CheckpointError, ConfigError
from core.base.events import Notice, Sink, ignore
from core.base.progress import Meter
from core.embedding.folder import each_embedded, is_embedded, is_packed, precision_of, read_card
from core.embedding.packing import Added, PackedWriter


def merge(
    out: Path,
    folders: Sequence[Path],
    precision: str | None = None,
    sink: Sink = ignore,
    control: Control | None = None,
) -> None:
    """Add the videos of folders that `core.embed` wrote to a packed folder; each once, and what is there already stays.

    Where folders, `out` first, disagree on a video, the last one counts, and a notice says so. Run again, it goes on.

    Args:
        precision: `float32` or `float16`; None: that of the first packed folder, else float32.

    Raises:
        ConfigError: there is no folder, or one was not written by `core.embed`.
        CheckpointError: they were made with different encoders.
        StorageError: one is damaged, or the disk refuses.
        Stopped: `control` asked for it; what was added stays.
    """
    control = control or Control()
    if other := next((folder for folder in folders if not is_embedded(folder)), None):
        raise ConfigError(f"{other} has no embeddings. Give folders written by core.embed.")
    cards = {folder: read_card(folder) for folder in folders}
    encoders = {card.encoder_digest: folder for folder, card in reversed(cards.items())}
    if len(encoders) > 1:
        (one, first), (two, second) = list(encoders.items())[:2]
        raise CheckpointError(
            f"{first} holds embeddings of another encoder (digest {one[:8]}) than {second} (digest {two[:8]}). Embed "
            "both with the same one."
        )
    (encoder_digest,) = encoders
    if is_embedded(out) and not is_packed(out):
        raise ConfigError(f"{out} has a file per video. Choose another folder for --out, and name {out} after --merge.")
    last = {digest: number for number, card in enumerate(cards.values()) for digest in card.digests}
    meter = Meter(sink, "merge", sum(len(card.digests) for card in cards.values()), "video")
    differing: list[Path] = []
    with PackedWriter(out, encoder_digest, precision or precision_of([out, *folders])) as writer:
        for number, (folder, card) in enumerate(cards.items()):
            own = {digest for digest in card.digests if last[digest] == number}
            for video, known in each_embedded(folder, encoder_digest, own):
                control.obey()
                if writer.add(video, known) is Added.SUPERSEDES:
                    differing.append(video.path)
                meter.add()
        for number, (folder, card) in enumerate(cards.items()):
            again = {digest for digest in card.digests if last[digest] != number}
            for video, _ in each_embedded(folder, encoder_digest, again) if again else ():
                control.obey()
                if not writer.has_rows(video):
                    differing.append(video.path)
                writer.add_path(video.path, video.digest)
                meter.add()
    if differing:
        more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
        sink(Notice(f"The folders have different embeddings of {differing[0]}{more}; those of the last folder count."))
