"""Texts of tables: found by translators where they stand, translated where they are shown."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802
    """Return `text`: as Qt's function, whose type is `object`, and under its name, by which `pyside6-lupdate` goes.

    Args:
        context: under which translators find it, a literal.
        text: untranslated, a literal.
    """
    return text
