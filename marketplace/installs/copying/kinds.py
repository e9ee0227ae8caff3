"""What is done with every kind of copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db.models import Model

from agents.services import Origin
from marketplace.installs.needs import Survey
from marketplace.manifest.envelope import Manifest
from tenants.access import Member

Copy = TypeVar("Copy", bound=Model)


@dataclass(frozen=True, slots=True)
class Told:
    """What a copy is called and where it comes from. `title_before` is the listing's title in the version before, if there was one."""

    title: str
    summary: str
    namespace: str
    slug: str
    origin: Origin
    title_before: str = ""


class Copier(Protocol[Copy]):
    """`content` is a copy as plain JSON, in the runtime's own terms; what `now` gives back for it is the same. `label` names the model."""

    label: str

    def content(self, manifest: Any, survey: Survey) -> dict[str, Any]:
        """What the manifest becomes here, with what stands in for tools that are not here."""

    def make(self, content: dict[str, Any], told: Told, by: Member) -> Copy: ...

    def replace(self, copy: Copy, content: dict[str, Any], told: Told, by: Member) -> None:
        """Make the copy what `content` says; its id stays, and so do its name where people here gave it one."""

    def now(self, copy: Copy) -> dict[str, Any]: ...

    def keep(self, copy: Copy, by: Member) -> str:
        """A second copy with what people here changed; gives its name. It stays bound as the first is."""

    def rows(self, copy: Copy) -> list[Model]:
        """Every row that goes when the copy is removed, in an order in which they can be brought back."""

    def remove(self, copy: Copy, by: Member) -> None: ...


def swapped(names: tuple[str, ...], replaced: dict[str, str]) -> tuple[str, ...]:
    """Names of tools with those in place that stand in for others, and without those that nothing stands in for."""
    found = (replaced.get(name, name) for name in names)
    return tuple(dict.fromkeys(name for name in found if name))


def kept_name(present: str, told: Told) -> str:
    """The listing's new title where the copy still has the old one; else the name that people here gave it."""
    return told.title if present == told.title_before else present


__all__ = ["Copier", "Copy", "Manifest", "Told", "kept_name", "swapped"]
