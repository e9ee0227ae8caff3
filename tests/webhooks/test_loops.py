"""A webhook that leads back here, by itself or through another system, comes to an end and says why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.models import Crew
from projects.models import Run
from projects.services import cancel_run
from projects.webhooks.home import LEADS_HOME, leads_home
from projects.webhooks.models import Delivery, Webhook
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, api, fields, relay
from tests.servers.web import Web
from tests.webhooks.test_webhooks import db, made, make, receiver, send

__all__ = ["api", "db", "made", "receiver", "relay"]


def start(api: APIClient, crew: Crew, hops: str) -> Any:
    wish = {"crew": str(crew.pk), "inputs": {"topic": "tides"}}
    return api.post(f"{API}runs/", wish, headers={"Guildhall-Hops": hops})


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://guildhall.example/w/acme/api/v1/runs/", True),
        ("https://GUILDHALL.example.:443/", True),
        ("http://guildhall.example/", False),  # another port, where something else may answer
        ("https://acme.example/hook", True),  # a name of the site's
        ("https://acme.example:8443/hook", False),
        ("https://team.acme.example/hook", True),  # what stands behind .acme.example
        ("https://elsewhere.example/", False),
    ],
)
def test_which_addresses_are_our_own(url: str, *, home: bool, in_acme: Tenant, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://guildhall.example", [".acme.example", "*"]
    assert leads_home(url) is home


def test_our_own_address_is_refused(api: APIClient, receiver: Web, in_acme: Tenant, settings: Settings) -> None:
    settings.PUBLIC_URL = receiver.url("")
    answer = make(api, receiver)
    assert (answer.status_code, fields(answer)) == (400, [("url", "own_address")])
    assert not Webhook.objects.exists()


def test_an_address_that_became_our_own_is_sent_nothing(
    api: APIClient, made: dict[str, Any], receiver: Web, relay: Crew, alice_at_acme: Member, settings: Settings
) -> None:
    settings.PUBLIC_URL = receiver.url("")
    run = Run.objects.get(pk=start(api, relay, "0").data["id"])
    cancel_run(run=run, by=alice_at_acme)
    assert send() is not None
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.last_detail, receiver.asked) == ("failed", LEADS_HOME, [])
    assert send() is None, "it is not tried again"


def test_runs_that_lead_to_each_other_come_to_an_end(
    api: APIClient, made: dict[str, Any], receiver: Web, relay: Crew, alice_at_acme: Member
) -> None:
    run = Run.objects.get(pk=start(api, relay, "5").data["id"])
    assert run.hops == 5
    cancel_run(run=run, by=alice_at_acme)
    assert send() is not None
    [asked] = receiver.asked
    assert (asked.headers["guildhall-hops"], json.loads(asked.body)["data"]["hops"]) == ("6", 6)

    refused = start(api, relay, asked.headers["guildhall-hops"])
    assert (refused.status_code, refused.data["code"], Run.objects.count()) == (409, "loop", 1)
    assert refused.data["detail"].startswith("6 runs in a row each led to the next")


@pytest.mark.parametrize("claimed", ["", "-1", "x", "²", "1, 2", "99999"])
def test_what_is_no_count_is_none(api: APIClient, relay: Crew, claimed: str) -> None:
    answer = start(api, relay, claimed)
    assert (answer.status_code, Run.objects.get(pk=answer.data["id"]).hops) == (202, 0)
