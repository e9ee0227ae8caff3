"""From files that somebody sent to pictures that a run may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import File

from agents.knowledge.naming import document_name
from agents.pictures.formats import PictureFault, cleaned
from agents.pictures.limits import MOST, MOST_BYTES
from agents.pictures.picture import Picture, Reference
from tenants.access import Member, require_builder
from tenants.errors import DomainError, FieldError, Invalid, TooLarge

FIELD = "pictures"
LONGEST_NAME = 100
_MB = 1024**2


def take_pictures(files: Sequence[File[Any]], *, by: Member) -> list[Picture]:
    """The pictures in these files. Raises Invalid or TooLarge, with a sentence for every file that is none."""
    if not files:
        return []
    require_builder(by)
    if len(files) > MOST:
        detail = (
            f"These are {len(files)} pictures; a run is shown {MOST} at most. Leave some out, or start a second run."
        )
        raise Invalid(detail, errors=[FieldError(FIELD, "too_many", detail)])
    taken, refused = [], []
    for number, file in enumerate(files):
        try:
            taken.append(_taken(file, f"picture {number + 1}"))
        except (PictureFault, TooLarge) as fault:
            refused.append((number, file.name or f"picture {number + 1}", fault))
    if refused:
        raise _refusal(refused)
    return taken


def _taken(file: File[Any], unnamed: str) -> Picture:
    if file.size > MOST_BYTES:
        raise TooLarge(f"has {file.size / _MB:,.1f} MB; {MOST_BYTES // _MB} MB are allowed. Scale it down.")
    found = cleaned(file.read())
    name = _name(file.name or "", unnamed)
    digest = hashlib.sha256(found.data).hexdigest()
    told = Reference(name, found.media_type, len(found.data), found.width, found.height, digest)
    return Picture(told, found.data)


def _name(given: str, unnamed: str) -> str:
    """What people see; no part of any path."""
    try:
        return document_name(given)[:LONGEST_NAME]
    except Invalid:
        return unnamed


def _refusal(refused: Iterable[tuple[int, str, PictureFault | TooLarge]]) -> DomainError:
    errors = [
        FieldError(f"{FIELD}[{number}]", fault.code, f"“{name[:LONGEST_NAME]}” {fault.detail}")
        for number, name, fault in refused
    ]
    kind = TooLarge if all(error.code == TooLarge.code for error in errors) else Invalid
    return kind(errors[0].detail, errors=errors)
