"""Mallory's workspace Globex publishes; the moderator and Senta, who is staff too, judge."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from marketplace.manifest.canonical import as_document, canonical, digest
from marketplace.manifest.reading import read_yaml
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation import transitions
from marketplace.moderation.actors import SYSTEM
from marketplace.moderation.models import Decision, Policy, ReasonCode, ReviewTask
from marketplace.moderation.services import open_task
from marketplace.moderation.verdicts import Evidence, Verdict
from tenants.models import Tenant, User

State = ListingVersion.ReviewState
ANALYST = Path(__file__).parents[2] / "marketplace" / "catalogue" / "document-analyst.yaml"
WAY = (State.SUBMITTED, State.CHECKING, State.IN_REVIEW, State.APPROVED, State.PUBLISHED)

VersionIn = Callable[..., ListingVersion]


@pytest.fixture
def senta(db: None) -> User:
    return second_moderator()


def second_moderator() -> User:
    return User.objects.create_user(
        "senta@guildhall.example", "x", name="Senta Senior", is_staff=True, is_superuser=True
    )


@pytest.fixture
def publisher(db: None, globex: Tenant) -> Publisher:
    return globex_publishes(globex)


def globex_publishes(globex: Tenant) -> Publisher:
    return Publisher.objects.create(namespace="globex", display_name="Globex", tenant_id=globex.pk)


_numbers = count(1)


def version_of(
    publisher: Publisher, state: ListingVersion.ReviewState = State.IN_REVIEW, slug: str = ""
) -> ListingVersion:
    """A version of a listing of `publisher` that has come to `state` by the ordinary moves."""
    manifest = read_yaml(ANALYST.read_bytes())
    number = next(_numbers)
    slug = slug or f"analyst-{number}"
    listing, _ = Listing.objects.get_or_create(
        publisher=publisher,
        slug=slug,
        defaults={
            "kind": "crew", "title": f"Analyst {number}", "summary": "Reads.", "description": "Reads.", "category": "research",
            "licence": "MIT",
        },
    )  # fmt: skip
    version = ListingVersion.objects.create(
        listing=listing, semver=f"1.{number}.0", manifest=as_document(manifest), digest=digest(manifest),
        size=len(canonical(manifest)), risk=2,
    )  # fmt: skip
    for step in WAY:
        if state in {version.review_state, State.DRAFT}:
            break
        before = {State(version.review_state)}
        version = transitions.move(version.pk, to=step, expected=before, by=SYSTEM)
    return version


@pytest.fixture
def version(publisher: Publisher) -> ListingVersion:
    return version_of(publisher)


@pytest.fixture
def task(version: ListingVersion) -> ReviewTask:
    return waiting(version)


def waiting(version: ListingVersion) -> ReviewTask:
    return open_task(
        kind=ReviewTask.Kind.VERSION, about=version, reasons=["first version"], weight_info={"first version": 50}
    )


def against(action: Decision.Action, **more: object) -> Verdict:
    """A whole verdict against somebody."""
    grounds: dict[str, object] = {
        "reason_codes": (ReasonCode.QUALITY,),
        "evidence": (Evidence(path="spec.tasks[0]", quote="Read it all.", note="There is nothing to read."),),
        "policy": Policy.objects.get(code="quality"),
        "reasoning": "It does not run with its own inputs.",
    }
    return Verdict(action, **{**grounds, **more})  # type: ignore[arg-type]


APPROVE = Verdict(Decision.Action.APPROVE)
