"""Word documents (docx): the text of the main part, by headings.

A docx is a ZIP archive of XML. The archive is measured before anything is unpacked, and a document type declaration, the door
to entity bombs and outside files, is refused: no docx that Word writes has one.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TypeVar
from xml.parsers import expat

from agents.knowledge.parsing.errors import Damaged, Encrypted, TooLarge
from agents.knowledge.parsing.sections import Headed, Section, clean, place_by_heading

MAX_ENTRIES = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 50  # how much smaller than its content an archive may be, once the content is large
_LARGE = 10 * 1024 * 1024
_MAIN = "word/document.xml"
_STYLES = "word/styles.xml"
_HEADING_STYLE = re.compile(r"heading ?([1-6])", re.IGNORECASE)


def read_docx(data: bytes, name: str) -> tuple[Section, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _measure(archive, len(data), name)
            styles = _read(archive, _STYLES, _Styles()).levels if _STYLES in archive.namelist() else {}
            parts = _read(archive, _MAIN, _Body(styles)).finish()
    except KeyError as error:
        raise Damaged(f"“{name}” is not a Word document: it has no {_MAIN} inside.") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, expat.ExpatError) as error:
        raise Damaged(f"“{name}” is damaged: {error}. Open it in Word, save it again and upload that copy.") from error
    return place_by_heading(parts)


def _measure(archive: zipfile.ZipFile, packed: int, name: str) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"“{name}” holds {len(entries):,} files inside; {MAX_ENTRIES:,} are allowed.")
    if unpacked > MAX_UNPACKED or (unpacked > _LARGE and unpacked > packed * MAX_RATIO):
        raise TooLarge(f"“{name}” unpacks to {unpacked / 1024**2:,.0f} MB, more than a document of its size may.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Encrypted(f"“{name}” is protected by a password. Save it without one and upload that copy.")


class _Handler:
    """Receives the elements of one XML part; names come without their namespace."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...


_H = TypeVar("_H", bound=_Handler)


class _Styles(_Handler):
    """Which style ids are headings of which level; ids are translated in local versions of Word, names are not."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self._style = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self._style = attributes.get("styleId", "")
        elif tag == "name" and (found := _HEADING_STYLE.fullmatch(attributes.get("val", ""))):
            self.levels[self._style] = int(found[1])


class _Body(_Handler):
    """Collects paragraphs and table rows under their headings."""

    def __init__(self, levels: dict[str, int]) -> None:
        self._levels = levels
        self._parts: list[Headed] = []
        self._lines: list[str] = []
        self._words: list[str] = []
        self._current = (0, "")
        self._heading_level = 0
        self._rows = 0
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "pStyle":
            self._heading_level = self._levels.get(attributes.get("val", ""), 0)
        elif tag == "tr":
            self._rows += 1
        elif tag in {"tab", "br", "cr"} and not self._in_text:
            self._words.append(" ")
        self._in_text = tag == "t"

    def data(self, text: str) -> None:
        if self._in_text:
            self._words.append(text)

    def end(self, tag: str) -> None:
        self._in_text = False
        if tag == "p":
            self._end_paragraph()
        elif tag == "tc":
            self._words.append(" | ")
        elif tag == "tr":
            self._rows -= 1
            self._lines.append(self._taken().strip(" |"))

    def _end_paragraph(self) -> None:
        if self._rows:
            self._words.append(" ")
        elif self._heading_level:
            self._parts.append(Headed(*self._current, "\n\n".join(self._lines)))
            self._current, self._lines = (self._heading_level, self._taken()), []
        else:
            self._lines.append(self._taken())
        self._heading_level = 0

    def _taken(self) -> str:
        text, self._words = " ".join("".join(self._words).split()), []
        return clean(text)

    def finish(self) -> list[Headed]:
        return [*self._parts, Headed(*self._current, "\n\n".join(line for line in self._lines if line))]


def _read(archive: zipfile.ZipFile, part: str, handler: _H) -> _H:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: handler.start(
        _local(tag), {_local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda tag: handler.end(_local(tag))
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse_declaration
    with archive.open(part) as stream:
        while piece := stream.read(1 << 16):
            parser.Parse(piece, False)  # noqa: FBT003  expat takes no keyword here
    parser.Parse(b"", True)  # noqa: FBT003
    return handler


def _refuse_declaration(*_: object) -> None:
    raise Damaged("This Word document declares its own document type, which no word processor does. It was not opened.")


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]
