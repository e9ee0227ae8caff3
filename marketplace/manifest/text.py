"""The kinds of text and number that a manifest is made of. What the builder takes is taken here, or nothing could be published whole."""

from __future__ import annotations

from typing import Annotated

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from agents.documents.characters import LAYOUT, unwritable
from agents.runtimes.checks import NAME_LIMIT, TEXT_LIMIT
from agents.runtimes.checks.texts import NAME

SEMVER = r"^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9a-z]+(\.[0-9a-z]+){0,4})?$"
REF = r"^[a-z0-9-]{1,50}/[a-z0-9-]{1,50}@[0-9a-z.-]{5,64}$"


def _visible(text: str) -> str:
    if bad := unwritable(text):
        raise PydanticCustomError("character", "The character U+{code} is not allowed.", {"code": f"{ord(bad):04X}"})
    return text


def _one_line(text: str) -> str:
    if not LAYOUT.isdisjoint(text):
        raise PydanticCustomError("one_line", "This must be one line of text.")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "This must not be empty.")
    return text


def _named(text: str) -> str:
    if not NAME.fullmatch(text):
        raise PydanticCustomError("name", "A name has 1 to 100 letters, digits, spaces, “-” or “_”.")
    return text


def _version_range(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise PydanticCustomError("version_range", "Write a version range such as >=0.1,<1.") from error
    return text


def semver_key(text: str) -> tuple[int, int, int, int, str]:
    """Sorts semantic versions; a pre-release comes before its release."""
    numbers, _, suffix = text.partition("-")
    major, minor, patch = (int(part) for part in numbers.split("."))
    return major, minor, patch, 0 if suffix else 1, suffix


Visible = AfterValidator(_visible)
Said = AfterValidator(_said)
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), AfterValidator(_named)]
InputName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=NAME_LIMIT)]
ToolName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,49}$")]
Semver = Annotated[str, StringConstraints(pattern=SEMVER)]
Range = Annotated[str, Field(max_length=60), AfterValidator(_version_range)]
Line = Annotated[str, Field(min_length=1, max_length=120), Visible, AfterValidator(_one_line), Said]
Sentence = Annotated[str, Field(min_length=1, max_length=400), Visible, Said]
Prose = Annotated[str, Field(min_length=1, max_length=20_000), Visible, Said]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT), Visible, Said]
Loose = Annotated[str, Field(max_length=TEXT_LIMIT), Visible]
Model = Annotated[str, Field(max_length=200), Visible]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Ref = Annotated[str, StringConstraints(pattern=REF)]
Url = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"'\\]{1,300}$"), Visible]
Host = Annotated[str, StringConstraints(pattern=r"^(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+)$", max_length=253)]


class Part(BaseModel):
    """A piece of a manifest: unknown names are refused, values are never converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, serialize_by_alias=True)
