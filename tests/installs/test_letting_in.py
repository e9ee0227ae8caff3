"""What a workspace lets in: its policy at both moments, an admin's yes, blocks, and who may see a listing at all."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models import Crew
from marketplace.enforcement.services import block, lift
from marketplace.installs.models import Approval, Installation
from marketplace.installs.tasks import look_for_updates
from marketplace.models import ListingShare, ListingVersion
from marketplace.moderation.actors import Actor
from tenants.models import Membership, Tenant, User
from tenants.notifications.models import Notification
from tenants.provenance import revoked
from tests.conftest import ApiOf, ClientOf
from tests.installs.conftest import Install, work
from tests.installs.shelf import codes_of, document, offer, reader

INSTALLATIONS = "/w/acme/api/v1/installations/"
POLICY = f"{INSTALLATIONS}policy/"
APPROVALS = f"{INSTALLATIONS}approvals/"
READER = {"listing": "globex/reader", "grants": ["model:any", "budget"]}
RISKY = {"permissions": [
    {"kind": "model", "why": "It answers."},
    {"kind": "budget", "usd": 50.0, "why": "It is dear."},
]}  # fmt: skip
BY = Actor(kind="moderator", user_id=None, name="Moderator", tenant_id=None)


@pytest.fixture
def olga(alice: User, acme: Tenant) -> User:
    """An operator of Acme."""
    user = User.objects.create_user("olga@acme.example", "correct horse battery", name="Olga Orr")
    Membership.objects.create(user=user, tenant=acme, role=Membership.Role.OPERATOR)
    return user


@pytest.mark.parametrize(
    ("policy", "newer", "told"),
    [
        ({"publishers": ["guildhall"]}, {}, "installs from guildhall only, not from globex"),
        ({"kinds": ["agent", "scenario"]}, {}, "of the kind agent or scenario only; this is a crew"),
        ({"highest_risk": 2}, RISKY, "up to medium risk; the permissions of this listing are of high risk"),
    ],
)
def test_the_policy_holds_at_the_first_installation_and_at_an_update(
    api_of: ApiOf, alice: User, in_acme: Tenant, policy: dict[str, Any], newer: dict[str, Any], told: str
) -> None:
    api = api_of(alice)
    offer(reader(**newer))
    assert api.patch(POLICY, policy, format="json").status_code == 200
    refused = api.post(INSTALLATIONS, READER, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "policy")
    assert told in refused.json()["detail"]
    assert not Installation.objects.exists()
    open_again = {"publishers": [], "kinds": [], "highest_risk": 3}
    assert api.patch(POLICY, open_again, format="json").status_code == 200
    there = api.post(INSTALLATIONS, {**READER, "update_policy": "latest"}, format="json").json()
    offer(reader("1.0.1", **newer))
    assert api.patch(POLICY, policy, format="json").status_code == 200
    late = api.post(f"{INSTALLATIONS}{there['id']}/update/", {"grants": []}, format="json")
    assert (late.status_code, late.json()["code"]) == (403, "policy")
    look_for_updates()
    work()
    now = Installation.objects.get()
    assert (now.semver, now.offered_semver) == ("1.0.0", "1.0.1")
    assert told in now.offer_note


def test_only_admins_change_the_policy_and_only_what_they_saw(
    api_of: ApiOf, alice: User, olga: User, in_acme: Tenant
) -> None:
    assert api_of(olga).patch(POLICY, {"needs_approval": True}, format="json").status_code == 403
    api = api_of(alice)
    seen = api.get(POLICY)["ETag"]
    assert api.patch(POLICY, {"kinds": ["crew"]}, format="json", headers={"If-Match": seen}).status_code == 200
    late = api.patch(POLICY, {"kinds": []}, format="json", headers={"If-Match": seen})
    assert late.status_code == 412
    assert api.patch(POLICY, {"publishers": ["No such name"]}, format="json").status_code == 400
    assert api.get(POLICY).json()["kinds"] == ["crew"]


def test_an_operator_asks_and_an_admin_says_yes(
    api_of: ApiOf, client_of: ClientOf, alice: User, olga: User, victor: User, in_acme: Tenant
) -> None:
    version = offer(reader())
    api_of(alice).patch(POLICY, {"needs_approval": True}, format="json")
    asked = api_of(olga).post(INSTALLATIONS, READER, format="json")
    assert (asked.status_code, asked.json()["state"], asked.json()["digest"]) == (202, "pending", version.digest)
    assert not Installation.objects.exists()
    again = api_of(olga).post(INSTALLATIONS, READER, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    told = Notification.objects.get(user=alice, kind="installation")
    assert (told.title, told.url) == ("Olga Orr asks for Reader 1.0.0", "/w/acme/installed/requests/")
    one = f"{APPROVALS}{asked.json()['id']}/"
    assert api_of(olga).post(f"{one}approve/").status_code == 403
    assert api_of(victor).get(one).status_code == 404
    assert "Olga Orr" in client_of(alice).get("/w/acme/installed/requests/").content.decode()
    done = api_of(alice).post(f"{one}approve/")
    assert (done.status_code, done.json()["state"], done.json()["decided_by"]) == (200, "approved", "Alice Archer")
    there = Installation.objects.get()
    assert (there.by_name, str(there.pk)) == ("Alice Archer", done.json()["installation"])
    assert Notification.objects.get(user=olga, kind="installation").title == "Reader 1.0.0: approved"
    assert api_of(alice).post(f"{one}refuse/", {}, format="json").status_code == 409
    offer(reader("1.0.1"))
    update = api_of(olga).post(f"{INSTALLATIONS}{there.pk}/update/", {"grants": []}, format="json")
    assert update.status_code == 202
    no = f"{APPROVALS}{update.json()['id']}/refuse/"
    assert api_of(alice).post(no, {"answer": "Not before Friday."}, format="json").json()["state"] == "refused"
    assert Installation.objects.get().semver == "1.0.0"
    assert "Not before Friday." in client_of(olga).get("/w/acme/installed/requests/").content.decode()


def test_a_request_can_be_taken_back_by_who_made_it(api_of: ApiOf, alice: User, olga: User, in_acme: Tenant) -> None:
    offer(reader())
    api_of(alice).patch(POLICY, {"needs_approval": True}, format="json")
    asked = api_of(olga).post(INSTALLATIONS, READER, format="json").json()
    assert api_of(alice).post(f"{APPROVALS}{asked['id']}/withdraw/").status_code == 403
    assert api_of(olga).post(f"{APPROVALS}{asked['id']}/withdraw/").json()["state"] == "withdrawn"
    assert [each["id"] for each in api_of(olga).get(f"{APPROVALS}?state=withdrawn").json()["results"]] == [asked["id"]]
    assert api_of(olga).get(f"{APPROVALS}?state=nothing").status_code == 400
    assert Approval.objects.get().decided_by == "Olga Orr"


def test_what_is_blocked_hard_is_refused_and_said_on_its_page(
    install: Install, api_of: ApiOf, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    version = offer(reader())
    there = install(version)
    made = block(kind="hard", scope="version", target=version, reason="It copies secrets.", by=BY)
    revoked.memory.forget()
    page = client_of(alice).get(f"/w/acme/installed/{there.pk}/").content.decode()
    assert "It copies secrets" in page
    assert "Nothing is deleted" in page
    told = api_of(alice).get(f"{INSTALLATIONS}{there.pk}/").json()["block"]
    assert (told["kind"], told["reason"]) == ("hard", "It copies secrets.")
    api_of(alice).post(f"{INSTALLATIONS}{there.pk}/remove/")
    for address, body in ((INSTALLATIONS, READER), (f"{INSTALLATIONS}{there.pk}/restore/", {})):
        refused = api_of(alice).post(address, body, format="json")
        assert (refused.status_code, refused.json()["code"]) == (409, "revoked"), address
    lift(made, BY)
    revoked.memory.forget()
    assert api_of(alice).post(f"{INSTALLATIONS}{there.pk}/restore/").status_code == 200
    assert Crew.objects.get().pk == there.crew_id


def test_what_is_blocked_softly_takes_an_admin_and_a_reason(
    api_of: ApiOf, client_of: ClientOf, alice: User, olga: User, in_acme: Tenant
) -> None:
    version = offer(reader())
    block(kind="soft", scope="version", target=version, reason="Its texts mislead.", by=BY)
    revoked.memory.forget()
    with_reason = {**READER, "override": "We have read them."}
    for user, order in ((alice, READER), (olga, with_reason)):
        refused = api_of(user).post(INSTALLATIONS, order, format="json")
        assert (refused.status_code, refused.json()["code"]) == (409, "blocked")
    page = client_of(alice).get("/w/acme/installed/new/globex/reader/").content.decode()
    assert "Its texts mislead" in page
    assert "Why it shall come all the same" in page
    done = api_of(alice).post(INSTALLATIONS, with_reason, format="json")
    assert (done.status_code, done.json()["override_reason"]) == (201, "We have read them.")
    page = client_of(olga).get(f"/w/acme/installed/{done.json()['id']}/").content.decode()
    assert "Installed though the marketplace had blocked it: We have read them. Alice Archer" in page


def test_a_withdrawn_version_stays_where_it_is_and_goes_nowhere_else(
    install: Install, api_of: ApiOf, alice: User, mallory: User, globex: Tenant, in_acme: Tenant
) -> None:
    old, new = offer(reader()), offer(reader("1.1.0"))
    there = install(old)
    reason = {"availability": "yanked", "availability_reason": "It loses words."}
    ListingVersion.objects.filter(pk__in=[old.pk]).update(**reason)
    refused = api_of(mallory).post("/w/globex/api/v1/installations/", {**READER, "version": "1.0.0"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "yanked")
    address = f"{INSTALLATIONS}{there.pk}/"
    assert api_of(alice).get(f"{address}verify/").json()["holds"] is True
    assert api_of(alice).post(f"{address}update/", {"grants": []}, format="json").json()["version"] == new.semver
    back = api_of(alice).post(f"{address}rollback/", {"number": 1, "grants": []}, format="json")
    assert (back.status_code, back.json()["version"]) == (200, "1.0.0")


def test_private_and_shared_listings_are_for_those_they_are_meant_for(
    api_of: ApiOf, alice: User, mallory: User, globex: Tenant, in_acme: Tenant
) -> None:
    version = offer(reader(), by=globex, visibility="private")
    theirs = "/w/globex/api/v1/installations/"
    assert api_of(alice).post(INSTALLATIONS, READER, format="json").status_code == 404
    assert api_of(mallory).post(theirs, READER, format="json").status_code == 201
    version.listing.visibility = "shared"
    version.listing.save()
    assert api_of(alice).post(INSTALLATIONS, READER, format="json").status_code == 404
    ListingShare.objects.create(listing=version.listing, tenant_id=in_acme.pk, by_id=mallory.pk)
    assert api_of(alice).post(INSTALLATIONS, READER, format="json").status_code == 201


def test_needs_end_as_the_manifest_says(api_of: ApiOf, client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    anna = {"name": "anna", "role": "Reader", "goal": "Answer {task}", "tools": ["old_clock", "crystal_ball"]}
    spec = {
        "process": "sequential",
        "agents": [anna],
        "tasks": [{"name": "answer", "description": "{task}", "expected_output": "An answer.", "agent": "anna"}],
    }
    requires: dict[str, Any] = {
        "models": [{"capability": "vision", "otherwise": "skip"}],
        "tools": ["old_clock", "crystal_ball"],
        "fallbacks": [
            {"tool": "old_clock", "otherwise": "substitute", "substitute": "current_date"},
            {"tool": "crystal_ball", "otherwise": "skip"},
        ],
        "credentials": [
            {"slot": "github", "provider": "github", "why": "It reads issues.", "required": False, "otherwise": "skip"}
        ],
    }
    tools = [{"kind": "tool", "tool": name, "why": "It looks."} for name in requires["tools"]]
    version = offer(reader(spec=spec, requires=requires, permissions=[{"kind": "model", "why": "It answers."}, *tools]))
    page = client_of(alice).get("/w/acme/installed/new/globex/reader/").content.decode()
    assert "There is no tool old_clock here." in page
    assert "There is no tool crystal_ball here. It works without." in page
    assert "This workspace has no credential for github. It works without." in page
    order = {**READER, "grants": [*codes_of(version), "tool:current_date"]}
    without = api_of(alice).post(INSTALLATIONS, {**order, "grants": codes_of(version)}, format="json")
    assert (without.status_code, without.json()["code"]) == (400, "not_granted")
    done = api_of(alice).post(INSTALLATIONS, order, format="json")
    assert done.status_code == 201, done.json()
    assert Crew.objects.get().agents.get().tools == ["current_date"]
    here = done.json()["lock"]["here"]
    assert here["tools"] == {"old_clock": "current_date", "crystal_ball": ""}
    assert here["needs"]["model:vision"] == "skipped"
    assert "In place of old_clock" in client_of(alice).get(f"/w/acme/installed/{done.json()['id']}/").content.decode()


def test_a_slot_is_filled_with_what_the_workspace_has(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    slot = {"slot": "github", "provider": "github", "why": "It reads issues."}
    version = offer(reader(requires={"models": [{"capability": "text", "offline": True}], "credentials": [slot]}))
    order = {**READER, "grants": codes_of(version)}
    refused = api_of(alice).post(INSTALLATIONS, order, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "missing_credential")
    hosts = "/w/acme/api/v1/tools/hosts/"
    ids = [
        api_of(alice).post(hosts, {"host": host, "header": "Authorization", "secret": "t"}, format="json").json()["id"]
        for host in ("api.github.com", "uploads.github.com")
    ]
    unsaid = api_of(alice).post(INSTALLATIONS, order, format="json")
    assert "Choose which of yours it may use" in unsaid.json()["detail"]
    done = api_of(alice).post(INSTALLATIONS, {**order, "bindings": {"github": ids[1]}}, format="json").json()
    assert done["bindings"] == {"github": {"kind": "host", "id": ids[1], "name": "The key of uploads.github.com"}}
    api_of(alice).delete(f"{hosts}{ids[1]}/")
    told = api_of(alice).get(f"{INSTALLATIONS}{done['id']}/verify/").json()
    assert [each["path"] for each in told["deviations"]] == ["slots.github"]


def test_a_model_that_cannot_is_refused_before_anything_is_copied(api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    offer(reader(requires={"models": [{"capability": "vision"}]}))
    refused = api_of(alice).post(INSTALLATIONS, READER, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "missing_model")
    assert "No model of this workspace answers" in refused.json()["detail"]
    assert not Crew.objects.exists()


def test_hosts_are_allowed_by_an_admin_who_installs_and_by_nobody_else(
    api_of: ApiOf, alice: User, olga: User, in_acme: Tenant
) -> None:
    spec = {"tool": "http_request", "settings": {"base_url": "https://api.example.org/v1", "method": "GET"}}
    permissions = [
        {"kind": "tool", "tool": "http_request", "why": "It asks."},
        {"kind": "network", "host": "api.example.org", "why": "There."},
    ]
    offer(document("Tool", "weather", spec=spec, requires={"tools": ["http_request"]}, permissions=permissions))
    order = {"listing": "globex/weather", "grants": ["tool:http_request", "network:api.example.org"]}
    made = api_of(olga).post(INSTALLATIONS, order, format="json").json()
    assert made["lock"]["here"]["needs"]["host:api.example.org"] == "later"
    hosts = "/w/acme/api/v1/tools/hosts/"
    assert api_of(alice).get(hosts).json()["results"] == []
    api_of(olga).post(f"{INSTALLATIONS}{made['id']}/remove/")
    assert api_of(alice).post(INSTALLATIONS, order, format="json").status_code == 201
    listed = api_of(alice).get(hosts).json()["results"]
    assert [(each["host"], each["methods"]) for each in listed] == [("api.example.org", ["GET", "HEAD"])]
