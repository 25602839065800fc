"""Read untrusted XML: no document type, so no entities and no downloads; every element knows its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from core.base.errors import LabelError
from core.base.text_files import missing


@dataclass
class Document:
    """The root, and the line number of each element."""

    root: ElementTree.Element
    lines: dict[ElementTree.Element, int] = field(repr=False)


class _DoctypeError(Exception):
    """Raised to stop parsing at a DOCTYPE."""


def read_xml(path: Path) -> Document:
    """Read XML in UTF-8, UTF-16, or the encoding of its declaration.

    Raises:
        LabelError: it cannot be read, is no XML, or has a DOCTYPE.
    """
    builder, lines = ElementTree.TreeBuilder(), dict[ElementTree.Element, int]()
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start_element(tag: str, attributes: dict[str, str]) -> None:
        lines[builder.start(tag, attributes)] = parser.CurrentLineNumber

    def refuse(*_: object) -> None:
        raise _DoctypeError

    parser.StartElementHandler = start_element
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(path.read_bytes(), True)
    except FileNotFoundError as error:
        raise LabelError(missing(path)) from error
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}). Give another file.") from error
    except (expat.ExpatError, LookupError, ValueError) as error:
        reason = expat.errors.messages.get(getattr(error, "code", 0), str(error))
        raise LabelError(
            f"{path.name}, line {parser.CurrentLineNumber}: not XML ({reason}). Save it again with the program that "
            "made it."
        ) from error
    except _DoctypeError:
        raise LabelError(
            f"{path.name}, line {parser.CurrentLineNumber}: a DOCTYPE is refused, because it may be harmful. Such "
            "files have none. Remove it."
        ) from None
    return Document(builder.close(), lines)
