"""PDF files, page by page. The only importer of pypdf."""

from __future__ import annotations

import io
import re
from collections import Counter

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from agents.knowledge.parsing.errors import Damaged, Encrypted, NoText, TooLarge
from agents.knowledge.parsing.sections import MAX_TEXT, Section, clean

MAX_PAGES = 1_000
_BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    AssertionError,
    ZeroDivisionError,
)
# what pypdf raises, besides its own errors, when the structure of a file is not what it expects


def read_pdf(data: bytes, name: str) -> tuple[tuple[Section, ...], int]:
    """Sections `p. <n>` of the pages that have text, and the number of pages."""
    try:
        texts = _texts(_opened(data, name), name)
    except LimitReachedError as error:
        raise TooLarge(f"“{name}” unpacks to more than a document may hold ({error}).") from error
    except (DependencyError, FileNotDecryptedError) as error:
        raise _locked(name) from error
    except _BROKEN as error:
        raise Damaged(f"“{name}” is a damaged PDF ({error}). Print it to PDF again and upload that copy.") from error
    if not any(text.strip() for text in texts):
        raise NoText(
            f"“{name}” has pages ({len(texts)}) but no text: they are pictures. Run text recognition (OCR) on it and upload the result."
        )
    bare = _without_running_lines(texts)
    return tuple(
        Section(text=text, locator=f"p. {number}") for number, text in enumerate(bare, 1) if text.strip()
    ), len(texts)


def _opened(data: bytes, name: str) -> PdfReader:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(
        ""
    ):  # an empty password opens files that are only locked against changes
        raise _locked(name)
    return reader


def _locked(name: str) -> Encrypted:
    return Encrypted(f"“{name}” is protected by a password. Save it without one and upload that copy.")


def _texts(reader: PdfReader, name: str) -> list[str]:
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise TooLarge(f"“{name}” has {count:,} pages; {MAX_PAGES:,} are allowed. Split it and upload the parts.")
    texts: list[str] = []
    size = 0
    for page in reader.pages:
        texts.append(clean(page.extract_text()))
        size += len(texts[-1])
        if size > MAX_TEXT:
            raise TooLarge(f"“{name}” holds more than {MAX_TEXT:,} characters of text. Split it and upload the parts.")
    return texts


def _without_running_lines(texts: list[str]) -> list[str]:
    """Pages without the header or footer that repeats, but for its numbers, on at least three of them and on most."""
    seen = Counter(_shape(line) for text in texts for line in _edges(text))
    running = {shape for shape, count in seen.items() if shape and count >= 3 and count * 2 > len(texts)}
    return ["\n".join(_trim(text.strip().split("\n"), running)).strip() for text in texts]


def _edges(text: str) -> set[str]:
    lines = text.strip().split("\n")
    return {lines[0], lines[-1]}


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _trim(lines: list[str], running: set[str]) -> list[str]:
    start = 1 if _shape(lines[0]) in running else 0
    end = len(lines) - 1 if len(lines) > 1 and _shape(lines[-1]) in running else len(lines)
    return lines[start:end]
