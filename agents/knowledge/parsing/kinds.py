"""Which files we read, told by name and checked against the first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from agents.knowledge.parsing.errors import NoText, NotWhatItSays, UnsupportedType

MAX_BYTES = 25 * 1024 * 1024
HEAD_BYTES = 4096  # enough of a file for `kind_of`


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file. `magic` is what its first bytes must hold; text has none."""

    name: str
    label: str
    media_type: str
    extensions: tuple[str, ...]
    magic: bytes = b""


PDF = Kind("pdf", "a PDF", "application/pdf", (".pdf",), b"%PDF-")
DOCX = Kind(
    "docx",
    "a Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    (".docx",),
    b"PK\x03\x04",
)
MARKDOWN = Kind("markdown", "a Markdown file", "text/markdown", (".md", ".markdown"))
HTML = Kind("html", "an HTML page", "text/html", (".html", ".htm"))
CSV = Kind("csv", "a CSV table", "text/csv", (".csv",))
TEXT = Kind("text", "a text file", "text/plain", (".txt", ".text"))

KINDS = (PDF, DOCX, MARKDOWN, HTML, CSV, TEXT)
_BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}

# What a file may be instead of what its name says.
_KNOWN_HEADS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"{\\rtf", "an RTF document"),
)


def kind_of(name: str, head: bytes) -> Kind:
    """The kind of the file `name`, whose first HEAD_BYTES are `head`.

    Raises UnsupportedType for an unknown ending, NotWhatItSays when the content contradicts the name, NoText when there is none.
    """
    kind = _BY_EXTENSION.get(PurePath(name.lower()).suffix)
    if kind is None:
        endings = ", ".join(extension for known in KINDS for extension in known.extensions)
        raise UnsupportedType(f"“{name}” cannot be read: Guildhall reads files that end in {endings}.")
    if not head:
        raise NoText(f"“{name}” is empty.")
    if not _fits(kind, head):
        raise NotWhatItSays(
            f"“{name}” is not {kind.label}: {_seen(head)}. Upload the original file under its own ending."
        )
    return kind


def _fits(kind: Kind, head: bytes) -> bool:
    if kind is PDF:
        return kind.magic in head[:1024]  # readers accept up to 1,024 bytes before the mark
    if kind.magic:
        return head.startswith(kind.magic)
    return _look(head) is None


def _look(head: bytes) -> str | None:
    return next((label for magic, label in _KNOWN_HEADS if head.startswith(magic)), None)


def _seen(head: bytes) -> str:
    label = _look(head)
    if label:
        return f"its content is that of {label}"
    if head.lstrip()[:1] == b"<":
        return "its content is HTML or XML"
    start = head[:16].decode("utf-8", "replace").partition("\n")[0]
    return f"it begins with “{start}”" if start.isprintable() else f"it begins with the bytes {head[:8].hex(' ')}"
