"""Newer versions: what comes by itself, what never does, and what becomes of changes made here."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agents.definitions import spec_of
from agents.models import Agent, Crew
from agents.queries import whole_crew
from marketplace.installs.models import Grant, Installation, Pin
from marketplace.installs.services import Wish, roll_back, update_installation
from marketplace.installs.tasks import look_for_updates
from marketplace.models import InstallLedger, Listing
from tenants.access import Member
from tenants.models import Tenant, User
from tenants.notifications.models import Notification
from tests.conftest import ApiOf, ClientOf
from tests.installs.conftest import Install, work
from tests.installs.shelf import ANNA, ANSWER, KNOWLEDGE, MODEL, SEARCH, SPEND, TEXT_MODEL, codes_of, offer, reader

WEB = {"kind": "network", "host": "example.org", "why": "It reads there."}
FETCH = {"kind": "tool", "tool": "http_request", "why": "It asks."}
ASKING = {"tools": ["http_request"], "models": [TEXT_MODEL]}


def asking(*permissions: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A crew whose agent sends requests."""
    anna = ANNA | {"tools": ["http_request"]}
    spec = {"process": "sequential", "agents": [anna], "tasks": [ANSWER | parts.pop("task", {})]}
    return reader(spec=spec, requires=ASKING, permissions=[MODEL, FETCH, SPEND, *permissions], **parts)


def searching() -> dict[str, Any]:
    anna = ANNA | {"tools": ["search_knowledge"]}
    return {
        "spec": {"process": "sequential", "agents": [anna], "tasks": [ANSWER]},
        "requires": {"tools": ["search_knowledge"], "models": [TEXT_MODEL]},
        "permissions": [MODEL, SPEND, SEARCH, KNOWLEDGE],
    }


GET, POST = {"methods": ["GET"]}, {"methods": ["GET", "POST"]}
ONLY_GET = {"operations": ["get"]}
OTHER_HOST = {"kind": "network", "host": "example.net", "why": "It reads there, too."}
WIDENINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a tool and documents": (reader(), reader() | searching()),
    "a host": (asking(WEB), asking(WEB, OTHER_HOST)),
    "methods of a host": (asking(WEB | GET), asking(WEB | POST)),
    "operations of a tool": (asking(WEB) | {"permissions": [MODEL, SPEND, WEB, FETCH | ONLY_GET]}, asking(WEB)),
    "money by permission": (reader(), reader(permissions=[MODEL, SPEND | {"usd": 2.0}])),
    "money by limit": (reader(), reader(limits={"minutes": 5, "usd": 3.0})),
    "no limit of money": (reader(), reader(limits={"minutes": 5})),
    "fewer approvals": (asking(WEB, approvals=["http_request"]), asking(WEB)),
    "nobody looks at the answer": (asking(WEB, task={"human_input": True}), asking(WEB)),
    "delegation": (
        reader(),
        reader(
            spec={"process": "sequential", "agents": [ANNA | {"allow_delegation": True}], "tasks": [ANSWER]},
            permissions=[MODEL, SPEND, {"kind": "delegate", "why": "It asks around."}],
        ),
    ),
}


def numbered(written: dict[str, Any], name: str, version: str) -> dict[str, Any]:
    made = copy.deepcopy(written)
    made["metadata"] |= {"name": name, "version": version}
    return made


def test_what_may_do_more_never_comes_by_itself(install: Install, alice_at_acme: Member, in_acme: Tenant) -> None:
    """Whatever kind of power it is, whatever number it carries, and though every newer version is wished."""
    held: dict[str, tuple[Installation, list[str]]] = {}
    for number, (what, (old, _)) in enumerate(WIDENINGS.items()):
        version = offer(numbered(old, f"listing-{number}", "1.0.0"))
        held[what] = (install(version, update_policy="latest"), codes_of(version))
    for number, (_, new) in enumerate(WIDENINGS.values()):
        offer(numbered(new, f"listing-{number}", "1.0.1"))
    assert look_for_updates() == len(WIDENINGS)
    assert work() == len(WIDENINGS)
    for what, (before, codes) in held.items():
        now = Installation.objects.get(pk=before.pk)
        assert (now.semver, now.number, now.offered_semver) == ("1.0.0", 1, "1.0.1"), what
        assert "asks for more" in now.offer_note, what
        assert set(now.grants.values_list("code", flat=True)) == set(codes), what
        assert Pin.objects.filter(installation=now).count() == 1, what


def test_nor_when_somebody_asks_without_saying_yes(
    install: Install, api_of: ApiOf, alice: User, in_acme: Tenant
) -> None:
    there = install(offer(reader()))
    offer(reader("2.0.0") | searching())
    api, address = api_of(alice), f"/w/acme/api/v1/installations/{there.pk}/"
    told = api.get(f"{address}difference/").json()
    assert (told["version"], told["widens"], told["level"]) == ("2.0.0", True, "major")
    assert [each["code"] for each in told["consents"]] == ["tool:search_knowledge", "knowledge:read"]
    answer = api.post(f"{address}update/", {"grants": ["knowledge:read"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_granted")
    assert "search_knowledge" in answer.json()["detail"]
    assert Installation.objects.get().semver == "1.0.0"
    yes = {"grants": ["knowledge:read", "tool:search_knowledge"]}
    done = api.post(f"{address}update/", yes, format="json")
    assert (done.status_code, done.json()["version"], done.json()["number"]) == (200, "2.0.0", 2)
    crew = Crew.objects.get()
    assert (crew.pk, crew.source, crew.manifest_digest) == (there.crew_id, "globex/reader@2.0.0", done.json()["digest"])
    assert crew.grants == ["budget", "knowledge:read", "model:any", "tool:search_knowledge"]
    assert Agent.objects.get().manifest_digest == crew.manifest_digest
    assert InstallLedger.objects.get().listing_version.semver == "2.0.0"
    assert Listing.objects.get().installs == 1
    again = api.post(f"{address}update/", yes, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "same_version")


def changed(version: str, goal: str) -> dict[str, Any]:
    spec = {"process": "sequential", "agents": [ANNA | {"goal": goal}], "tasks": [ANSWER]}
    return reader(version, spec=spec)


@pytest.mark.parametrize(
    ("policy", "newer", "reached"),
    [
        ("manual", "1.0.1", "1.0.0"),
        ("patch", "1.0.1", "1.0.1"),
        ("patch", "1.1.0", "1.0.0"),
        ("latest", "1.1.0", "1.1.0"),
    ],
)
def test_what_widens_nothing_comes_as_it_was_wished(
    install: Install, alice: User, in_acme: Tenant, policy: str, newer: str, reached: str
) -> None:
    there = install(offer(reader()), update_policy=policy)
    offer(changed(newer, "Answer {task} better."))
    assert (look_for_updates(), work()) == (1, 1)
    assert (look_for_updates(), work()) == (0, 0)
    now = Installation.objects.get()
    assert (now.semver, now.offered_semver) == (reached, "" if reached == newer else newer)
    assert Agent.objects.get().goal == ("Answer {task} better." if reached == newer else "Answer {task}")
    assert Pin.objects.count() == (2 if reached == newer else 1)
    told = Notification.objects.filter(user=alice, kind="update_available")
    assert told.count() == (0 if reached == newer else 1)
    assert there.crew_id == now.crew_id


def test_of_several_the_newest_that_widens_nothing_comes_and_the_rest_is_offered(
    install: Install, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    install(offer(reader()), update_policy="latest")
    offer(changed("1.0.1", "One."))
    offer(changed("1.1.0", "Two."))
    offer(reader("2.0.0") | searching())
    look_for_updates()
    work()
    now = Installation.objects.get()
    assert (now.semver, now.offered_semver) == ("1.1.0", "2.0.0")
    page = client_of(alice).get("/w/acme/installed/").content.decode()
    assert "Update to 2.0.0" in page
    assert '<span class="count">1<span class="sr"> to update</span></span>' in page


def test_what_people_here_changed_is_theirs(install: Install, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    there = install(offer(reader()), update_policy="latest")
    Agent.objects.update(goal="Answer {task} in our own way.")
    offer(changed("1.0.1", "Better."))
    look_for_updates()
    work()
    now = Installation.objects.get()
    assert (now.semver, now.offered_semver) == ("1.0.0", "1.0.1")
    assert "changed here" in now.offer_note
    api, address = api_of(alice), f"/w/acme/api/v1/installations/{there.pk}/update/"
    refused = api.post(address, {"grants": []}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "edited")
    assert api.post(address, {"grants": [], "edits": "keep"}, format="json").status_code == 200
    assert Crew.objects.get(installation=there).agents.get().goal == "Better."
    ours = Crew.objects.exclude(installation=there).get()
    assert (ours.name, ours.agents.get().goal) == ("Reader (our copy)", "Answer {task} in our own way.")
    assert (ours.grants, ours.manifest_digest) == (["budget", "model:any"], now.digest)
    assert ours.agents.get().grants == ["budget", "model:any"]


def test_a_rollback_restores_to_the_letter(install: Install, alice_at_acme: Member, in_acme: Tenant) -> None:
    there = install(offer(reader()))
    crew = Crew.objects.get()
    before, lock = spec_of(whole_crew(crew)), there.lock_digest
    second = offer(changed("1.1.0", "Something else."))
    update_installation(installation=there, version=second, by=alice_at_acme, wish=Wish())
    assert spec_of(whole_crew(crew)) != before
    second.availability, second.availability_reason = "yanked", "It was wrong."
    back = roll_back(installation=Installation.objects.get(), number=1, by=alice_at_acme, wish=Wish())
    assert spec_of(whole_crew(crew)) == before
    assert (back.semver, back.number, back.lock_digest, back.crew_id) == ("1.0.0", 3, lock, crew.pk)
    assert [pin.how for pin in back.pins.all()] == ["rolled_back", "updated", "installed"]


def test_going_back_to_more_power_asks_again(install: Install, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    there = install(offer(reader() | searching()))
    offer(reader("1.1.0"))
    api, address = api_of(alice), f"/w/acme/api/v1/installations/{there.pk}/"
    assert api.post(f"{address}update/", {"grants": []}, format="json").status_code == 200
    assert set(Grant.objects.values_list("code", flat=True)) == {"budget", "model:any"}
    refused = api.post(f"{address}rollback/", {"number": 1, "grants": []}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "not_granted")
    yes = {"number": 1, "grants": ["knowledge:read", "tool:search_knowledge"]}
    assert api.post(f"{address}rollback/", yes, format="json").json()["version"] == "1.0.0"
    assert api.post(f"{address}rollback/", {"number": 9, "grants": []}, format="json").status_code == 404


def test_who_saw_an_older_state_is_told(install: Install, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    there = install(offer(reader()))
    api, address = api_of(alice), f"/w/acme/api/v1/installations/{there.pk}/"
    seen = api.get(address)["ETag"]
    offer(changed("1.0.1", "One."))
    assert api.patch(address, {"update_policy": "patch"}, format="json", headers={"If-Match": seen}).status_code == 200
    stale = api.post(f"{address}update/", {"grants": []}, format="json", headers={"If-Match": seen})
    assert stale.status_code == 412
    assert work() == 1  # the wish was changed, so a worker looks
    assert Installation.objects.get().semver == "1.0.1"


def test_the_page_shows_power_first_and_takes_the_yes(
    install: Install, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    there = install(offer(reader()))
    offer(reader("2.0.0") | searching())
    browser, address = client_of(alice), f"/w/acme/installed/{there.pk}/update/"
    page = browser.get(address).content.decode()
    assert page.index("Read this workspace’s documents") < page.index("Limits and settings")
    refused = browser.post(address, {"version": "2.0.0", "seen": "1", "grants": ["knowledge:read"]})
    assert refused.status_code == 422
    assert "you did not grant" in refused.content.decode()
    done = browser.post(
        address, {"version": "2.0.0", "seen": "1", "grants": ["knowledge:read", "tool:search_knowledge"]}
    )
    assert done["Location"] == f"/w/acme/installed/{there.pk}/"
    old = browser.post(f"/w/acme/installed/{there.pk}/back/1/", {"seen": "1"})
    assert old.status_code == 422
    assert browser.post(f"/w/acme/installed/{there.pk}/back/1/", {"seen": "2"}).status_code == 302
    assert Installation.objects.get().semver == "1.0.0"
