"""Light and dark themes: every colour of the window, and how they are applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from core.base.colours import ON_DARK, ON_LIGHT

Theme = Literal["light", "dark", "system"]
THEMES: tuple[Theme, ...] = get_args(Theme)


@dataclass(frozen=True)
class ThemeColours:
    """The colours of one theme, as `#rrggbb`; `written` lists which text colour is used on which background."""

    window: str
    base: str
    """Behind lists, text fields and plots."""
    alternate_base: str
    text: str
    muted_text: str
    disabled_text: str
    button: str
    border: str
    accent: str
    """Behind what is chosen."""
    accent_text: str
    curve: str
    """Lines of a plot, links, and what is on."""
    warning: str
    series: tuple[str, ...]
    """Lines of a plot that are told apart, colour-blind people included; the first is `curve`."""
    pair: tuple[str, str]
    """Video A and video B, as in every picture and film that is written."""

    def text_pairs(self) -> list[tuple[str, str]]:
        """Return (text, background) wherever people read; disabled text is exempt, as in WCAG 1.4.3."""
        backgrounds = (self.window, self.base, self.alternate_base, self.button)
        inks = (self.text, self.muted_text, self.warning)
        links = [(self.curve, self.base), (self.curve, self.window)]
        return [(ink, behind) for ink in inks for behind in backgrounds] + [(self.accent_text, self.accent), *links]


LIGHT = ThemeColours(
    window="#f3f6f6",
    base="#ffffff",
    alternate_base="#f0f4f4",
    text="#162120",
    muted_text="#526160",
    disabled_text="#8e9a99",
    button="#e8eded",
    border="#c2cccb",
    accent="#1b6f6c",
    accent_text="#ffffff",
    curve="#1b7a76",
    warning="#a3271d",
    series=("#1b7a76", "#cc6600", "#7733bb", "#004488", "#661100", "#222222"),
    pair=ON_LIGHT,
)
DARK = ThemeColours(
    window="#1c2223",
    base="#131819",
    alternate_base="#181e1f",
    text="#e7eded",
    muted_text="#a5b3b2",
    disabled_text="#6d7a79",
    button="#293133",
    border="#3d484a",
    accent="#1d6f6c",
    accent_text="#ffffff",
    curve="#5cc6c0",
    warning="#ff9288",
    series=("#5cc6c0", "#ee8866", "#b08cff", "#eecc66", "#aaaa00", "#ffffff"),
    pair=ON_DARK,
)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def palette_of(colours: ThemeColours) -> QPalette:
    """Return these colours in Qt's roles."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette(QColor(colours.button), QColor(colours.window))
    roles = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.base,
        role.AlternateBase: colours.alternate_base,
        role.Text: colours.text,
        role.Button: colours.button,
        role.ButtonText: colours.text,
        role.PlaceholderText: colours.muted_text,
        role.ToolTipBase: colours.button,
        role.ToolTipText: colours.text,
        role.BrightText: colours.warning,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.accent_text,
        role.Link: colours.curve,
        role.LinkVisited: colours.curve,
        role.Mid: colours.border,
        role.Accent: colours.accent,
    }
    for which, colour in roles.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, which, QColor(colours.disabled_text))
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.border))
    return palette


def colours_of(palette: QPalette) -> ThemeColours:
    """Return which look this palette is of: the dark one where its window is darker than its text."""
    role = QPalette.ColorRole
    dark = palette.color(role.Window).lightness() < palette.color(role.WindowText).lightness()
    return DARK if dark else LIGHT


def wrong_field(palette: QPalette) -> str:
    """Return the style sheet of a field whose text cannot be taken."""
    return f"border: 1px solid {colours_of(palette).warning}; border-radius: 3px;"


class ThemeManager(QObject):
    """Applies the theme, and follows the system's if asked to."""

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._theme: Theme = "system"
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def theme(self) -> Theme:
        return self._theme

    def apply_theme(self, theme: Theme) -> None:
        """Apply this theme from now on, in title bars too where the system lets us."""
        self._theme = theme
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}
        hints = QGuiApplication.styleHints()
        if hasattr(hints, "setColorScheme"):  # since Qt 6.8
            hints.setColorScheme(schemes[theme])
        self._update_palette()

    def _follow_system(self) -> None:
        if self._theme == "system":
            self._update_palette()

    def _update_palette(self) -> None:
        system_is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self._theme == "dark" or (self._theme == "system" and system_is_dark)
        palette = palette_of(DARK if dark else LIGHT)
        self._app.setPalette(palette)
        if dark:  # a handle in the colour of buttons could hardly be seen
            palette.setColor(QPalette.ColorRole.Button, QColor(DARK.disabled_text))
        of_class: Any = self._app.setPalette  # PySide's stubs ask for bytes, which it refuses
        of_class(palette, "QSlider")
