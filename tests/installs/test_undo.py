"""Removing, and undoing it until the day is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from agents.definitions import spec_of
from agents.models import Agent, Crew
from agents.queries import whole_crew
from marketplace.installs.models import Installation
from marketplace.installs.services.removing import end_of_day
from marketplace.models import InstallLedger, Listing
from simulations.models import Scenario
from tenants.models import Tenant, User
from tests.conftest import ApiOf, ClientOf
from tests.installs.conftest import Install, work
from tests.installs.shelf import offer, reader

INSTALLATIONS = "/w/acme/api/v1/installations/"


def test_what_was_removed_today_comes_back_to_the_last_detail(
    install: Install, api_of: ApiOf, client_of: ClientOf, alice: User, in_acme: Tenant
) -> None:
    there = install(offer(reader()))
    Agent.objects.update(goal="Answer {task} in our own way.")
    crew = Crew.objects.get()
    before, people = spec_of(whole_crew(crew)), list(Agent.objects.values_list("pk", flat=True))
    ends = [end_of_day(timezone.now())]
    removed = api_of(alice).post(f"{INSTALLATIONS}{there.pk}/remove/").json()
    ends += [end_of_day(timezone.now())]  # another one where midnight has passed meanwhile
    assert datetime.fromisoformat(removed["undo_until"]) in ends
    assert (Crew.objects.count(), Agent.objects.count(), Listing.objects.get().installs) == (0, 0, 0)
    assert "Undo the removal" in client_of(alice).get(f"/w/acme/installed/{there.pk}/").content.decode()
    Crew.objects.create(name=crew.name)
    back = api_of(alice).post(f"{INSTALLATIONS}{there.pk}/restore/").json()
    assert (back["state"], back["crew"], back["undo_until"]) == ("active", str(crew.pk), None)
    now = spec_of(whole_crew(Crew.objects.get(pk=crew.pk)))
    assert now == before.model_copy(update={"name": "Reader 2"})
    assert list(Agent.objects.values_list("pk", flat=True)) == people
    assert (InstallLedger.objects.get().state, Listing.objects.get().installs) == ("installed", 1)
    assert api_of(alice).post(f"{INSTALLATIONS}{there.pk}/restore/").status_code == 409


def test_when_the_day_is_over_nothing_is_kept(install: Install, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    there = install(offer(reader()))
    api_of(alice).post(f"{INSTALLATIONS}{there.pk}/remove/")
    assert work() == 0
    Installation.objects.update(undo_until=timezone.now() - timedelta(hours=1))
    late = api_of(alice).post(f"{INSTALLATIONS}{there.pk}/restore/")
    assert (late.status_code, late.json()["code"]) == (409, "too_late")
    from marketplace.installs.services import forget_copies

    forget_copies(there.pk)
    forget_copies(there.pk)
    assert Installation.objects.get().put_away is None


def test_another_one_may_stand_in_its_place(install: Install, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    version = offer(reader())
    first = install(version)
    api_of(alice).post(f"{INSTALLATIONS}{first.pk}/remove/")
    install(version)
    refused = api_of(alice).post(f"{INSTALLATIONS}{first.pk}/restore/")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_installed")
    assert Crew.objects.count() == 1


def test_a_scenario_gets_its_plays_back(market: object, api_of: ApiOf, alice: User, in_acme: Tenant) -> None:
    order = {"listing": "guildhall/schelling-segregation", "grants": ["compute"]}
    there = api_of(alice).post(INSTALLATIONS, order, format="json").json()
    play = {"scenario": there["scenario"], "steps": 5}
    played = api_of(alice).post("/w/acme/api/v1/simulations/", play, format="json").json()
    api_of(alice).post(f"{INSTALLATIONS}{there['id']}/remove/")
    assert not Scenario.objects.exists()
    api_of(alice).post(f"{INSTALLATIONS}{there['id']}/restore/")
    assert [str(each.pk) for each in Scenario.objects.get().simulations.all()] == [played["id"]]
