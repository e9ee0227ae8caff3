"""What no person would send is refused in words; nothing breaks, nothing is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulations.models import Scenario
from simulations.sweeps.models import Sweep
from tenants.models import User
from tests.conftest import ApiOf

URL = "/w/acme/api/v1/sweeps/"
BIG = 10**400
ODD: list[dict[str, Any]] = [
    {"design": {"list": [{"size": BIG}], "seeds": 1}},
    {"design": {"list": [{"\x00": 1}], "seeds": 1}},
    {"design": {"list": [{}], "grid": {"size": [20]}, "seeds": 1}},
    {"design": {"grid": {"size": [None, {"a": 1}]}, "seeds": 1}},
    {"design": {"grid": {"activation": ["\ud800"]}, "seeds": 1}},
    {"design": {"sobol": {"samples": 4, "ranges": {"size": ["nan", "inf"]}}, "seeds": 1}},
    {"design": {"latin_hypercube": {"samples": 4, "ranges": {"size": [0, 1e300]}}, "seeds": 1}},
    {"design": {"seeds": 0}},
    {"design": []},
    {"first_seed": 2**31 - 1, "design": {"seeds": 2}},
    {"parameters": {"size": BIG}},
    {"parameters": {"size": [1]}},
    {"policy": "\x00"},
    {"model": "\x00"},
    {"title": "\x00", "start": True},
    {"budget": {"usd": "nan"}},
    {"budget": {"calls": -1}},
    {"cap_usd": "NaN"},
    {"cap_calls": BIG},
    {"steps": BIG},
    {"steps": 1_000_000},
    {"kind": "sensitivity"},
    {"scenario": "not an id"},
    {"colour": "red"},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_it_is_refused(api_of: ApiOf, alice: User, scenario: Scenario, odd: dict[str, Any]) -> None:
    body = json.dumps({"scenario": str(scenario.pk), "steps": 2, "design": {"seeds": 1}, **odd})
    answer = api_of(alice).post(URL, body, content_type="application/json")
    assert 400 <= answer.status_code < 500, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Sweep.objects.exists()


def test_odd_filters_are_refused(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    body = {"scenario": str(scenario.pk), "steps": 2, "design": {"seeds": 1}}
    sweep = api_of(alice).post(URL, body, format="json").json()["id"]
    for path in ("?status=odd", f"{sweep}/points/?cell=99999999999", f"{sweep}/results/?interval=z"):
        assert api_of(alice).get(URL + path).status_code == 400, path
