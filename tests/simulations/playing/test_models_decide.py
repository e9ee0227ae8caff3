"""Plays in which a language model decides, over a real server: paid once, known afterwards, never beyond the budget."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from agents.llm.choose import forget_probes
from projects.faults.models import Fault
from projects.work.models import WorkItem
from simulations import services
from simulations.models import Answer, Decision, Frame, Scenario, Simulation
from simulations.ports import acquaintance
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant
from tests.servers.llm import FakeLLM, closed_url
from tests.simulations.playing.conftest import Played, carried_out


def digests(simulation: Simulation) -> list[tuple[int, str]]:
    return list(Frame.objects.filter(simulation=simulation).exclude(kind="status").values_list("step", "digest"))


def test_each_situation_is_paid_for_once_and_known_in_every_play_after(
    played: Played, model: FakeLLM, alice_at_acme: Member
) -> None:
    first = played(policy="llm")
    asked = len(model.ledger())
    assert (first.status, first.step, first.llm_calls, first.tokens) == ("completed", 4, asked, 110 * asked)
    assert asked == Answer.objects.count() == Decision.objects.filter(source="llm").count()
    assert first.decisions["llm"] + first.decisions["cache"] >= 4 * sum(first.population.values())
    assert first.served_by == "openai/fake-1"
    assert acquaintance.answered_lately("t_acme")
    exchanges = Decision.objects.filter(source="llm").values_list("exchange__model", flat=True)
    assert set(exchanges) == {"openai/fake-1"}

    replay = carried_out(services.replay_simulation(simulation=first, by=alice_at_acme))
    assert (replay.status, replay.digest, replay.llm_calls) == ("completed", first.digest, 0)
    assert digests(replay) == digests(first)
    assert set(replay.decisions) == {"replay"}

    again = played(policy="llm", title="The same seed once more")
    assert (again.run_hash, again.digest, again.llm_calls) == (first.run_hash, first.digest, 0)
    assert len(model.ledger()) == asked


CAPS = [("rules", "completed", "steps"), ("pause", "paused", "over_budget"), ("stop", "stopped", "over_budget")]


@pytest.mark.parametrize(("after_cap", "status", "reason"), CAPS)
def test_a_spent_budget_does_what_was_chosen(
    after_cap: str, status: str, reason: str, played: Played, model: FakeLLM
) -> None:
    simulation = played(policy="llm", budget={"calls": 3, "after_cap": after_cap})
    assert (simulation.status, simulation.stop_reason) == (status, reason)
    assert simulation.llm_calls == len(model.ledger()) == 3
    if after_cap == "rules":
        assert simulation.fallbacks == simulation.decisions["fallback"] > 0
    else:
        assert (simulation.step, simulation.fallbacks) == (0, 0)
        assert simulation.stop_detail
    noted = (
        []
        if after_cap == "rules"
        else [("budget", "over_budget", f"{simulation.title}, step 0: {simulation.stop_detail}")]
    )
    assert list(Fault.objects.values_list("category", "code", "detail")) == noted


def test_a_dead_provider_leaves_the_play_to_its_rules_and_says_so(played: Played, settings: Settings) -> None:
    settings.LLM = dict.fromkeys(settings.LLM, "") | {"openai_base_url": closed_url(), "openai_model": "fake-1"}
    forget_probes()
    acquaintance.note_answer("t_acme")
    simulation = played(policy="llm", steps=2)
    assert not acquaintance.answered_lately("t_acme")
    assert (simulation.status, simulation.step) == ("completed", 2)
    assert simulation.decisions == {"fallback": simulation.fallbacks}
    assert not Answer.objects.exists()
    causes = set(Decision.objects.values_list("reason", flat=True))
    assert all(cause.partition(":")[0] in {"unavailable", "models_dead", "timeout"} for cause in causes)


def test_the_offline_provider_answers_alike_each_time_and_is_named(played: Played, settings: Settings) -> None:
    settings.LLM = dict.fromkeys(settings.LLM, "") | {"provider": "offline"}
    forget_probes()
    one = played(policy="llm", steps=2)
    Answer.objects.all().delete()
    two = played(policy="llm", steps=2)
    assert one.digest == two.digest
    assert one.served_by == "offline/extractive-1"


def test_a_metric_that_is_no_number_ends_the_play_in_words_and_keeps_the_steps_before(
    in_acme: Tenant, alice_at_acme: Member
) -> None:
    whole = {
        "metadata": {"name": "countdown"},
        "spec": {
            "family": "abm",
            "environment": {
                "globals": {"left": {"type": "int", "init": 3}},
                "before": [{"add": "global.left", "value": "-1"}],
            },
            "archetypes": {"watcher": {"count": 2}},
            "actions": {"wait": {}},
            "policies": {"rule": {"kind": "rule", "choose": [{"do": "wait"}]}},
            "metrics": {"part": {"value": "1 / global.left"}},
        },
    }
    scenario = services.write_scenario(text=whole, by=alice_at_acme)
    settings = services.Settings(steps=9)
    simulation = services.create_simulation(scenario=scenario, settings=settings, start=True, by=alice_at_acme)
    simulation = carried_out(simulation)
    assert (simulation.status, simulation.step) == ("failed", 2)
    assert simulation.stop_detail.startswith("“1 / global.left” has no value")
    assert list(Fault.objects.values_list("category", "code")) == [("data", "play_failed")]


def test_a_play_that_lost_its_worker_says_so_in_the_list_of_errors(town: Scenario, alice_at_acme: Member) -> None:
    wish = services.Settings(policy="rule", steps=1)
    simulation = services.create_simulation(scenario=town, settings=wish, start=True, by=alice_at_acme)
    with enter(PUBLIC):
        WorkItem.objects.filter(object_id=simulation.pk).update(crashes=1)
    assert carried_out(simulation).status == "completed"
    [noted] = Fault.objects.all()
    assert (noted.category, noted.code, noted.recovered, noted.how) == ("internal", "worker_lost", True, "resume")
