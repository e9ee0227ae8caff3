"""Everything that is looked at before a version is copied: at the first installation, and again at every update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from agents.documents import ManifestError
from marketplace.installs import rules
from marketplace.installs.blocks import Block, block_of
from marketplace.installs.models import Installation, Pin
from marketplace.installs.needs import Survey, survey
from marketplace.manifest.canonical import digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from tenants.access import Member, Role
from tenants.errors import Conflict, DomainError, Forbidden, Invalid, WrongState

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Subject:
    """One version, wherever its text comes from: the market, or an earlier pin of this workspace."""

    listing_id: UUID
    version_id: UUID
    kind: str
    semver: str
    digest: str
    document: Mapping[str, Any]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Override:
    """Why an admin installs it though it is blocked softly."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A version that may be copied here. `override` is empty unless it is blocked and an admin took that upon them."""

    subject: Subject
    survey: Survey
    override: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps it from being installed here. `overridable`: an admin may go on, with a reason."""

    code: str
    sentence: str
    overridable: bool = False
    since: datetime | None = None
    kind: type[DomainError] = field(default=WrongState)


def subject_of(version: ListingVersion) -> Subject:
    """The version as it was published. Raises Conflict where its content is not that any more."""
    try:
        manifest = read_json(version.manifest)
    except ManifestError as error:
        raise Conflict(
            f"The content of {version} cannot be read. Tell the platform’s operator.", code="digest"
        ) from error
    if digest(manifest) != version.digest:
        raise Conflict(
            f"The content of {version} does not match its digest. Tell the platform’s operator.", code="digest"
        )
    return Subject(
        version.listing_id, version.pk, version.listing.kind, version.semver, version.digest, version.manifest, manifest
    )


def offered_subject(version: ListingVersion) -> Subject:
    """The same for what is installed anew: it must be published, and its publisher must still offer it."""
    if not version.is_published:
        raise WrongState(f"{version} is not published; it cannot be installed.")
    if version.availability == ListingVersion.Availability.YANKED:
        raise WrongState(
            f"{version} was withdrawn by its publisher: {version.availability_reason} Install another version.",
            code="yanked",
        )
    return subject_of(version)


def pinned_subject(installation: Installation, pin: Pin) -> Subject:
    """A version that was installed here before, from what was kept of it: whatever became of it on the market."""
    manifest = read_json(pin.manifest)
    if digest(manifest) != pin.digest:
        raise Conflict(
            f"What was kept of {pin.semver} does not match its digest. Tell the platform’s operator.", code="digest"
        )
    return Subject(
        installation.listing_id, pin.version_id, installation.kind, pin.semver, pin.digest, pin.manifest, manifest
    )


def examine(subject: Subject, bindings: Mapping[str, str], *, by: Member, override: Override) -> Examined:
    """Raise the first thing that keeps it from being copied here. Asks the workspace's providers, so call it outside a transaction."""
    reason = override.reason.strip()
    found = survey(subject.manifest, bindings)
    for obstacle in obstacles(subject, found):
        if not obstacle.overridable:
            raise obstacle.kind(obstacle.sentence, code=obstacle.code)
        if not (reason and by.may(Role.ADMIN)):
            told = "An admin of this workspace can install it all the same, with a reason."
            raise obstacle.kind(f"{obstacle.sentence} {told}", code=obstacle.code)
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"A reason has at most {LONGEST_REASON} characters.")
    blocked = any(each.overridable for each in obstacles(subject, found))
    return Examined(subject, found, reason if blocked else "")


def obstacles(subject: Subject, found: Survey) -> Iterator[Obstacle]:
    """Everything that keeps it from being installed here, the gravest first."""
    block = block_of(subject.digest, subject.manifest)
    if block is not None and block.is_hard:
        yield _blocked(block)
    for sentence in rules.refusals(rules.current(), subject.manifest):
        yield Obstacle("policy", f"{sentence} An admin changes what may be installed.", kind=Forbidden)
    yield from _missing(subject, found)
    if block is not None and not block.is_hard:
        yield _blocked(block)


def _blocked(block: Block) -> Obstacle:
    code = "revoked" if block.is_hard else "blocked"
    return Obstacle(code, block.sentence, overridable=not block.is_hard, since=block.since)


def _missing(subject: Subject, found: Survey) -> Iterator[Obstacle]:
    """A tool that is not here is refused now, not in the middle of the first run."""
    for each in found.missing:
        kind, _, name = each.code.partition(":")
        needs = {"tool": f"the tool {name}", "slot": "a credential"}.get(kind, each.what[:1].lower() + each.what[1:])
        code = {"tool": "missing_tool", "slot": "missing_credential"}.get(kind, "missing_model")
        yield Obstacle(code, f"{subject.manifest.metadata.title} needs {needs}. {each.sentence}")
