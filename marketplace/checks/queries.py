"""What the rules have to know of the market and of the author's workspace, read before they look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from agents.models import Agent, Crew, Document, KnowledgeCollection, Task
from marketplace.checks.models import CheckRule, CheckRun, Finding, Fingerprint
from marketplace.checks.rules.tenant_data import ids_in
from marketplace.checks.shingles import bands_of, fingerprint_of, likeness, text_of
from marketplace.checks.subject import Ancestor, Blocked, KnownName, Near, Subject, Surroundings
from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import blocked_digests
from marketplace.manifest.envelope import Manifest
from marketplace.models import Listing, ListingVersion, ProhibitedName, Publisher, ReservedName
from projects.models import Project, Run
from simulations.models import Scenario, Simulation
from tenants.context import enter
from tenants.models import Tenant, User

MOST_NAMES = 500
MOST_DOCUMENTS = 5_000
MOST_LIKELY = 200
ALIKE = 0.7
EVERYBODYS_MAIL = frozenset(
    {"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me", "gmx.net", "gmx.de", "web.de"}
)
WITH_IDS: tuple[Any, ...] = (Agent, Crew, Task, Document, KnowledgeCollection, Project, Run, Scenario, Simulation)


def surroundings(manifest: Manifest, *, publisher: Publisher | None, tenant: Tenant | None) -> Surroundings:
    """Everything for one look. Reads the public schema, and the tenant's where there is one."""
    own = publisher.namespace if publisher else _taken(manifest.metadata.namespace)
    around = Surroundings(
        names=_known_names(own or manifest.metadata.namespace),
        reserved=frozenset() if own else frozenset(_kept_names(tenant)),
        prohibited=frozenset(ProhibitedName.objects.values_list("name", flat=True)),
        ancestor=_ancestor(manifest),
        near=_near(manifest),
        blocked=_blocked(),
    )
    return _in_workspace(around, manifest, tenant) if tenant else around


def _taken(namespace: str) -> str:
    """The namespace, if there is a publisher of that name: of a manifest that nobody signed, it is supposed to be its owner's."""
    return namespace if Publisher.objects.filter(namespace=namespace).exists() else ""


def newest_run(version: ListingVersion) -> CheckRun | None:
    """The last look at a version with all rules, and its findings."""
    return CheckRun.objects.filter(version=version).exclude(rules__len=1).prefetch_related("findings").first()


def false_alarms(listing_id: UUID) -> frozenset[tuple[str, str]]:
    """Rule and evidence of what staff found to be a false alarm in a listing: it is not held against its next version."""
    judged = Finding.objects.filter(run__version__listing_id=listing_id, verdict=Finding.Verdict.FALSE)
    return frozenset(judged.exclude(evidence="").values_list("code", "evidence"))


def rules() -> dict[str, CheckRule]:
    return {rule.code: rule for rule in CheckRule.objects.all()}


def published() -> QuerySet[ListingVersion]:
    """The versions that people may have, oldest first."""
    return (
        ListingVersion.objects.filter(review_state="published")
        .select_related("listing__publisher")
        .order_by("published_at", "id")
    )


def _known_names(own: str) -> tuple[KnownName, ...]:
    """The listings that most workspaces use: what somebody would pretend to be."""
    known = (
        Listing.objects.filter(published_at__isnull=False, visibility=Listing.Visibility.PUBLIC)
        .exclude(publisher__namespace=own)
        .order_by("-active_tenants", "-installs", "published_at")
        .values_list("publisher__namespace", "slug", "title")[:MOST_NAMES]
    )
    return tuple(KnownName(*row) for row in known)


def _kept_names(tenant: Tenant | None) -> Iterable[str]:
    kept = ReservedName.objects.all()
    return (kept.exclude(tenant_id=tenant.pk) if tenant else kept).values_list("name", flat=True)


def _ancestor(manifest: Manifest) -> Ancestor | None:
    fork = manifest.metadata.forked_from
    if fork is None:
        return None
    address, _, semver = fork.ref.partition("@")
    namespace, _, slug = address.partition("/")
    found = published().filter(listing__publisher__namespace=namespace, listing__slug=slug, semver=semver).first()
    return Ancestor(fork.ref, found.digest, str(found.manifest["metadata"]["license"])) if found else None


def _near(manifest: Manifest) -> tuple[Near, ...]:
    rows = fingerprint_of(text_of(manifest))
    if not rows:
        return ()
    likely = (
        Fingerprint.objects.filter(bands__overlap=bands_of(rows), version__review_state="published")
        .select_related("version__listing__publisher")
        .defer("version__manifest")[:MOST_LIKELY]
    )
    found = ((each.version, likeness(rows, each.rows)) for each in likely)
    return tuple(
        Near(f"{version.listing.ref}@{version.semver}", version.digest, version.listing.licence, share)
        for version, share in found
        if share >= ALIKE
    )


def _blocked() -> Blocked:
    active = Block.objects.active().exclude(kind=Block.Kind.WARN)
    return Blocked(
        digests=blocked_digests() | set(active.filter(scope=Block.Scope.DIGEST).values_list("digest", flat=True)),
        tools=frozenset(active.filter(scope=Block.Scope.TOOL).values_list("tool", flat=True)),
        publishers=frozenset(active.filter(scope=Block.Scope.PUBLISHER).values_list("publisher__namespace", flat=True)),
    )


def _in_workspace(around: Surroundings, manifest: Manifest, tenant: Tenant) -> Surroundings:
    people = User.objects.filter(memberships__tenant=tenant)
    domains = {email.rpartition("@")[2].lower() for email in people.values_list("email", flat=True)}
    candidates = ids_in(Subject(manifest).texts)
    with enter(tenant.schema_name):
        documents = tuple(Document.objects.order_by("-created_at").values_list("name", flat=True)[:MOST_DOCUMENTS])
        ids = _own_ids(candidates) if candidates else frozenset()
    return replace(
        around,
        workspace=tenant.slug,
        documents=documents,
        people=tuple(name for name in people.values_list("name", flat=True) if " " in name),
        domains=frozenset(domains - EVERYBODYS_MAIL),
        ids=ids | ({str(tenant.pk)} & candidates),
    )


def _own_ids(candidates: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for model in WITH_IDS:
        found |= {str(pk) for pk in model.objects.filter(pk__in=candidates).values_list("pk", flat=True)}
    return frozenset(found)
