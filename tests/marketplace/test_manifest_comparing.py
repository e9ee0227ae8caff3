"""What two manifests differ in, in the order in which it matters, and the version that the difference asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.manifest.comparing import Difference, compare, is_enough, proposed_version
from marketplace.manifest.reading import read_json
from tests.checks.making import document, put

Edit = Callable[[dict[str, Any]], object]
NETWORK = {"kind": "network", "host": "api.example.org", "why": "It asks there."}


def base() -> dict[str, Any]:
    """Two inputs, one of them optional; http_request with a person's approval."""
    found = document()
    del found["evaluation"]
    put(found, ("spec", "tasks", 0, "tools"), ["http_request"])
    put(found, ("spec", "tasks", 0, "ask_before_tools"), ["http_request"])
    put(found, ("spec", "tasks", 0, "description"), "Write about {port} and {day}.")
    put(found, ("spec", "tasks", 0, "human_input"), True)
    put(found, ("requires", "tools"), ["http_request"])
    found["permissions"] += [{"kind": "tool", "tool": "http_request", "why": "It asks."}, dict(NETWORK)]
    found["permissions"].append({"kind": "budget", "usd": 1, "why": "It calls a model a few times."})
    found["inputs"] = {
        "schema": {
            "type": "object",
            "required": ["port"],
            "properties": {"port": {"type": "string", "maxLength": 50}, "day": {"type": "string", "default": "today"}},
        },
        "examples": [{"port": "Kiel"}],
        "order": ["port", "day"],
    }
    return found


def difference(edit: Edit, *, backwards: bool = False) -> Difference:
    changed = base()
    edit(changed)
    old, new = read_json(base()), read_json(changed)
    return compare(new, old) if backwards else compare(old, new)


def at(*path: str | int) -> Callable[[Any], Edit]:
    return lambda value: lambda found: put(found, path, value)


def properties(found: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = found["inputs"]["schema"]["properties"]
    return inner


WIDER: dict[str, tuple[Edit, str]] = {
    "a permission more": (
        lambda found: found["permissions"].append({"kind": "schedule", "why": "Daily."}),
        "It asks for more: Be started by a schedule, with nobody watching.",
    ),
    "a method more": (
        lambda found: found["permissions"][2].update(methods=["GET", "POST"]),
        "It asks for more: Send data to api.example.org and fetch from it; so far: Fetch pages and data from api.example.org.",
    ),
    "a larger budget": (
        lambda found: found["permissions"][3].update(usd=2),
        "It asks for more: Spend up to $2.00 in one run; so far: Spend up to $1.00 in one run.",
    ),
    "more money": (at("limits", "usd")(0.75), "A run may cost up to $0.75 instead of $0.50."),
    "no bound on money": (at("limits", "usd")(0), "A run may cost up to what the workspace allows instead of $0.50."),
    "no more questions": (
        at("spec", "tasks", 0, "ask_before_tools")([]),
        "It no longer asks a person before it uses http_request (note).",
    ),
    "no more looks": (at("spec", "tasks", 0, "human_input")(False), "A person no longer looks at the answer of note."),
}  # fmt: skip
BREAKING: dict[str, tuple[Edit, str]] = {
    "an input less": (
        lambda found: (
            properties(found).pop("day"), found["inputs"].update(order=["port"]),
            put(found, ("spec", "tasks", 0, "description"), "Write about {port}."),
        ),
        "The input “day” is gone.",
    ),
    "an input more, required": (
        lambda found: (
            properties(found).update(who={"type": "string"}), found["inputs"]["schema"]["required"].append("who"),
            found["inputs"].update(examples=[{"port": "Kiel", "who": "Ann"}]),
        ),
        "The input “who” has to be given now.",
    ),
    "an input that takes less": (
        lambda found: properties(found)["port"].update(maxLength=20), "The input “port” takes less than before.",
    ),
    "another type": (lambda found: properties(found)["day"].update(type="integer", default=1), "The input “day” takes less than before."),
    "another model": (at("requires", "models")([{"capability": "vision"}]), "It needs a model for vision."),
    "a credential": (
        at("requires", "credentials")([{"slot": "harbour", "provider": "harbour", "why": "To sign in."}]),
        "It needs the credential “harbour”.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDER)
def test_more_power_is_a_major_change_that_widens(name: str) -> None:
    edit, reason = WIDER[name]
    found = difference(edit)
    assert (found.level, found.widens) == ("major", True)
    assert reason in found.reasons
    assert not difference(edit, backwards=True).widens


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_its_users_is_a_major_change(name: str) -> None:
    edit, reason = BREAKING[name]
    found = difference(edit)
    assert (found.level, found.widens) == ("major", False)
    assert reason in found.reasons


@pytest.mark.parametrize(
    "edit",
    [
        lambda found: properties(found).update(mood={"type": "string"}),
        lambda found: properties(found)["port"].update(maxLength=80),
        at("spec", "agents", 0, "temperature")(0.5),
        at("limits", "minutes")(9),
        at("disclosure", "data_goes_to")("A model, and api.example.org."),
        lambda found: found["permissions"].__delitem__(2),
    ],
    ids=["optional input", "input takes more", "setting", "limit", "who receives data", "less power"],
)
def test_what_is_new_and_fits_is_a_minor_change(edit: Edit) -> None:
    found = difference(edit)
    assert (found.level, found.widens) == ("minor", False)


def test_words_are_a_patch() -> None:
    found = difference(at("spec", "agents", 0, "goal")("Write down what happened, at length."))
    assert (found.level, found.widens, found.reasons) == ("patch", False, ("Only texts differ.",))
    (change,) = found.prompts
    assert (change.path, change.old, change.new) == (
        "spec.agents.clerk.goal",
        "Write down what happened.",
        "Write down what happened, at length.",
    )
    assert difference(at("metadata", "summary")("Otherwise said.")).words[0].path == "metadata.summary"


def test_a_version_alone_is_no_difference() -> None:
    assert difference(at("metadata", "version")("1.0.1")).is_empty
    assert not difference(at("metadata", "title")("Else")).is_empty


def test_what_moved_is_not_taken_for_what_changed() -> None:
    def second_first(found: dict[str, Any]) -> None:
        found["spec"]["agents"].insert(0, {"name": "mate", "role": "Mate", "goal": "Help."})
        found["spec"]["tasks"].append(
            {"name": "help", "description": "Help.", "expected_output": "Help.", "agent": "mate", "context": ["note"]}
        )

    found = difference(second_first)
    assert {change.path for change in found.prompts} == {
        "spec.agents.mate.goal", "spec.agents.mate.role", "spec.tasks.help.description", "spec.tasks.help.expected_output",
    }  # fmt: skip
    assert found.level == "minor"


@pytest.mark.parametrize(
    ("old", "edit", "new"),
    [
        ("1.2.3", at("metadata", "summary")("Else."), "1.2.4"),
        ("1.2.3", at("limits", "minutes")(9), "1.3.0"),
        ("1.2.3", at("limits", "usd")(2), "2.0.0"),
        ("1.2.3-rc.1", at("metadata", "summary")("Else."), "1.2.3"),
    ],
)
def test_the_version_follows_from_the_difference(old: str, edit: Edit, new: str) -> None:
    found = difference(edit)
    assert proposed_version(old, found) == new
    assert is_enough(old, new, found)
    assert is_enough(old, "9.0.0", found)
    assert not is_enough(old, "1.2.0", found)
