"""A run's search finds by meaning, and its replay asks nobody."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.services import create_crew
from projects.models import Run
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, model, play
from tests.knowledge.conftest import Upload, work_off
from tests.knowledge.meaning.conftest import EMBEDDER, HARBOUR, MODEL
from tests.runtimes.stage import agent, crew, task
from tests.servers.llm import Call, FakeLLM, Say, Seen

__all__ = ["model"]
RUNS = f"{API}runs/"
FOUND = "[harbour.txt, lines 1-1]\nShips moor at the northern quay."


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def test_the_operators_provider_embeds_and_a_replay_asks_it_nothing(
    api: APIClient, model: FakeLLM, upload: Upload, in_acme: Tenant, alice_at_acme: Member, settings: Settings
) -> None:
    assert api.put(EMBEDDER, {"provider": None, "model": MODEL}, format="json").status_code == 200
    upload(HARBOUR, "harbour.txt")
    work_off()

    def script(seen: Seen) -> Say:
        said = seen.messages[-1]
        if said["role"] != "tool":
            return Say(calls=[Call("search_knowledge", {"query": "vessels"})])
        return Say(str(said["content"]))

    model.set_script(script)
    spec = crew(agent("finder", tools=("search_knowledge",)), task("find", "finder"))
    crew_id = str(create_crew(spec=spec, by=alice_at_acme).pk)
    first = play(Run.objects.get(pk=api.post(RUNS, {"crew": crew_id}, format="json").data["id"]))
    assert first.output == FOUND
    [told] = first.events.filter(type="rag.operation")
    assert (told.data["by_meaning"], told.data["notice"]) == (True, "")
    asked = model.embedded()
    assert asked[-1] == ["vessels"]

    settings.LLM = dict.fromkeys(settings.LLM, "")  # nobody is there to be asked
    again = api.post(f"{RUNS}{first.pk}/replay/")
    assert again.status_code == 202, again.data
    replayed = play(Run.objects.get(pk=again.data["id"]))
    assert (replayed.status, replayed.output) == ("succeeded", FOUND), replayed.stop_detail
    assert model.embedded() == asked
