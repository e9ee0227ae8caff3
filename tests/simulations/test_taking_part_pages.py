"""Stepping into a play from its page, without scripts: plain forms, and nothing changes where they are refused."""

from __future__ import annotations

import pytest

from simulations.models import Bookmark, Intervention, Seat, Simulation
from tenants.models import User
from tests.conftest import ClientOf
from tests.simulations.conftest import Begin, work


def url(simulation: Simulation, act: str = "") -> str:
    return f"/w/acme/simulations/{simulation.pk}/{act}"


def test_a_live_parameter_is_changed(client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation = begin(start=False)
    page = client_of(alice).get(url(simulation)).content.decode()
    assert 'name="parameters.threshold"' in page
    sent = {"kind": "parameter", "target": "threshold", "parameters.threshold": "0.4"}
    assert client_of(alice).post(url(simulation, "change/"), sent).status_code == 302
    act = Intervention.objects.get()
    assert (act.kind, act.target, act.value, act.step) == ("parameter", "threshold", 0.4, None)


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "parameter", "target": "threshold", "value": "7"},
        {"kind": "parameter", "target": "size", "value": "20"},
        {"kind": "event", "target": "weather", "value": "1"},
        {"kind": "message", "target": "nobody", "value": "hello"},
        {"kind": "message", "target": "1", "value": ""},
        {"kind": "seat", "target": "1", "value": "1"},
        {},
    ],
)
def test_what_cannot_be_done_is_refused(sent: dict[str, str], client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation = begin(start=False)
    assert client_of(alice).post(url(simulation, "change/"), sent).status_code == 400
    assert not Intervention.objects.exists()


def test_a_message_stays_the_text_that_it_is(client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation = begin(start=False)
    client_of(alice).post(url(simulation, "change/"), {"kind": "message", "target": "3", "value": "42"})
    assert Intervention.objects.get().value == "42"


def test_a_seat_is_taken_and_left(client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation, client = begin(start=False), client_of(alice)
    assert client.post(url(simulation, "seats/"), {"agent": "x"}).status_code == 400
    assert client.post(url(simulation, "seats/"), {"agent": "5"}).status_code == 302
    seat = Seat.objects.get()
    assert f"{seat.taken_by} decides for agent 5" in client.get(url(simulation)).content.decode()
    assert client.post(url(simulation, f"seats/{seat.pk}/leave/")).status_code == 302
    seat.refresh_from_db()
    assert seat.left_at is not None


def test_an_answer_needs_a_question(client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation = begin(start=False)
    sent = {"agent": "5", "action": "stay"}
    assert client_of(alice).post(url(simulation, "answer/"), sent).status_code == 404
    assert not Intervention.objects.exists()


def test_a_note_marks_a_step_that_was_played(client_of: ClientOf, alice: User, simulation: Simulation) -> None:
    work()
    client = client_of(alice)
    assert client.post(url(simulation, "note/"), {"step": "900", "note": "later"}).status_code == 400
    assert client.post(url(simulation, "note/"), {"step": "2", "note": "quarters <b>begin</b>"}).status_code == 302
    assert Bookmark.objects.get().step == 2
    assert "quarters &lt;b&gt;begin&lt;/b&gt;" in client.get(url(simulation)).content.decode()
    told = client.get(f"/w/acme/api/v1/simulations/{simulation.pk}/happenings/").json()
    assert told["notes"] == [{"step": 2, "note": "quarters <b>begin</b>", "made_by": "Alice Archer"}]


def test_a_branch_and_a_replay_stand_beside_their_origin(
    client_of: ClientOf, alice: User, simulation: Simulation
) -> None:
    work()
    client = client_of(alice)
    assert client.post(url(simulation, "branch/"), {"step": "99"}).status_code == 400
    branched = client.post(url(simulation, "branch/"), {"step": "4"})
    replayed = client.post(url(simulation, "replay/"))
    made = {each.mode: each for each in Simulation.objects.filter(parent=simulation)}
    assert branched["Location"] == f"{url(made['branch'])}?beside={simulation.pk}"
    assert replayed["Location"] == f"{url(made['replay'])}?beside={simulation.pk}"
    assert made["branch"].branched_at == 4
    page = client.get(branched["Location"]).content.decode()
    assert simulation.title in page


def test_who_may_only_look_changes_nothing(client_of: ClientOf, victor: User, simulation: Simulation) -> None:
    work()
    client = client_of(victor)
    for act, sent in (
        ("change/", {"kind": "parameter", "target": "threshold", "value": "0.4"}),
        ("seats/", {"agent": "5"}),
        ("note/", {"step": "1", "note": "mine"}),
        ("branch/", {"step": "1"}),
        ("replay/", {}),
    ):
        assert client.post(url(simulation, act), sent).status_code == 403, act
    assert [each.objects.count() for each in (Intervention, Seat, Bookmark)] == [0, 0, 0]
    assert Simulation.objects.count() == 1


def test_a_stranger_finds_no_play(client_of: ClientOf, mallory: User, begin: Begin) -> None:
    simulation = begin(start=False)
    for act in ("change/", "seats/", "answer/", "note/", "branch/", "replay/"):
        assert client_of(mallory).post(url(simulation, act), {}).status_code == 404, act


@pytest.mark.parametrize(("asked", "step"), [("3", 3), ("999", 12), ("x", 12), ("-1", 12), ("", 12)])
def test_the_page_shows_the_step_of_its_address(
    asked: str, step: int, client_of: ClientOf, alice: User, simulation: Simulation
) -> None:
    work()
    page = client_of(alice).get(url(simulation), {"step": asked}).content.decode()
    assert f'<span class="num" data-at>{step}</span>' in page
