from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from agents.models import Crew
from marketplace.installs.models import Installation
from marketplace.models import Listing
from tenants.context import enter
from tests import cast
from tests.conftest import ApiOf
from tests.installs.shelf import offer, reader

GRANTS = ["budget", "model:any"]


def test_of_installs_at_the_same_moment_one_wins(fresh_db: None, api_of: ApiOf) -> None:
    offer(reader())
    api = [api_of(cast.person("alice")) for _ in range(4)]
    order = {"listing": "globex/reader", "grants": GRANTS}

    def install(number: int) -> tuple[int, str]:
        try:
            answer = api[number].post("/w/acme/api/v1/installations/", order, format="json")
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(install, range(4)))
    assert answers == [(201, ""), *[(409, "already_installed")] * 3]
    assert Listing.objects.get(slug="reader").installs == 1
    with enter(cast.workspace("acme").schema_name):
        assert (Installation.objects.count(), Crew.objects.count()) == (1, 1)
