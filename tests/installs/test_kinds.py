"""Agents and tools of the market at work, in crews that were made here."""

from __future__ import annotations

from typing import Any

from django.test import Client

from agents.models import Agent
from agents.tools.models import ConfiguredTool
from marketplace.installs.models import Installation
from marketplace.installs.services import Wish, update_installation
from tenants.access import Member
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.installs.conftest import Install
from tests.installs.shelf import codes_of, helper, offer, sums


def test_agents_and_tools_are_updated_in_place(install: Install, alice_at_acme: Member) -> None:
    person, tool = install(offer(helper())), install(offer(sums()))
    newer = offer(helper("1.0.1", spec={"name": "anna", "role": "Reader", "goal": "Answer well."}))
    other = offer(sums("1.0.1", spec={"tool": "calculator", "settings": {"expression": "40 + 2"}}))
    update_installation(installation=person, version=newer, by=alice_at_acme, wish=Wish())
    update_installation(installation=tool, version=other, by=alice_at_acme, wish=Wish())
    assert (Agent.objects.get().pk, Agent.objects.get().goal) == (person.agent_id, "Answer well.")
    row = ConfiguredTool.objects.get()
    assert (row.pk, row.name, row.settings, row.source) == (
        tool.tool_id, "the_answer", {"expression": "40 + 2"}, "globex/the-answer@1.0.1",
    )  # fmt: skip


def test_settings_that_do_not_fit_are_refused(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    version = offer(sums(spec={"tool": "calculator", "settings": {"precision": 3}}))
    order = {"listing": "globex/the-answer", "grants": codes_of(version)}
    refused = api_of(alice).post("/w/acme/api/v1/installations/", order, format="json")
    assert refused.status_code == 400
    assert "has no setting “precision”; it has expression." in refused.json()["detail"]
    assert not Installation.objects.exists()


def test_the_pages_of_an_agent_and_a_tool(install: Install, client_of: Any, alice: User) -> None:
    browser: Client = client_of(alice)
    for version in (offer(helper()), offer(sums())):
        there = install(version)
        page = browser.get(f"/w/acme/installed/{there.pk}/").content.decode()
        assert f"Remove {there.title}" in page
