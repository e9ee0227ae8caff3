"""Copying a listing into a workspace to change it there."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet

from agents.models import Agent, Crew
from marketplace.installs.copying import COPIERS
from marketplace.installs.examining import Examined, Override, examine, offered_subject
from marketplace.installs.services import Wish, pinning
from marketplace.installs.services.installing import check_grants, require_leave
from marketplace.models import Listing, ListingVersion
from simulations.models import Scenario
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Forbidden, WrongState

Remix = Crew | Agent | Scenario


def remix_listing(*, version: ListingVersion, by: Member, wish: Wish) -> Remix:
    """Copy `version` as the workspace's own, to be changed at will. It is no installation: no update reaches it.

    It stays bound to what is granted here, and a block of the original stops it as long as it carries the original's digest. What is
    published from it later names this version as its origin.
    """
    require_builder(by)
    refuse_remix(version.listing)
    examined = examine(offered_subject(version), wish.bindings, by=by, override=Override(wish.override))
    require_leave(by)
    return _copy(examined, check_grants(examined, wish), by)


def refuse_remix(listing: Listing) -> None:
    """Raises WrongState for a tool, which is only settings, and Forbidden where the licence keeps others from changing it."""
    if listing.kind == Listing.Kind.TOOL:
        raise WrongState("A tool is only settings. Install it, and change them there.", code="kind")
    if listing.licence == "proprietary":
        raise Forbidden("Its licence lets you install it, not change it.", code="licence")


@transaction.atomic
def _copy(examined: Examined, codes: list[str], by: Member) -> Remix:
    subject = examined.subject
    pinning.allow_hosts(examined, by=by)
    copier, told = COPIERS[subject.kind], pinning.told_of(subject, codes)
    content = copier.content(subject.manifest, examined.survey)
    made: Remix = copier.make(content, replace(told, title=_free(apps.get_model(copier.label), told.title)), by)
    audit.record("listing.remixed", made, by=by, source=subject.manifest.ref)
    return made


def _free(model: type[Model], title: str) -> str:
    """A name for the copy that nothing of its kind has here."""
    base = f"{title[:90]} (remix"
    taken = set(QuerySet(model).filter(name__startswith=base).values_list("name", flat=True))
    tries = (f"{base}{f' {number}' if number > 1 else ''})" for number in count(1))
    return next(name for name in tries if name not in taken)
