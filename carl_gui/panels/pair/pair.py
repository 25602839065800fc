"""The view in which two performances are seen side by side, with how they correspond."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carl_gui.models.pair import Pair
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.pair.heatmap import HeatmapView
from carl_gui.panels.pair.pair_box import PairBox
from carl_gui.panels.pair.pair_commands import COMMANDS, CONTEXT
from carl_gui.panels.panel_action import panel_action
from carl_gui.panels.player.moments import clock
from carl_gui.panels.player.player import PlayerPanel
from carl_gui.panels.splitting import splitter

_PLAYERS, _HEATMAP = 430, 560


class PairPanel(QWidget):
    """Shows what `set_*` gives it and its parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pair"))
        self.commands = {
            command.name: panel_action(self, QCoreApplication.translate(CONTEXT, command.text), [command.key])
            for command in COMMANDS
        }
        self.choice = PairBox(self.commands["swap"])
        self.a_player, self.b_player = PlayerPanel(), PlayerPanel()
        self.a_player.setAccessibleName(self.tr("Player of A"))
        self.b_player.setAccessibleName(self.tr("Player of B"))
        for name, action in self.a_player.commands.items():  # whose keys the person may change
            action.changed.connect(lambda name=name: self._share_keys(name))
        self.heatmap = HeatmapView()
        self._read_out = ElidedLabel()
        self._pair: Pair | None = None
        self._names = ("", "")
        self._frames = (0, 0)
        self._lay_out()
        self.heatmap.hovered.connect(self._read)

    def _lay_out(self) -> None:
        for player in (self.a_player, self.b_player):
            player.set_compact(True)
        players = splitter("explore_players", Qt.Orientation.Vertical, [self.a_player, self.b_player], [300, 300])
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heatmap, 1)
        column.addWidget(self._read_out)
        self._read_out.setContentsMargins(12, 4, 12, 8)
        views = splitter("explore", Qt.Orientation.Horizontal, [players, right], [_PLAYERS, _HEATMAP])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(views)

    @property
    def read_out(self) -> str:
        """What stands under the heatmap."""
        return self._read_out.full_text

    def set_pair(self, pair: Pair | None, a_name: str, b_name: str) -> None:
        """Show the two videos and how they correspond; None: that is not known yet."""
        if self._pair is not None and (pair, a_name, b_name) == (self._pair, *self._names):
            return
        self._pair, self._names = pair, (a_name, b_name)
        self.heatmap.set_pair(pair, a_name, b_name)
        self.choice.set_result(self._facts(pair), self._note(pair))
        self._read()

    def set_frames(self, a_frame: int, b_frame: int) -> None:
        """Which frames the players show."""
        self._frames = a_frame, b_frame
        self.heatmap.set_frames(a_frame, b_frame)
        self._read()

    def _facts(self, pair: Pair | None) -> list[tuple[str, str]]:
        if pair is None:
            return []
        tempo = pair.a.duration_seconds / pair.b.duration_seconds
        return [
            (self.tr("Mean cosine on the path"), f"{pair.mean_cosine:.2f}".replace("-", "−")),
            (self.tr("B's tempo against A"), f"{tempo:.2f}×"),
        ]

    def _note(self, pair: Pair | None) -> str:
        if pair is None or pair.band is None:
            return ""
        return self.tr(
            "These videos are too long to compare every frame with every other: matched frames lie at most "
            "{0} % of a video apart."
        ).format(f"{pair.band * 100:.2g}")

    def _read(self, a_frame: int = -1, b_frame: int = -1) -> None:
        """Time and frame of each under the mouse, or else of what the players show."""
        pair = self._pair
        if pair is None:
            self._read_out.set_full_text(self.tr("Comparing…"))
            return
        a_frame, b_frame = (a_frame, b_frame) if a_frame >= 0 else self._frames
        a_frame, b_frame = min(a_frame, len(pair.a) - 1), min(b_frame, len(pair.b) - 1)
        self._read_out.set_full_text(
            self.tr("A {0} · {1}   B {2} · {3}   cosine {4}").format(
                clock(float(pair.a.edges_seconds[a_frame])),
                a_frame,
                clock(float(pair.b.edges_seconds[b_frame])),
                b_frame,
                f"{pair.cosine_of(a_frame, b_frame):.2f}".replace("-", "−"),
            )
        )

    def _share_keys(self, name: str) -> None:
        """Both players are told by the same keys: by those of the one that has the focus."""
        keys = self.a_player.commands[name].shortcuts()
        if keys != self.b_player.commands[name].shortcuts():
            self.b_player.commands[name].setShortcuts(keys)
