"""The lock: the same on two fresh instances, and checked against what is there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from agents.models import Agent, Crew
from marketplace.installs.locking import digest_of, digest_of_lock
from marketplace.installs.models import Installation, Pin
from tenants.context import enter
from tenants.models import Tenant, User
from tests import cast
from tests.conftest import ApiOf, ClientOf
from tests.installs.conftest import Install
from tests.installs.shelf import helper, offer, reader, sums
from tests.servers.storage import Storage

KINDS = {"reader": reader, "helper": helper, "the-answer": sums}


def locks_at(api_of: ApiOf, workspace: str, person: str) -> dict[str, dict[str, Any]]:
    """Install one listing of each kind, and give the answers by slug."""
    found = {}
    for slug, made in KINDS.items():
        order = {"listing": f"globex/{slug}", "grants": _codes(made())}
        answer = api_of(cast.person(person)).post(f"/w/{workspace}/api/v1/installations/", order, format="json")
        assert answer.status_code == 201, answer.json()
        found[slug] = answer.json()
    return found


def _codes(written: dict[str, Any]) -> list[str]:
    from marketplace.manifest.reading import read_json

    return [each.meaning().code for each in read_json(written).permissions]


def test_the_same_version_has_the_same_lock_on_two_fresh_instances(
    storage: Storage, django_db_setup: None, django_db_blocker: DjangoDbBlocker, api_of: ApiOf
) -> None:
    """Two databases, made one after the other, and in the second one two workspaces: every id differs, the digests do not."""
    seen = []
    with django_db_blocker.unblock():
        for workspaces in ((("acme", "alice"),), (("globex", "mallory"), ("acme", "alice"))):
            for made in KINDS.values():
                offer(made())
            seen += [locks_at(api_of, slug, person) for slug, person in workspaces]
            connections.close_all()
            storage.clone(storage.database)
    for slug in KINDS:
        digests = {answer[slug]["lock_digest"] for answer in seen}
        assert len(digests) == 1, slug
        assert len({answer[slug]["listing_id"] for answer in seen}) == 2
        assert {digest_of_lock(answer[slug]["lock"]) for answer in seen} == digests


def test_a_lock_says_what_it_was_resolved_to(install: Install) -> None:
    there = install(offer(reader()))
    lock = there.lock
    assert (lock["format"], lock["ref"], lock["manifest"]) == ("guildhall-lock/1", "globex/reader@1.0.0", there.digest)
    assert lock["prompts"]["agents.anna.goal"] == digest_of("Answer {task}")
    assert lock["engines"].keys() == {"crewai"}
    assert lock["models"] == [{"capability": "text", "min_context": 4096, "offline": True, "otherwise": "fail"}]
    assert lock["here"]["models"] == {"model:text": "offline/extractive-1"}
    assert there.lock_digest == digest_of_lock(lock) != digest_of_lock({**lock, "engines": {"crewai": "0.0.1"}})
    pin = Pin.objects.get()
    assert (pin.lock, pin.grants) == (lock, sorted(codes_of_installation(there)))


def codes_of_installation(there: Installation) -> list[str]:
    return list(there.grants.values_list("code", flat=True))


def test_verifying_names_whatever_differs(
    install: Install, api_of: ApiOf, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    there = install(offer(reader()))
    address, page = f"/w/acme/api/v1/installations/{there.pk}/verify/", f"/w/acme/installed/{there.pk}/verify/"
    assert api_of(alice).get(address).json() == {"holds": True, "lock_digest": there.lock_digest, "deviations": []}
    assert "Everything is as it was locked" in client_of(alice).get(page).content.decode()
    Agent.objects.update(goal="Something else.")
    lock = there.lock | {"engines": {"crewai": "0.0.1"}}
    lock["prompts"] = lock["prompts"] | {"agents.anna.goal": digest_of("was")}
    Installation.objects.update(lock=lock, digest="sha256:" + "0" * 64)
    told = api_of(alice).get(address).json()
    assert [each["path"] for each in told["deviations"]] == [
        "manifest",
        "engines.crewai",
        "prompts.agents.anna.goal",
        "copy",
    ]
    assert told["holds"] is False
    assert "another release of crewai" in client_of(alice).get(page).content.decode()
    Crew.objects.all().delete()
    assert "Somebody here deleted the crew." in api_of(alice).get(address).content.decode()


@pytest.mark.parametrize("method", ["get", "post", "patch"])
def test_a_stranger_finds_nothing(
    install: Install, api_of: ApiOf, mallory: User, in_acme: Tenant, globex: Tenant, method: str
) -> None:
    there = install(offer(reader()))
    for end in ("", "verify/", "difference/", "update/", "rollback/", "restore/"):
        for workspace in ("acme", "globex"):
            answer = getattr(api_of(mallory), method)(
                f"/w/{workspace}/api/v1/installations/{there.pk}/{end}", {}, format="json"
            )
            assert answer.status_code in {400, 404, 405}, (workspace, end)
            assert "Reader" not in answer.content.decode()
    with enter(in_acme.schema_name):
        assert Installation.objects.get().number == 1
