"""Names of documents: what a person sees, what a citation says, what a download is called."""

from __future__ import annotations

import re
import unicodedata

from tenants.errors import FieldError, Invalid

LONGEST = 200
_BRACKETS = str.maketrans("[]", "()")  # square brackets frame a citation


def document_name(given: str) -> str:
    """The file's own name without folders, control and direction characters, as one line.

    Raises Invalid when nothing is left or it is too long.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1].translate(_BRACKETS)
    visible = "".join(
        " " if character.isspace() else character for character in base if character.isspace() or _shows(character)
    )
    name = " ".join(visible.split())
    if not name.strip("."):
        raise _refused("Give the file a name, such as report.pdf.")
    if len(name) > LONGEST:
        raise _refused(f"The file's name has {len(name)} characters; {LONGEST} are allowed.")
    return name


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _refused(detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError("file", "bad_name", detail)])
