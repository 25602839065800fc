"""The frames of both players combined in one picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from carl_gui.models.overlay import Look, overlay
from carl_gui.player.frame_view import FrameView
from carl_gui.player.player import ZOOM_STEP
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import hbox, vbox
from core.base.types import Image


class BothView(QWidget):
    """Shows what `set_*` gives it; draws nothing while both are looked at side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Both videos in one picture"))
        self.view = FrameView(self)
        self.setFocusProxy(self.view)
        self._captions = ElidedLabel(), ElidedLabel()
        self._images: list[Image | None] = [None, None]
        self._look: Look = "side"
        self._b_share = 0.5
        self._size = (0, 0)
        self._frozen = (False, False)
        self._names = ("", "")
        vbox(
            hbox(*((caption, 1) for caption in self._captions), margins=(8, 5, 8, 3), spacing=16),
            (self.view, 1),
            on=self,
            margins=(0, 0, 0, 6),
            spacing=2,
        )

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """The handlers of the player commands that it supports, by name."""
        view = self.view
        return {
            "zoom_in": lambda: view.set_zoom(view.zoom * ZOOM_STEP),
            "zoom_out": lambda: view.set_zoom(view.zoom / ZOOM_STEP),
            "zoom_fit": view.fit,
            "zoom_pixels": lambda: view.set_zoom(1.0),
        }

    def set_names(self, a_name: str, b_name: str) -> None:
        """Set the names of the two videos."""
        self._names = a_name, b_name
        self._show_captions()

    def set_look(self, look: Look, b_share: float) -> None:
        """Set how they are combined, and the share of B, 0 to 1."""
        if (look, b_share) != (self._look, self._b_share):
            self._look, self._b_share = look, b_share
            self._draw()

    def set_frozen(self, frozen: tuple[bool, bool]) -> None:
        """Set whether A, and B, is frozen, because the other one's frame has no match; then only the other is shown."""
        if frozen != self._frozen:
            self._frozen = frozen
            self._show_captions()
            self._draw()

    @property
    def captions(self) -> tuple[str, str]:
        """The captions of A and of B above the picture."""
        a, b = (caption.full_text for caption in self._captions)
        return a, b

    def set_image(self, side: int, image: Image | None) -> None:
        """Set the picture of A (0) or B (1), (H, W, 3) RGB; None: nothing."""
        self._images[side] = image
        self._draw()

    def _show_captions(self) -> None:
        plain = self.tr("A · {0}"), self.tr("B · {0}")
        no_match = self.tr("A · no match · {0}"), self.tr("B · no match · {0}")
        for side, caption in enumerate(self._captions):
            template = no_match[side] if self._frozen[side] else plain[side]
            caption.set_full_text(template.format(self._names[side]))

    def _draw(self) -> None:
        if self._look == "side":
            return
        a, b = self._images
        if a is None or b is None:
            missing = self.tr("A has no picture.") if a is None else self.tr("B has no picture.")
            self.view.set_sentence(missing)
            return
        visible_side = self._frozen.index(False) if any(self._frozen) else None
        look, b_share = (self._look, self._b_share) if visible_side is None else ("blend", float(visible_side))
        both = overlay(a, b, look, b_share)
        size = both.shape[1], both.shape[0]
        is_larger = size > self._size and self.view.fits  # a stored frame came first
        if is_larger or _proportions(size) != _proportions(self._size):
            self._size = size
            self.view.set_video_size(*size)
        self.view.set_image(both)


def _proportions(size: tuple[int, int]) -> float:
    """Return the rounded aspect ratio; those of stored frames and of the file's differ slightly."""
    return round(size[0] / size[1], 1) if size[1] else 0.0
