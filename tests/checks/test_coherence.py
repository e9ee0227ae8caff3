"""What a manifest asks for fits what it does, and what it does has an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents.tools.house import TOOLS
from marketplace.checks.running import look
from marketplace.checks.subject import Surroundings
from marketplace.manifest.powers import NETWORK, POWERS
from marketplace.manifest.reading import read_json
from tests.checks.making import document, put

Edit = Callable[[dict[str, Any]], object]
HOST = {"kind": "network", "host": "api.example.org", "why": "It asks there."}


def found(*edits: Edit) -> set[tuple[str, str, str]]:
    told = document()
    for edit in edits:
        edit(told)
    findings = look(read_json(told), Surroundings())
    return {(f.code, f.severity.value, f.path) for f in findings if f.group == "coherence"}


def tool(name: str) -> Edit:
    def give(told: dict[str, Any]) -> None:
        put(told, ("spec", "agents", 0, "tools"), [name])
        put(told, ("requires", "tools"), [name])
        told["permissions"].append({"kind": "tool", "tool": name, "why": "It uses it."})

    return give


def asks(**permission: Any) -> Edit:
    return lambda told: told["permissions"].append({"why": "It needs it.", **permission})


def at(*path: str | int) -> Callable[[Any], Edit]:
    return lambda value: lambda told: put(told, path, value)


def second_agent(told: dict[str, Any]) -> None:
    told["spec"]["agents"].append({"name": "mate", "role": "Mate", "goal": "Help.", "allow_delegation": True})
    told["spec"]["agents"][0]["allow_delegation"] = True
    told["permissions"].append({"kind": "delegate", "why": "They help each other."})


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([], set()),
        ([tool("write_file")], {("coherence.not_asked", "error", "permissions")}),
        ([tool("write_file"), asks(kind="files", access="write")], set()),
        ([tool("fetch_web_page")], {("coherence.not_asked", "error", "permissions")}),
        ([tool("fetch_web_page"), asks(kind="network", host="api.example.org")], set()),
        ([asks(kind="network", host="api.example.org")], {("coherence.not_used", "warning", "permissions[1]")}),
        ([tool("fetch_web_page"), asks(kind="network", host="*")], {("coherence.any_host", "warning", "permissions[2].host")}),
        (
            [at("spec", "tasks", 0, "description")("Look at https://api.example.io/x and https://docs.example.com.")],
            {("coherence.host", "warning", "spec.tasks[0].description")},
        ),
        (
            [tool("http_request"), asks(kind="network", host="a.example.org", methods=["GET", "POST"])],
            {("coherence.approval", "warning", "approvals")},
        ),
        (
            [tool("http_request"), asks(kind="network", host="a.example.org", methods=["POST"]), at("approvals")(["http_request"])],
            set(),
        ),
        (
            [tool("http_request"), asks(kind="network", host="a.example.org"), at("disclosure", "data_goes_to")("Nobody.")],
            {("coherence.disclosure", "error", "disclosure.data_goes_to")},
        ),
        ([second_agent], set()),
        ([second_agent, at("limits", "model_calls")(0)], {("coherence.delegation", "error", "limits")}),
        (
            [at("limits")({"minutes": 0})],
            {("coherence.unbounded", "warning", "limits.minutes"), ("coherence.unbounded", "warning", "limits")},
        ),
        ([asks(kind="budget", usd=0.25)], {("coherence.budget", "error", "permissions[1]")}),
        (
            [at("permissions")([{"kind": "model", "provider": "openai", "why": "x"}]), at("spec", "agents", 0, "llm")("gemini/pro")],
            {("coherence.model", "warning", "spec.agents[0].llm")},
        ),
        ([lambda told: told.pop("evaluation")], {("coherence.evaluation", "info", "evaluation")}),
    ],
)  # fmt: skip
def test_powers_fit_what_is_done(edits: list[Edit], said: set[tuple[str, str, str]]) -> None:
    assert found(*edits) == said


def test_the_powers_of_tools_are_those_that_the_house_enforces() -> None:
    words = {"agents:delegate": "delegate", "web:read": NETWORK, "http:allowed": NETWORK}
    for name, known in TOOLS.items():
        enforced = {words.get(word, word) for word in known.permissions if not word.startswith("context:")}
        assert set(POWERS.get(name, ())) == enforced, name
    assert POWERS.keys() <= TOOLS.keys()
