"""A scenario's manifest: read whole, or refused with all that is wrong and where."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from agents.documents import load
from simulations.engine.spec import Limits, ScenarioRefused, ScenarioSpec, parse_scenario

TOWN = (Path(__file__).parent / "town.yaml").read_text()
LIBRARY = sorted((Path(__file__).parents[3] / "simulations" / "scenarios").glob("*.yaml"))


READ = load(TOWN).value


def town() -> dict[str, Any]:
    found: dict[str, Any] = deepcopy(READ)
    return found


def test_it_is_read_with_its_name() -> None:
    spec = parse_scenario(town())
    assert (spec.key, spec.version, spec.name, spec.licence) == ("town", "1.2.0", "A town", "MIT")
    assert spec.asks_models("mixed")
    assert not spec.asks_models("rule")
    assert spec.reached("mixed") == ("mixed", "llm", "rule")
    assert [parameter.label for parameter in spec.declared()] == ["Size", "Wish", "Order"]


def test_a_column_that_forgets_the_order_of_names_does_not_change_it() -> None:
    spec = parse_scenario(town())
    stored = json.loads(json.dumps(spec.document(), sort_keys=True))
    again = parse_scenario(stored)
    assert again == spec
    assert again.digest == spec.digest
    assert list(again.actions) == ["stay", "move", "give"]
    assert list(again.archetypes["resident"].derived) == ["similar", "richest", "happy"]


def test_the_digest_is_of_what_is_played() -> None:
    spec, other, words = parse_scenario(town()), town(), town()
    other["spec"]["policies"]["llm"]["prompt"]["shop"] += "!"
    words["spec"]["metrics"]["gini"]["label"] = "Inequality"
    words["spec"]["look_at"] = "The map."
    assert parse_scenario(other).digest != spec.digest
    assert parse_scenario(words | {"metadata": {"name": "town", "title": "Another"}}).digest != ""


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_is_read(path: Path) -> None:
    document = load(path.read_text())
    assert isinstance(parse_scenario(document.value, lines=document), ScenarioSpec)


WRONG: list[tuple[str, object, str, str]] = [
    ("archetypes.resident.count", 10**9, "spec.archetypes.resident.count", "at most 1,000,000 are allowed"),
    ("parameters.size.max", 5000, "spec.archetypes.resident.count", "With size 5000"),
    ("archetypes.resident.count", "0 - size", "spec.archetypes.resident.count", "no number of agents"),
    ("archetypes.resident.count", "size * size * 2", "spec.archetypes.resident.count", "room for 100"),
    ("archetypes.resident.count", "siez", "spec.archetypes.resident.count", "Did you mean “size”?"),
    ("time.max_steps", 500_000, "spec.time.max_steps", "are too much"),
    ("archetypes.resident.state.group.init", {"choice": [-0.5, 1.5]}, "spec.archetypes.resident.state.group.init.choice[0]", "between 0 and 1; this can be -0.5"),
    ("archetypes.resident.state.group.init", {"choice": ["wish - 1", "wish"]}, "spec.archetypes.resident.state.group.init.choice[0]", "between 0 and 1; this can be -0.7"),
    ("archetypes.resident.state.group.init", {"choice": [0.5]}, "spec.archetypes.resident.state.group.init.choice", "one probability for each"),
    ("archetypes.resident.state.wealth.init", "5 if chance(2) else 1", "spec.archetypes.resident.state.wealth.init", "this can be 2"),
    ("archetypes.resident.state.wealth.init", "().__class__.__mro__", "spec.archetypes.resident.state.wealth.init", "not allowed"),
    ("archetypes.resident.state.wealth.type", "enum", "spec.archetypes.resident.state.wealth.type", "'float'"),
    ("archetypes.resident.state.step", {"type": "int"}, "spec.archetypes.resident.state.step", "a word of the language"),
    ("archetypes.resident.state.wish", {"type": "int"}, "spec.archetypes.resident.state.wish", "There is a parameter “wish” too"),
    ("archetypes.resident.derived.happy", "[x for x in wealth]", "spec.archetypes.resident.derived.happy", "Loops"),
    ("archetypes.resident.derived.similar", {"count": "neighbours"}, "spec.archetypes.resident.derived.similar.count", "Did you mean “neighbors”?"),
    ("archetypes.resident.derived.similar", "similar + 1", "spec.archetypes.resident.derived.similar", "There is no “similar” here"),
    ("archetypes.resident.derived.happy", "lag(wealth, size) > 1", "spec.archetypes.resident.derived.happy", "ask for 10 steps of “wealth”, which keeps 0 to 3"),
    ("archetypes.resident.partner", "baker", "spec.archetypes.resident.partner", "There is no partner “baker”"),
    ("archetypes.shop.place", "al", "spec.archetypes.shop.place", "'random', 'all' or 'none'"),
    ("environment.space", "none", "spec.environment.shape", "Only a space of kind grid"),
    ("environment.network", {"kind": "edges", "nodes": 3, "edges": [[0, 3]]}, "spec.environment.network.edges[0][1]", "There is no node 3"),
    ("environment.network", {"kind": "edges", "nodes": ["ann", "bob"], "edges": [["ann", "eve"]]}, "spec.environment.network.edges[0][1]", "There is no node “eve”. There are: ann, bob"),
    ("environment.before", [{"set": "wealth", "to": 1}], "spec.environment.before[0].set", "No agent acts here"),
    ("observations.resident.similar", {"value": "weelth"}, "spec.observations.resident.similar.value", "Did you mean “wealth”?"),
    ("observations.resident.similar", {"value": "wealth", "bins": [3, 1]}, "spec.observations.resident.similar.bins", "must rise"),
    ("observations.resident.similar", {"median": "wealth"}, "spec.observations.resident.similar", "One of these must be there: value, count"),
    ("observations.baker", {}, "spec.observations.baker", "There is no archetype “baker”"),
    ("actions.move.effect", [{"teleport": "far"}], "spec.actions.move.effect[0]", "One of these must be there: set, add, move_to"),
    ("actions.move.effect", [{"set": "healt", "to": 1}], "spec.actions.move.effect[0].set", "Did you mean “wealth”?"),
    ("actions.move.effect", [{"take": {"pool": "fish", "amount": "much", "into": "wealth"}}], "spec.actions.move.effect[0].take.amount", "There is no “much”"),
    ("actions.move.effect", [{"trade": {"market": "good", "side": "buy", "price": 1}}], "spec.actions.move.effect[0].trade.market", "Did you mean “goods”?"),
    ("actions.move.effect", [{"set": "group", "to": "c"}], "spec.actions.move.effect[0].to", "There is no “c” here"),
    ("actions.move.effect", [{"link": {"to": "partner"}}], "spec.actions.move.effect[0].link", "Only a network has links"),
    ("actions.move.effect", [{"send": {"text": "Hello"}}], "spec.actions.move.effect[0].send", "either to somebody"),
    ("actions.move.effect", [{"send": {"to": "all", "topic": "a.b", "text": "Hello"}}], "spec.actions.move.effect[0].send", "either to somebody"),
    ("actions.move.effect", [{"send": {"topic": "a b", "text": "Hello"}}], "spec.actions.move.effect[0].send.topic", "is no topic"),
    ("actions.move.effect", [{"send": {"topic": "system.news", "text": "Hello"}}], "spec.actions.move.effect[0].send.topic", "are the host's"),
    ("actions.move.effect", [{"send": {"topic": "market.news", "text": "Hello"}}], "spec.actions.move.effect[0].send.topic", "No archetype listens to a topic"),
    ("actions.move.effect", [{"send": {"to": "all", "text": "Hello", "priority": 10}}], "spec.actions.move.effect[0].send.priority", "less than or equal to 9"),
    ("actions.move.effect", [{"send": {"to": "all", "text": "Hello", "lives": 0}}], "spec.actions.move.effect[0].send.lives", "greater than or equal to 1"),
    ("archetypes.shop.listens", {"topics": ["market.*", "mar ket"]}, "spec.archetypes.shop.listens.topics[1]", "is no pattern"),
    ("archetypes.shop.listens", {"where": {"field": "content", "like": "x"}}, "spec.archetypes.shop.listens.where", "A condition has a field and one of equals"),
    ("archetypes.shop.inbox", {"capacity": 0}, "spec.archetypes.shop.inbox.capacity", "greater than or equal to 1"),
    ("archetypes.shop.inbox", {"overflow": "forget"}, "spec.archetypes.shop.inbox.overflow", "'drop_oldest' or 'refuse'"),
    ("policies.rule.choose", [{"do": "fly"}], "spec.policies.rule.choose[0].do", "There is no action “fly”"),
    ("policies.rule.choose", [{"do": "move"}], "spec.policies.rule.choose[0].do", "may not do “move”"),
    ("policies.rule.archetypes.resident.choose", [{"do": "give"}], "spec.policies.rule.archetypes.resident.choose[0].with.much", "needs much"),
    ("policies.rule.archetypes.resident.choose", [{"do": "stay", "when": "wealth > 1"}], "spec.policies.rule.archetypes.resident.choose[0].when", "There is no “wealth” here"),
    ("policies.rule.archetypes.resident.choose", [{"do": "stay", "probability": 1.5}], "spec.policies.rule.archetypes.resident.choose[0].probability", "between 0 and 1; this can be 1.5"),
    ("policies.llm.prompt.resident", "You see {simliar}.", "spec.policies.llm.prompt.resident", "Did you mean “similar”?"),
    ("policies.llm.fallback", "mixed", "spec.policies.llm", "come back to it"),
    ("policies.mixed.route", [{"use": "lm"}], "spec.policies.mixed.route[0].use", "Did you mean “llm”?"),
    ("policies.rule.kind", "python", "spec.policies.rule", "rule, llm, crew, human, hybrid"),
    ("assign.resident", "rules", "spec.assign.resident", "Did you mean “rule”?"),
    ("metrics.gini", {"gini": "1 / 0 if weath else 0"}, "spec.metrics.gini.gini", "There is no “weath”"),
    ("metrics.settled.value", "metric.later", "spec.metrics.settled.value", "There is no “metric.later”"),
    ("views", [{"line": ["happiness"]}], "spec.views[0].line[0]", "There is no metric “happiness”"),
    ("summary", "{unhapy}", "spec.summary", "Did you mean “unhappy”?"),
    ("time.stop_when", "metric.unhappy", "spec.time.stop_when", "This must give yes or no"),
    ("time.activation", "chaotic", "spec.time.activation", "There are: simultaneous, random, staged, event"),
    ("parameters.size.default", 500, "spec.parameters.size.default", "between 5 and 100"),
    ("expect", [{"when": {"wish": 2}, "metric": "unhappy", "between": [0, 1], "source": "-"}], "spec.expect[0].when.wish", "between 0 and 1"),
    ("expect", [{"metric": "unhappy", "between": [2, 1], "source": "-"}], "spec.expect[0].between", "smaller number"),
    ("sweep", {"grid": {"wish": [0.1] * 10}, "seeds": 10**6}, "spec.sweep", "10,000,000 plays; at most 10,000 are allowed"),
    ("sweep", {"sobol": {"samples": 10**7, "ranges": {"wish": [0, 1]}}}, "spec.sweep", "at most 10,000 are allowed"),
    ("sweep", {"grid": {"wish": [7]}}, "spec.sweep.grid.wish[0]", "between 0 and 1"),
    ("look_at", "x" * 30_000, "spec.look_at", "at most 20000 characters"),
    ("environment.capacity", "many", "spec.environment.capacity", "This must be a whole number."),
    ("actions.stay", [], "spec.actions.stay", "a mapping"),
    ("rules", {}, "spec.rules", "There is no such entry here"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "where", "said"), WRONG, ids=[f"{path}-{number}" for number, (path, *_) in enumerate(WRONG)]
)
def test_it_is_refused_with_the_path_and_what_is_allowed(path: str, value: object, where: str, said: str) -> None:
    with pytest.raises(ScenarioRefused) as refused:
        parse_scenario(changed(town(), path, value))
    found = {problem.path: problem.detail for problem in refused.value.problems}
    assert where in found
    assert said in found[where]


def test_a_topic_needs_somebody_who_listens() -> None:
    heard = changed(town(), "archetypes.shop.listens", {"topics": ["market.*"]})
    send = {"send": {"topic": "market.news", "text": "Hello", "priority": 9, "lives": 2}}
    assert parse_scenario(changed(heard, "actions.move.effect", [send])).key == "town"
    with pytest.raises(ScenarioRefused, match=r"Nobody listens to “weather”. They listen to: market\.\*\."):
        parse_scenario(changed(heard, "actions.move.effect", [{"send": {"topic": "weather", "text": "Rain"}}]))
    plain = {"send": {"to": "all", "text": "Hello"}}
    told = {"send": {**plain["send"], "priority": 5, "lives": None}}
    digests = {parse_scenario(changed(town(), "actions.move.effect", [each])).digest for each in (plain, told)}
    assert len(digests) == 1


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    text = TOWN.replace("wish * 8", "whish * 8").replace("do: move,", "do: fly,").replace("unhappy, settled", "unhapy")
    text = text.replace("count: 2", "count: 1000000000")
    document = load(text)
    with pytest.raises(ScenarioRefused) as refused:
        parse_scenario(document.value, lines=document)
    lines = text.splitlines()
    assert [(each.path, each.code) for each in refused.value.problems] == [
        ("spec.archetypes.resident.derived.happy", "expression"),
        ("spec.archetypes.shop.count", "too_many"),
        ("spec.policies.rule.archetypes.resident.choose[0].do", "unknown"),
        ("spec.views[1].line[0]", "unknown"),
    ]
    told = [lines[(problem.line or 0) - 1] for problem in refused.value.problems]
    assert ("whish" in told[0], "fly" in told[2], "unhapy" in told[3]) == (True, True, True)


def test_limits_are_those_of_whoever_runs_it() -> None:
    assert parse_scenario(town(), limits=Limits(agents=8_002, work=8_002 * 50)).key == "town"
    with pytest.raises(ScenarioRefused, match="With size 100 there would be 8,002 agents"):
        parse_scenario(town(), limits=Limits(agents=8_001))


@pytest.mark.parametrize(
    "data", [{}, {"metadata": {"name": "x"}}, {"metadata": {"name": "x"}, "spec": []}, {"metadata": [], "spec": {}}]
)
def test_what_is_no_scenario_at_all(data: dict[str, Any]) -> None:
    with pytest.raises(ScenarioRefused):
        parse_scenario(data)


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *above, last = path.split(".")
    node = document["spec"]
    for part in above:
        node = node[part]
    node[last] = value
    return document
