"""A listing that many workspaces hold, runs of it under way, and the moment when it is blocked: for the bench and its small twin.

`prepare`, `block` and `lift` are called in a process of the stack (`told`), everything else from outside, over HTTP and SQL.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg import sql

from tests.servers import telling
from tests.servers.live import LiveStack

TASKS = 40
KEPT = ("agents_agent", "agents_crew", "agents_task", "schedules_schedule", "projects_project", "simulations_scenario")
"""What a block must leave as it is: everything of a workspace but its runs and their stories."""


def prepare(workspaces: int, lines: int) -> dict[str, Any]:
    """Acme and more workspaces of Alice's with the listing's crew and a schedule of it each, and `lines` more in the ledger of installations."""
    from marketplace.models import InstallLedger, ListingVersion
    from tenants import services
    from tenants.ids import uuid7
    from tenants.proving.tokens import sign_in
    from tests import cast
    from tests.enforcement.stage import a_version

    alice, digest = cast.person("alice"), "sha256:" + "7" * 64
    version: ListingVersion = a_version("switched", digest=digest)
    more = (
        services.create_workspace(name=f"Holder {number}", slug=f"holder-{number}", by=alice)
        for number in range(1, workspaces)
    )
    made = {tenant.slug: _furnish(alice, tenant, digest) for tenant in (cast.workspace("acme"), *more)}
    holders = [*(tenant_id for _, tenant_id in made.values()), *(uuid7() for _ in range(lines))]
    InstallLedger.objects.bulk_create(
        InstallLedger(tenant_id=each, listing=version.listing, listing_version=version, digest=digest)
        for each in holders
    )
    crews = {slug: str(crew) for slug, (crew, _) in made.items()}
    return {"token": sign_in(alice).access, "crews": crews}


def _furnish(alice: Any, tenant: Any, digest: str) -> tuple[UUID, UUID]:
    from agents.schedules.services import create_schedule
    from agents.services import create_crew
    from tenants.access import get_member
    from tenants.context import enter
    from tests.runtimes.stage import agent, crew, task

    member = get_member(alice, tenant)
    spec = crew(agent("one"), *(task(f"t{number}", "one") for number in range(TASKS)))
    with enter(tenant.schema_name):
        made = create_crew(
            spec=spec.model_copy(update={"name": "Switched"}),
            by=member,
            grants=["model:any", "schedule"],
            bounds={"risk": 2},
            manifest_digest=digest,
        )
        fields = {"name": "Leap days", "cron": "0 6 29 2 *", "inputs": {}}
        create_schedule(crew=made, fields=fields, project=None, by=member)
    return made.pk, tenant.pk


def block() -> dict[str, str]:
    """Block every version of the listing, as a moderator does."""
    from marketplace.enforcement import services
    from marketplace.models import Listing
    from marketplace.moderation.actors import moderator
    from tests import cast

    by = moderator(cast.person("moderator"))
    listing = Listing.objects.get(slug="switched")
    made = services.block(kind="hard", scope="listing", target=listing, reason="It harms whoever runs it.", by=by)
    return {"block": str(made.pk)}


def lift(block_id: str) -> dict[str, str]:
    from marketplace.enforcement import services
    from marketplace.enforcement.models import Block
    from marketplace.moderation.actors import moderator
    from tests import cast

    services.lift(Block.objects.get(pk=block_id), moderator(cast.person("moderator")))
    return {}


def told(live: LiveStack, call: str) -> dict[str, Any]:
    """What a function of this module says, called in a process on the stack's database."""
    code = f"import json\nfrom tests.enforcement import switching\nprint(json.dumps(switching.{call}))"
    found: dict[str, Any] = json.loads(telling.told(live, code).splitlines()[-1])
    return found


@dataclass(frozen=True)
class Ended:
    status: str
    reason: str
    detail: str
    seconds: float
    """From the moment of the block to the run's end."""


class Stand:
    """The workspaces, their runs, and the switch."""

    def __init__(self, live: LiveStack, *, workspaces: int, lines: int) -> None:
        found = told(live, f"prepare({workspaces}, {lines})")
        self.live = live
        self.crews: dict[str, str] = found["crews"]
        self._http = httpx.Client(
            base_url=live.url, headers={"Authorization": f"Bearer {found['token']}"}, timeout=120, trust_env=False
        )
        self._block = ""

    def start_everywhere(self, each: int = 1) -> list[int]:
        """Ask for runs in every workspace; the statuses of the answers."""
        return [
            self._http.post(f"/w/{slug}/api/v1/runs/", json={"crew": crew}).status_code
            for _ in range(each)
            for slug, crew in self.crews.items()
        ]

    def wait_until_running(self, runs: int, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while self.counts().get("running", 0) < runs:
            if time.monotonic() > ends:
                raise TimeoutError(f"Of {runs} runs there are {self.counts()}.\n{self.live.tails()}")
            time.sleep(0.2)

    def wait_until_stopped(self, runs: int, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while len(self.ended()) < runs and time.monotonic() < ends:
            time.sleep(0.2)

    def cancel_all(self) -> None:
        """End what is left of an earlier round."""
        for slug in self.crews:
            for run in self._http.get(f"/w/{slug}/api/v1/runs/", params={"status": "running"}).json()["results"]:
                self._http.post(f"/w/{slug}/api/v1/runs/{run['id']}/cancel/")

    def counts(self) -> dict[str, int]:
        """Runs by status."""
        found: dict[str, int] = {}
        for (status,) in self._each("SELECT status FROM {schema}.projects_run"):
            found[status] = found.get(status, 0) + 1
        return found

    def block(self) -> None:
        self._block = told(self.live, "block()")["block"]

    def lift(self) -> None:
        """On return every process knows: what it holds of blocks is a second old at most."""
        told(self.live, f"lift({self._block!r})")
        time.sleep(2)

    @property
    def blocked_at(self) -> datetime:
        with psycopg.connect(self.live.database_url) as database:
            query = "SELECT effective_at FROM enforcement_block WHERE id = %s"
            row = database.execute(query, [self._block]).fetchone()
        assert row is not None
        moment: datetime = row[0]
        return moment

    def ended(self) -> list[Ended]:
        """Runs that the last block stopped, and how long after it."""
        at = self.blocked_at
        query = "SELECT status, stop_reason, stop_detail, finished_at FROM {schema}.projects_run WHERE stop_reason = 'revoked'"
        return [
            Ended(status, reason, detail, (finished - at).total_seconds())
            for status, reason, detail, finished in self._each(query)
            if finished > at
        ]

    def last_begun(self) -> float:
        """Seconds from the block to the beginning of the last run; below zero when none began after it."""
        starts = self._each("SELECT started_at FROM {schema}.projects_run WHERE started_at IS NOT NULL")
        return max(float((started - self.blocked_at).total_seconds()) for (started,) in starts)

    def kept(self) -> list[tuple[Any, ...]]:
        """A digest of all that the block must not change, for each workspace."""
        digests = [
            f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t.id), '')) FROM {{schema}}.{table} t)"
            for table in KEPT
        ]
        return self._each(f"SELECT {', '.join(digests)}")

    def _each(self, query: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with psycopg.connect(self.live.database_url) as database:
            for slug in self.crews:
                schema = sql.Identifier(f"t_{slug.replace('-', '_')}")
                rows += database.execute(sql.SQL(query).format(schema=schema)).fetchall()
        return rows
