from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from agents import services as agents
from agents.knowledge.models import Chunk, Document, KnowledgeCollection
from agents.models import Crew
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, TaskSpec
from projects import events
from projects.events import line
from projects.models import AgentRun, Run, StepOutput
from tenants.access import Member
from tenants.models import Tenant

QUOTED = "The station stores 18.4 MWh."
ANSWER = f"# Energy\n\n“{QUOTED}” [study.pdf, p. 2]\n\n“It costs nothing.” [study.pdf, p. 2]"
SPEC = CrewSpec(
    name="Document analyst",
    agents=(
        AgentSpec(
            name="reader", role="Document reader", goal="Find what is said, and where.", tools=("search_knowledge",)
        ),
        AgentSpec(name="writer", role="Brief writer", goal="Write it down."),
    ),
    tasks=(
        TaskSpec(
            name="collect_facts", description="Collect facts on {question}", expected_output="A list.", agent="reader"
        ),
        TaskSpec(name="write_brief", description="Answer {question}", expected_output="A page.", agent="writer"),
    ),
    inputs=(
        InputSpec(name="question", description="What you want to know."),
        InputSpec(name="audience", description="Who reads it.", default="the board"),
    ),
)


@dataclass(frozen=True)
class Furnished:
    """What stands in Acme for the tests of its pages."""

    crew: Crew
    document: Document
    runs: dict[str, Run]


@pytest.fixture
def furnished(in_acme: Tenant, alice_at_acme: Member) -> Furnished:
    """Acme with a crew, a readable document, a broken one, and a run in each state that a page shows differently."""
    document = _document(alice_at_acme)
    crew = agents.create_crew(spec=SPEC, by=alice_at_acme, description="Reads and quotes.")
    states = (Run.Status.QUEUED, Run.Status.RUNNING, Run.Status.SUCCEEDED, Run.Status.FAILED, Run.Status.CANCELLED)
    return Furnished(crew, document, {state: _run(crew, alice_at_acme, state) for state in states})


def _document(by: Member) -> Document:
    collection = KnowledgeCollection.objects.create(name="Documents")
    kept = {
        "collection": collection,
        "media_type": "application/pdf",
        "uploaded_by_id": by.user_id,
        "uploaded_by": by.name,
    }
    ready = Document.objects.create(
        name="study.pdf",
        size=81_000,
        sha256="a",
        state="ready",
        pages=2,
        passage_count=1,
        ready_at=timezone.now(),
        **kept,
    )
    Chunk.objects.create(document=ready, position=0, section=0, start=0, locator="p. 2", text=f"In short: {QUOTED}")
    Document.objects.create(name="scan.pdf", size=9, sha256="b", state="failed", error="It holds no text.", **kept)
    Document.objects.create(name="<b>new</b>.pdf", size=9, sha256="c", state="parsing", **kept)
    return ready


def _run(crew: Crew, by: Member, state: Run.Status) -> Run:
    run = agents.start_crew_run(crew=crew, inputs={"question": "How much <i>energy</i>?"}, by=by)
    if state == Run.Status.QUEUED:
        return run
    now = timezone.now()
    events.append(run.pk, _story())
    for position, task in enumerate(("collect_facts", "write_brief")):
        done = position == 0 or state == Run.Status.SUCCEEDED
        AgentRun.objects.create(
            run=run,
            task=task,
            agent=("reader", "writer")[position],
            position=position,
            started_at=now - timedelta(minutes=1),
            finished_at=now if done else None,
            status="succeeded" if done else "running",
        )
        if done:
            StepOutput.objects.create(run=run, task=task, position=position, agent="reader", output=ANSWER)
    _settle(run, state)
    return run


def _story() -> list[events.Line]:
    asked = {"task": "collect_facts", "agent": "reader", "call": "1", "tool": "search_knowledge"}
    return [
        line("tool.call", **asked, arguments={"query": "energy"}),
        line("tool.answer", **asked, output=f"[study.pdf, p. 2]\n{QUOTED}", failed=False),
        line("run.output", task="write_brief", agent="writer", text="The station <script>"),
        line("run.output", task="write_brief", agent="writer", text="alert(1)</script> stores"),
    ]


def _settle(run: Run, state: Run.Status) -> None:
    run.refresh_from_db()
    run.status, run.provider, run.model, run.started_at = state, "offline", "offline", timezone.now()
    run.prompt_tokens, run.completion_tokens, run.cost = 1200, 34, Decimal("0.0012")
    if state in Run.ENDED:
        run.finished_at, run.stop_detail = timezone.now(), "" if state == Run.Status.SUCCEEDED else "It did not answer."
    if state == Run.Status.SUCCEEDED:
        run.output = ANSWER
    run.save()
