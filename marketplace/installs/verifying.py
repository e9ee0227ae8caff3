"""Is what is installed still what was locked? Everything is computed anew and held against what was written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.documents import ManifestError
from marketplace.installs import copying
from marketplace.installs.locking import HERE, digest_of_lock, portable
from marketplace.installs.models import Installation
from marketplace.installs.slots import still_there
from marketplace.manifest.canonical import digest
from marketplace.manifest.reading import read_json


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as it was locked; `then` and `now` are short texts, empty for nothing."""

    path: str
    then: str
    now: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    lock_digest: str
    deviations: tuple[Deviation, ...]

    @property
    def holds(self) -> bool:
        return not self.deviations


def verify(installation: Installation) -> Verdict:
    """What of the lock, of the copies and of the bindings differs from the day when it was pinned."""
    try:
        manifest = read_json(installation.manifest)
    except ManifestError as error:
        broken = Deviation("manifest", installation.digest, "", f"The manifest kept here cannot be read: {error}")
        return Verdict(installation.lock_digest, (broken,))
    now = portable(manifest)
    found = [
        *_manifest(installation, digest(manifest)),
        *_lock(installation.lock, now),
        *_copy(installation),
        *_slots(installation),
    ]
    return Verdict(digest_of_lock(now), tuple(found))


def _manifest(installation: Installation, now: str) -> Iterator[Deviation]:
    if now != installation.digest:
        yield Deviation(
            "manifest", installation.digest, now, "The manifest kept here is not the one that was installed."
        )


def _lock(then: dict[str, Any], now: dict[str, Any]) -> Iterator[Deviation]:
    before, after = dict(_leaves(then)), dict(_leaves(now))
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new and path != "manifest":
            yield Deviation(path, old, new, _told(path))


def _told(path: str) -> str:
    kind, _, name = path.partition(".")
    match kind:
        case "engines":
            return f"This platform runs another release of {name} now."
        case "tools":
            return f"The tool {name} is not what it was."
        case "prompts":
            return f"The text {name} is not what it was."
        case _:
            return f"{path} is not what it was."


def _copy(installation: Installation) -> Iterator[Deviation]:
    if not installation.is_active:
        return
    now = copying.standing(installation)
    if now is None:
        yield Deviation("copy", installation.copied_digest, "", f"Somebody here deleted the {installation.kind}.")
    elif copying.mark_of(now) != installation.copied_digest:
        told = f"Somebody here changed the {installation.kind} since it was installed."
        yield Deviation("copy", installation.copied_digest, copying.mark_of(now), told)


def _slots(installation: Installation) -> Iterator[Deviation]:
    for slot, bound in installation.bindings.items():
        if not still_there(bound["kind"], bound["id"]):
            yield Deviation(
                f"slots.{slot}", bound["name"], "", f"{bound['name']}, which filled it, is gone or switched off."
            )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a lock with its path, but what is only true here."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if path or name != HERE:
                yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{number}")
    else:
        yield path, str(value)
