"""The view of two videos as a widget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from carl_gui.commands.command import panel_action
from carl_gui.explore.pair.both_view import BothView
from carl_gui.explore.pair.commands import COMMANDS
from carl_gui.explore.pair.drive import DriveBox
from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.pair.lag_view import LagView
from carl_gui.explore.pair.model import Pair, missing_stretches
from carl_gui.explore.pair.read_out import facts_of, read_out, step_read_out, tips_of_facts, verdict_of
from carl_gui.explore.pair.strip import PathStrip
from carl_gui.models.metric_messages import metric_meaning, metric_tip
from carl_gui.models.overlay import Look
from carl_gui.models.rows import Choice
from carl_gui.player.player import PlayerPanel
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.facts import Facts
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import ElidedLabel, wrapped_label
from carl_gui.widgets.layouts import hbox, holder, section_title, splitter, stacked, vbox

_DOUBT = "⚠ "


class PairBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, swap: QAction, itself: QAction, parent: QWidget | None = None) -> None:
        """Create the box; its buttons swap the two, and compare A with itself."""
        super().__init__(parent)
        self._a, self._b = NameCombo(self.tr("Video A, the reference")), NameCombo(self.tr("Video B"))
        self.a_selected = self._a.selected
        self.b_selected = self._b.selected
        """The id of a video."""
        self._titles = section_title(self.tr("A, the reference"), self._a), section_title(self.tr("B"), self._b)
        self._swap, self._itself = QPushButton(self.tr("Swap A and B")), QPushButton(self.tr("A with itself"))
        self._itself.setToolTip(self.tr("Compare A with itself: shows what it repeats"))
        for button, action in ((self._swap, swap), (self._itself, itself)):
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
        self._facts, self._help = Facts(), HelpButton("metrics", self.tr("how good the alignment is"))
        self._verdict, self._note = (wrapped_label() for _ in range(2))
        for label in (self._verdict, self._note):
            label.setMinimumWidth(1)
        vbox(
            self._titles[0],
            self._a,
            self._titles[1],
            self._b,
            self._swap,
            self._itself,
            12,
            hbox((self._verdict, 1), (self._help, 0, Qt.AlignmentFlag.AlignTop)),
            self._facts,
            self._note,
            on=self,
            spacing=6,
        )
        self.set_result("", [], "")
        self._titles[0].set_ink("a")
        self._titles[1].set_ink("b")

    def add_below(self, section: QWidget) -> None:
        """Add a section at the bottom."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addSpacing(12)
        layout.addWidget(section)

    def set_videos(self, choices: Sequence[Choice], a: int | None, b: int | None) -> None:
        """Set the videos that can be compared, and those that are, by id. Hidden while there is nothing."""
        self.setVisible(bool(choices))
        self._a.set_choices(choices, a)
        self._b.set_choices(choices, b)

    @property
    def verdict(self) -> str:
        """The verdict on how well the two match."""
        return self._verdict.text().removeprefix(_DOUBT)

    def set_result(
        self, verdict: str, facts: Sequence[tuple[str, str]], note: str, *, is_doubtful: bool = False
    ) -> None:
        """Set the verdict, numbers with their captions, and a note on their origin; empty: none.

        Args:
            is_doubtful: whether the two may not show the same action; not shown by colour alone.
        """
        self._facts.set_facts(facts, tips_of_facts())
        self._verdict.setToolTip(metric_tip("confidence"))
        for label, text in ((self._verdict, verdict), (self._note, note)):
            label.setText(text)
            label.setVisible(bool(text))
        if is_doubtful and verdict:
            self._verdict.setText(f"{_DOUBT}{verdict}")
        self._help.setVisible(bool(verdict or facts))
        self._verdict.set_ink("warning" if is_doubtful else "text")


_PLAYERS, _BELOW = 360, 300
_HEATMAP, _STRIP = 400, 600
_SHARED = ("play", "shuttle_back", "shuttle_stop", "shuttle_on")
"""Commands of a player that act on both where neither has the focus."""
_STEPS = ("frame_back", "frame_on", "second_back", "second_on", "first_frame", "last_frame")


class PairPanel(QWidget):
    """Displays what `set_*` gives it and its parts; emits the requests of the user of both players together."""

    play_toggled = Signal()
    shuttled = Signal(int)
    """-1 backwards, 0 pause, 1 forwards; the same again is faster."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pair"))
        self.commands = COMMANDS.actions(self)
        self.choice = PairBox(self.commands["swap"], self.commands["itself"])
        self.a_player, self.b_player = PlayerPanel(), PlayerPanel()
        self.a_player.setAccessibleName(self.tr("Player of A"))
        self.b_player.setAccessibleName(self.tr("Player of B"))
        self.both, self.drive, self.strip = BothView(), DriveBox(self.commands), PathStrip()
        self.lags = LagView()
        self.heatmap = HeatmapView()
        self._read_out = ElidedLabel(is_sentence=True)
        self._read_out.set_meaning(metric_meaning("similarity"))
        self._pair: Pair | None = None
        self._names = ("", "")
        self._frames = (0, 0)
        self._notice = self._headline = ""
        self._scores: Sequence[NDArray[np.float64] | None] = (None, None)
        self._lay_out()
        self._share_commands()
        self.heatmap.hovered.connect(self._read)
        self.strip.hovered.connect(self._read_step)
        self.drive.play_toggled.connect(self.play_toggled)

    def _lay_out(self) -> None:
        for player in (self.a_player, self.b_player):
            player.set_compact(True)
        side_by_side = Qt.Orientation.Horizontal
        players = splitter("explore_players", side_by_side, [self.a_player, self.b_player], [300, 300])
        self._pictures = stacked(players, self.both)
        self._strips = stacked(self.strip, self.lags)
        path = holder(vbox(self.drive, (self._strips, 1), self._read_out, spacing=0))
        self._read_out.setContentsMargins(12, 2, 12, 6)
        below = splitter("explore_below", side_by_side, [self.heatmap, path], [_HEATMAP, _STRIP])
        sections = splitter("explore", Qt.Orientation.Vertical, [self._pictures, below], [_PLAYERS, _BELOW])
        self._below = below
        vbox(sections, on=self)

    def _share_commands(self) -> None:
        """Give both players the same keys; where neither has the focus, they act on both together."""
        handlers = dict(zip(_SHARED, (self.play_toggled.emit, *map(self._shuttle, (-1, 0, 1))), strict=True))
        self._together = {}
        for name, handler in (handlers | self.both.handlers).items():
            action = panel_action(self.both, self.a_player.commands[name].text(), [])
            action.triggered.connect(lambda _=False, handler=handler: handler())
            self._together[name] = action
        self._below.addActions([self._together[name] for name in _SHARED])
        self.both.addActions([self.a_player.commands[name] for name in _STEPS])  # which move both
        for name, action in self.a_player.commands.items():  # whose keys the person may change
            action.changed.connect(lambda name=name: self._share_keys(name))
            self._share_keys(name)

    def _shuttle(self, direction: int) -> object:
        return lambda: self.shuttled.emit(direction)

    @property
    def pictures(self) -> QWidget:
        """The first player, or the view of both."""
        return self.a_player if self._pictures.currentIndex() == 0 else self.both

    @property
    def read_out(self) -> str:
        """The text under the strip."""
        return self._read_out.full_text

    def set_pair(self, pair: Pair | None, a_name: str, b_name: str, notice: str = "", headline: str = "") -> None:
        """Show the two videos and how they correspond; None: that is not known yet.

        Args:
            notice: what else to know.
            headline: the text before the verdict.
        """
        sentences = notice, headline
        is_same = (pair, a_name, b_name, *sentences) == (self._pair, *self._names, self._notice, self._headline)
        if self._pair is not None and is_same:
            return
        self._pair, self._names, (self._notice, self._headline) = pair, (a_name, b_name), sentences
        self.heatmap.set_pair(pair, a_name, b_name)
        self.strip.set_pair(pair)
        self.lags.set_repetition(None if pair is None else pair.repetition)
        self._strips.setCurrentIndex(1 if pair is not None and pair.is_self else 0)
        self._show_lag()
        self.both.set_names(a_name, b_name)
        for side, player in enumerate((self.a_player, self.b_player)):
            player.set_missing([] if pair is None else missing_stretches(pair.has_partner[side]))
        facts, note = facts_of(pair)
        verdict = " ".join(one for one in (headline, verdict_of(pair)) if one)
        remarks = "\n\n".join(one for one in (note, notice) if one)
        self.choice.set_result(verdict, facts, remarks, is_doubtful=pair is not None and pair.is_doubtful)
        self._read()

    def set_frames(self, a_frame: int, b_frame: int) -> None:
        """Set the frames shown by the players."""
        self._frames = a_frame, b_frame
        self.heatmap.set_frames(a_frame, b_frame)
        self._show_badges()
        self._show_lag()
        self._read()

    def set_scores(self, scores: Sequence[NDArray[np.float64] | None]) -> None:
        """Set (A,) and (B,) how far each frame deviates, above 1 beyond the limit; None: unknown, or right."""
        self._scores = scores
        self._show_badges()

    def _show_badges(self) -> None:
        for score, frame, player in zip(self._scores, self._frames, (self.a_player, self.b_player), strict=True):
            value = float(score[frame]) if score is not None and frame < len(score) else 0.0
            player.view.set_badge(self.tr("deviates {0}×").format(f"{value:.1f}") if value > 1 else "")

    def set_frozen(self, is_a_frozen: bool, is_b_frozen: bool) -> None:
        """Set whether A, and B, is frozen, because the other one's frame has no match in it."""
        self.a_player.set_caption(self.tr("no match in A") if is_a_frozen else "")
        self.b_player.set_caption(self.tr("no match in B") if is_b_frozen else "")
        self.both.set_frozen((is_a_frozen, is_b_frozen))

    def set_look(self, look: Look, b_share: float, *, is_mirrored: bool) -> None:
        """Set how both are shown; the players do the mirroring."""
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self._pictures.isAncestorOf(focused)
        self.both.set_look(look, b_share)
        self._pictures.setCurrentIndex(0 if look == "side" else 1)
        self.drive.set_look(look, b_share, is_mirrored=is_mirrored)
        if had_focus:
            self.pictures.setFocus()

    def _show_lag(self) -> None:
        pair = self._pair
        if pair is not None and pair.is_self:
            a_seconds, b_seconds = (pair.a.middle(min(frame, len(pair.a) - 1)) for frame in self._frames)
            self.lags.set_lag(abs(b_seconds - a_seconds))

    def _read(self, a_frame: int = -1, b_frame: int = -1) -> None:
        """Show the time and frame of each under the mouse, or else the current ones of the players."""
        a_frame, b_frame = (a_frame, b_frame) if a_frame >= 0 else self._frames
        self._read_out.set_full_text(read_out(self._pair, a_frame, b_frame))

    def _read_step(self, step: int) -> None:
        if step < 0 or self._pair is None:
            self._read()
        else:
            self._read_out.set_full_text(step_read_out(self._pair, step))

    def _share_keys(self, name: str) -> None:
        keys = self.a_player.commands[name].shortcuts()
        for action in (self.b_player.commands[name], self._together.get(name)):
            if action is not None and keys != action.shortcuts():
                action.setShortcuts(keys)
