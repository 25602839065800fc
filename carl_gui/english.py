"""English plurals, where no other language is installed: `tr("%n video(s)", "", 1)` reads `1 video`."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QTranslator

from carl_gui.numbers import count

_ENDING = re.compile(r"(?<=\w)\((\w{1,3})\)")
_EITHER = re.compile(r"\((\w+)\|(\w+)\)")


class English(QTranslator):
    """Chooses the form for a number and groups its digits; leaves every other text unchanged.

    `video(s)` and `stretch(es)` have an ending for all numbers but 1; of `(was|were)` the first is for 1. Translations
    into other languages, which are installed later and so are asked first, have their own forms, as Qt's tools make
    them.
    """

    def isEmpty(self) -> bool:  # noqa: N802
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        """Return the text for `n`; None, so that the source stands, where no number is given."""
        return choose_plural(source, n) if n >= 0 else None


def choose_plural(source: str, number: int) -> str:
    """Return `source` with the forms for `number`, and the number itself for `%n`."""
    one = number == 1
    text = _EITHER.sub(lambda found: found[1] if one else found[2], source)
    text = _ENDING.sub("" if one else r"\1", text)
    return text.replace("%n", count(number))


def speak_english(app: QCoreApplication) -> None:
    """Install the plurals in the application; once is enough."""
    if app.findChild(English) is None:
        app.installTranslator(English(app))
