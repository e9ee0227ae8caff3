"""Another version in the place of the present one: a newer one, or one that was here before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from marketplace.installs import access, consenting, copying
from marketplace.installs.examining import Examined, Override, examine, offered_subject, pinned_subject
from marketplace.installs.models import Installation, Pin
from marketplace.installs.services import pinning
from marketplace.installs.services.installing import Wish, require_leave
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid, Stale, WrongState

KEEP, REPLACE = "keep", "replace"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of version. `expected` is the pin that whoever asked has seen; `content` is what the copy becomes, None to make it
    of the manifest."""

    how: Pin.How
    expected: int | None = None
    content: dict[str, Any] | None = None


def update_installation(
    *, installation: Installation, version: ListingVersion, by: Member, wish: Wish, expected: int | None = None
) -> Installation:
    """Replace the present version. The grants must name whatever it may do more than the present one; the rest stays granted.

    Runs that have begun finish on what they began with.
    """
    require_builder(by)
    if version.listing_id != installation.listing_id:
        raise Invalid(f"{version} is a version of another listing.")
    examined = examine(offered_subject(version), _bindings(installation, wish), by=by, override=Override(wish.override))
    require_leave(by)
    return _change(installation, examined, Step(Pin.How.UPDATED, expected), wish, by)


def apply_by_itself(*, installation: Installation, version: ListingVersion, by: Member) -> Installation:
    """Update without anybody asking. Raises Invalid (`not_granted`) where it would widen, Conflict (`edited`) where people changed it."""
    examined = examine(offered_subject(version), _bindings(installation, Wish()), by=by, override=Override())
    return _change(installation, examined, Step(Pin.How.AUTOMATIC, installation.number), Wish(), by)


def roll_back(
    *, installation: Installation, number: int, by: Member, wish: Wish, expected: int | None = None
) -> Installation:
    """Make it again what an earlier pin says, to the letter; also where the market has withdrawn that version since."""
    require_builder(by)
    pin = access.get_pin(installation, number)
    subject = pinned_subject(installation, pin)
    bindings = {slot: bound["id"] for slot, bound in pin.bindings.items()} | dict(wish.bindings)
    examined = examine(subject, bindings, by=by, override=Override(wish.override))
    require_leave(by)
    return _change(installation, examined, Step(Pin.How.ROLLED_BACK, expected, dict(pin.copied)), wish, by)


def is_edited(installation: Installation) -> bool:
    """Whether people here changed the copy since it was made."""
    now = copying.standing(installation)
    return now is not None and copying.mark_of(now) != installation.copied_digest


@transaction.atomic
def _change(installation: Installation, examined: Examined, step: Step, wish: Wish, by: Member) -> Installation:
    installation = access.lock(installation.pk)
    _require_fresh(installation, examined, step)
    codes = _consented(installation, examined, wish)
    kept = _settle_edits(installation, wish.edits, by)
    pinning.allow_hosts(examined, by=by)
    before, installation.number = installation.semver, _next_number(installation)
    _replace_copy(installation, examined, step, codes, by)
    pinning.pin(installation, examined, how=step.how, grants=codes, by=by)
    pinning.enter_in_ledger(installation, by=by, fresh=False)
    extra = {name: value for name, value in (("override", examined.override), ("kept_as", kept)) if value}
    deed = "listing.rolled_back" if step.how == Pin.How.ROLLED_BACK else "listing.updated"
    audit.record(deed, installation, by=by, before=before, version=installation.semver, how=str(step.how), **extra)
    return installation


def _require_fresh(installation: Installation, examined: Examined, step: Step) -> None:
    if not installation.is_active:
        raise WrongState(f"{installation.title} is removed. Restore it or install it again.")
    if step.expected is not None and installation.number != step.expected:
        raise Stale("It was updated since you looked. Look again, then decide.")
    if step.how != Pin.How.ROLLED_BACK and installation.digest == examined.subject.digest:
        raise Conflict(f"{installation.title} {installation.semver} is what is installed.", code="same_version")


def _consented(installation: Installation, examined: Examined, wish: Wish) -> list[str]:
    """All that it is granted from now on. Raises Invalid where it would do more than somebody here has said yes to."""
    manifest = examined.subject.manifest
    granted = list(installation.grants.values_list("code", flat=True))
    asked = consenting.asked(manifest, examined.survey)
    wider = consenting.wider_than(read_json(installation.manifest), manifest, examined.survey, granted)
    codes = [each.code for each in asked]
    consenting.require(
        wider,
        wish.grants,
        allowed=[*codes, consenting.BOUNDS],
        title=f"{manifest.metadata.title} {manifest.metadata.version}",
    )
    return codes


def _settle_edits(installation: Installation, edits: str, by: Member) -> str:
    """Keep what people here changed as a copy, where they want that; the name of the copy."""
    if not is_edited(installation):
        return ""
    if edits not in {KEEP, REPLACE}:
        told = "Keep the changed one as a copy of its own, or replace it."
        raise Conflict(
            f"{installation.title} was changed here since it was installed. {told}",
            code="edited",
            errors=[FieldError("edits", "edited", told)],
        )
    if edits == REPLACE:
        return ""
    return copying.copier_of(installation).keep(copying.copy_of(installation), by)


def _replace_copy(
    installation: Installation, examined: Examined, step: Step, codes: Collection[str], by: Member
) -> None:
    copier, copy = copying.copier_of(installation), copying.copy_of(installation)
    content = step.content or copier.content(examined.subject.manifest, examined.survey)
    told = pinning.told_of(examined.subject, codes, title_before=installation.title)
    if copy is None:
        copying.put_in_place(installation, copier.make(content, told, by))
    else:
        copier.replace(copy, content, told, by)


def _next_number(installation: Installation) -> int:
    newest = installation.pins.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


def _bindings(installation: Installation, wish: Wish) -> dict[str, str]:
    """What fills the slots now, and what is chosen anew."""
    return {slot: bound["id"] for slot, bound in installation.bindings.items()} | dict(wish.bindings)
