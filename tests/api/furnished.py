"""A workspace with one real row of everything that has an address, and every address of the workspace urlconf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from rest_framework.test import APIClient

from marketplace.drafts.models import Draft
from marketplace.installs.models import Approval
from marketplace.publishing.services.builtin import CATALOGUE, LIBRARY, publish_builtin
from projects.models import KeptRun, Question, Trial
from tenants.context import enter
from tenants.models import Tenant
from tests.publishing.manifests import plain

WRITER = {"name": "writer", "role": "Writer", "goal": "Write about {topic}."}
DRAFT = {"name": "draft", "description": "Draft it.", "expected_output": "A text.", "agent": "writer"}
LISTED = (
    CATALOGUE / "document-analyst.yaml",
    CATALOGUE / "schelling-segregation.yaml",
    LIBRARY / "schelling.yaml",
)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
Ids = dict[str, str]


class Door(NamedTuple):
    """A route, as `crews/<uuid:crew_id>/`, and its path with `ids` in the parameters' places."""

    route: str

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.route)

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    def path(self, slug: str, ids: Ids) -> str:
        return f"/w/{slug}/" + PARAMETER.sub(lambda found: ids[found.group(1)], self.route)


def doors(urlconf: str) -> list[Door]:
    return [Door(route) for route in _routes(get_resolver(urlconf), "")]


def _routes(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        assert isinstance(pattern.pattern, RoutePattern), f"{before}{pattern.pattern} is not a plain route"
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern, route)


def furnish(api: APIClient, slug: str) -> Ids:
    """Make one row of everything through the API, as its owner; the ids by the names that routes give them."""
    for path in LISTED:
        publish_builtin(path=path)
    at = f"/w/{slug}/api/v1/"

    def made(path: str, form: str = "json", **sent: Any) -> dict[str, Any]:
        answer = api.post(at + path, sent, format=form)
        assert answer.status_code in {201, 202}, (path, answer.content)
        found: dict[str, Any] = answer.json()
        return found

    crew = made("crews/", name="Press office", agents=[WRITER], tasks=[DRAFT])
    collection = made("knowledge/collections/", name="Studies")
    document = SimpleUploadedFile("study.txt", b"The station stores 18.4 MWh.\n")
    scenario = made("scenarios/", key="schelling")
    play = made("simulations/", scenario=scenario["id"], start=False)
    listing: dict[str, Any] = {"listing": "guildhall/schelling-segregation", "grants": ["compute", "model:any"]}
    run = made("runs/", crew=crew["id"], inputs={"topic": "batteries"})
    webhook = made("webhooks/", name="Tickets", url="https://tickets.example/hook", events=["run.failed"])
    sent = made("submissions/", manifest=plain(slug), visibility="private")
    nightly = {"name": "Nightly", "crew": crew["id"], "inputs": {"topic": "batteries"}, "cron": "0 3 * * *"}
    return {
        **_after(slug, run["id"], crew["id"]),
        "project_id": made("projects/", name="Harbour")["id"],
        "crew_id": crew["id"],
        "agent_id": crew["agents"][0]["id"],
        "task_id": crew["tasks"][0]["id"],
        "budget_id": made("budgets/", scope="workspace", usd=10)["id"],
        "run_id": run["id"],
        "link_id": made(f"runs/{run['id']}/links/")["id"],
        "collection_id": collection["id"],
        "document_id": made("knowledge/documents/", "multipart", collection=collection["id"], file=document)["id"],
        "scenario_id": scenario["id"],
        "simulation_id": play["id"],
        "seat_id": made(f"simulations/{play['id']}/seats/", agent=0)["id"],
        "bookmark_id": made(f"simulations/{play['id']}/bookmarks/", step=0, note="the beginning")["id"],
        "agent": "0",
        "sweep_id": made("sweeps/", scenario=scenario["id"], steps=1)["id"],
        "installation_id": made("installations/", **listing)["id"],
        "webhook_id": webhook["id"],
        "delivery_id": made(f"webhooks/{webhook['id']}/test/")["id"],
        "schedule_id": made("schedules/", **nightly)["id"],
        "number": "1",
        "task": "draft",
        "invitation_id": made("invitations/", seats=2)["id"],
        "key_id": made("api-keys/", name="nightly")["id"],
        "host_id": made("tools/hosts/", host="api.example.org")["id"],
        "server_id": made("tools/servers/", name="tracker", url="https://tracker.example/mcp")["id"],
        "file_name": "notes.txt",
        "connection_id": made("providers/", name="House", provider="openai", base_url="https://127.0.0.1")["id"],
        "membership_id": api.get(f"{at}members/").json()["results"][0]["id"],
        "version_id": sent["id"],
        "listing_id": sent["listing_id"],
        "draft_id": _drafted(slug, crew["id"]),
        "part": "text",
        "semver": "1.0.0",
        "workspace": "globex",
        "publisher": "guildhall",
        "agent_class": "critic",
        "slug": "document-analyst",
    }


def _drafted(slug: str, crew_id: str) -> str:
    """Drafts are made on pages only."""
    who = {"by_id": uuid4(), "by_name": "Alice Archer"}
    with enter(Tenant.objects.get(slug=slug).schema_name):
        return str(Draft.objects.create(kind="crew", source_id=crew_id, source_name="Press office", **who).pk)


def _after(slug: str, run_id: str, crew_id: str) -> Ids:
    """What only a worker brings about: a question of the run, and the run kept as a test that was tried."""
    maker = {"started_by_id": uuid4(), "started_by": "Alice Archer"}
    with enter(Tenant.objects.get(slug=slug).schema_name):
        question = Question.objects.create(run_id=run_id, key="draft/writer/q1", kind="review", text="Is it right?")
        kept = KeptRun.objects.create(run_id=run_id, subject_id=crew_id, name="Batteries", kept_by_id=uuid4())
        trial = Trial.objects.create(kept=kept, batch_id=uuid4(), mode="recorded", snapshot={}, **maker)
        asked = {"asked_by_id": uuid4(), "asked_by": "Olga Orr", "listing_id": uuid4(), "version_id": uuid4()}
        wish = Approval.objects.create(ref="guildhall/reader", title="Reader", kind="crew", semver="1.0.0", **asked)
    ids = {"question_id": question.pk, "test_id": kept.pk, "trial_id": trial.pk, "approval_id": wish.pk}
    return {name: str(value) for name, value in ids.items()}


def nowhere(ids: Ids) -> Ids:
    """Ids of the same form, of nothing."""
    return {name: str(uuid4()) if name.endswith("_id") else value for name, value in ids.items()}
