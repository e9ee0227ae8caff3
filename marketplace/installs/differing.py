"""What another version would change here, what somebody would have to say yes to, and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.installs import access, consenting
from marketplace.installs.consenting import Consent
from marketplace.installs.examining import Obstacle, Subject, obstacles, offered_subject, pinned_subject
from marketplace.installs.finding import find_version
from marketplace.installs.models import Installation
from marketplace.installs.needs import Survey, survey
from marketplace.installs.services.updating import is_edited
from marketplace.manifest.comparing import Difference, compare
from marketplace.manifest.reading import read_json
from tenants.access import Member


@dataclass(frozen=True, slots=True)
class Differing:
    """`consents` are the permissions that are new or reach further; `is_edited`: people here changed what would be replaced."""

    installation: Installation
    subject: Subject
    difference: Difference
    consents: tuple[Consent, ...]
    obstacles: tuple[Obstacle, ...]
    survey: Survey
    is_edited: bool


def to_version(installation: Installation, semver: str, *, by: Member) -> Differing:
    """Against a version that is offered on the market; empty for the newest."""
    version = find_version(str(installation.listing_id), semver, by=by)
    return _differing(installation, offered_subject(version))


def to_pin(installation: Installation, number: int) -> Differing:
    """Against what was installed here before."""
    return _differing(installation, pinned_subject(installation, access.get_pin(installation, number)))


def _differing(installation: Installation, subject: Subject) -> Differing:
    bindings = {slot: bound["id"] for slot, bound in installation.bindings.items()}
    found = survey(subject.manifest, bindings)
    granted = list(installation.grants.values_list("code", flat=True))
    present = read_json(installation.manifest)
    difference = compare(present, subject.manifest)
    asked = consenting.asked(subject.manifest, found)
    return Differing(
        installation=installation,
        subject=subject,
        difference=difference,
        consents=tuple(consenting.widened(difference, asked, granted)),
        obstacles=tuple(obstacles(subject, found)),
        survey=found,
        is_edited=is_edited(installation),
    )
