"""`audit/`: what was done, and by whom."""

from __future__ import annotations

from tenants.models import User
from tests.conftest import ApiOf

DOOR = "/w/acme/api/v1/audit/"
KEYS = "/w/acme/api/v1/api-keys/"


def test_admins_read_what_was_done_newest_first(api_of: ApiOf, alice: User) -> None:
    api = api_of(alice)
    made = api.post(KEYS, {"name": "nightly"}, format="json").json()
    api.delete(f"{KEYS}{made['id']}/")
    shown = api.get(DOOR).json()["results"]
    assert [entry["action"] for entry in shown] == ["key.revoked", "key.created", "workspace.created"]
    assert {k: shown[1][k] for k in ("target_type", "target_id", "by_id", "by_name", "via", "detail")} == {
        "target_type": "apikey",
        "target_id": made["id"],
        "by_id": str(alice.pk),
        "by_name": "Alice Archer",
        "via": "token",
        "detail": {"role": "operator", "days": 90},
    }


def test_by_action_or_its_first_word(api_of: ApiOf, alice: User) -> None:
    api = api_of(alice)
    api.post(KEYS, {"name": "nightly"}, format="json")
    found = {
        action: [entry["action"] for entry in api.get(DOOR, {"action": action}).json()["results"]]
        for action in ("key", "key.created", "key.creat", "workspace", "%")
    }
    assert found == {
        "key": ["key.created"],
        "key.created": ["key.created"],
        "key.creat": [],
        "workspace": ["workspace.created"],
        "%": [],
    }


def test_others_do_not_read_it_and_nobody_writes_it(api_of: ApiOf, alice: User, victor: User) -> None:
    assert api_of(victor).get(DOOR).status_code == 403
    assert [api_of(alice).generic(method, DOOR).status_code for method in ("POST", "PUT", "PATCH", "DELETE")] == [
        405
    ] * 4
