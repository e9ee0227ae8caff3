from __future__ import annotations

from rest_framework.test import APIClient

from agents.tools.house import TOOLS
from agents.tools.permissions import MEANINGS
from tests.agents.conftest import API


def test_tools_are_told_with_what_they_may_touch(api: APIClient) -> None:
    told = {tool["name"]: tool for tool in api.get(f"{API}tools/").data["results"]}
    assert list(told) == sorted(TOOLS)
    assert told["calculator"]["permissions"] == []
    assert told["calculator"]["parameters"]["required"] == ["expression"]
    assert told["http_request"] == {
        "name": "http_request",
        "title": "HTTP request",
        "summary": TOOLS["http_request"].summary,
        "parameters": TOOLS["http_request"].spec.parameters,
        "permissions": ["http:allowed"],
        "touches": ["Sends requests to the hosts that this workspace allows"],
        "effect": "write",
        "brings_in": True,
        "sends_out": True,
        "limits": {"calls": 40, "seconds": 35.0, "characters": 20_000},
    }
    assert {name: tool["effect"] for name, tool in told.items() if tool["effect"] == "write"} == {
        "http_request": "write",
        "put_shared": "write",
        "read_messages": "write",
        "send_message": "write",
        "write_file": "write",
    }
    assert [name for name, tool in told.items() if tool["sends_out"]] == ["http_request"]
    assert [name for name, tool in told.items() if not tool["brings_in"]] == [
        "calculator",
        "current_date",
        "put_shared",
        "send_message",
        "write_file",
    ]


def test_every_permission_has_words() -> None:
    assert {word for tool in TOOLS.values() for word in tool.permissions} == set(MEANINGS)


def test_every_tool_says_whether_it_acts() -> None:
    for tool in TOOLS.values():
        assert tool.spec.acts == (tool.effect == "write"), tool.spec.name
        assert tool.spec.parameters["additionalProperties"] is False
