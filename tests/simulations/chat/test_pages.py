"""The page of a conversation, without its script."""

from __future__ import annotations

import pytest

from simulations.chat import services
from simulations.models import Simulation, Turn
from tenants.access import Member
from tenants.models import Tenant, User
from tests.conftest import ClientOf


@pytest.fixture
def talk(in_acme: Tenant, alice_at_acme: Member) -> Simulation:
    scenario = services.add_conversation(key="budget-meeting", by=alice_at_acme)
    return services.begin(scenario=scenario, by=alice_at_acme)


def url(talk: Simulation, rest: str = "") -> str:
    return f"/w/acme/simulations/{talk.pk}/talk/{rest}"


def test_something_is_said_and_waits_for_its_answer(client_of: ClientOf, alice: User, talk: Simulation) -> None:
    client = client_of(alice)
    before = client.get(url(talk)).content.decode()
    assert "You have the floor." in before
    assert "10 turns left" in before
    answer = client.post(url(talk), {"message": "It saves 97,200 <a year>."})
    assert (answer.status_code, answer.url) == (302, url(talk))  # type: ignore[attr-defined]
    after = client.get(url(talk)).content.decode()
    assert "It saves 97,200 &lt;a year&gt;." in after
    assert f'data-open="run:{Turn.objects.get().run_id}"' in after
    assert "9 turns left" in after


def test_what_is_too_long_comes_back_with_the_reason(client_of: ClientOf, alice: User, talk: Simulation) -> None:
    answer = client_of(alice).post(url(talk), {"message": "x" * 4001})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Say something of 1 to 4,000 characters." in page
    assert "x" * 4001 in page


def test_a_viewer_reads_and_cannot_speak(client_of: ClientOf, victor: User, talk: Simulation) -> None:
    client = client_of(victor)
    page = client.get(url(talk)).content.decode()
    assert "You have the floor." in page
    assert "<textarea" not in page
    assert client.post(url(talk), {"message": "Hello"}).status_code == 403
    assert not Turn.objects.exists()


def test_a_play_of_a_model_is_no_conversation(client_of: ClientOf, alice: User, talk: Simulation) -> None:
    Simulation.objects.update(definition={"spec": {"family": "abm"}})
    assert client_of(alice).get(url(talk)).status_code == 404


def test_the_way_from_the_library_to_the_first_word(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    client = client_of(alice)
    added = client.post("/w/acme/scenarios/", {"key": "difficult-customer"}, follow=True)
    page = added.content.decode()
    assert "hedge trimmer" in page
    begun = client.post(added.redirect_chain[-1][0], follow=True)
    assert "I have been waiting for three weeks now!" in begun.content.decode()
    talk = Simulation.objects.get()
    assert client.get(f"/w/acme/simulations/{talk.pk}/").url == url(talk)  # type: ignore[attr-defined]
    assert talk.title in client.get("/w/acme/simulations/").content.decode()
    stopped = client.post(f"/w/acme/simulations/{talk.pk}/resume/")
    assert stopped.status_code == 409
