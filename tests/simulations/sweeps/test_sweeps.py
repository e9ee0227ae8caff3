"""Sweeps at their doors, played by a worker."""

from __future__ import annotations

import csv
import io
import statistics
from typing import Any
from uuid import uuid4

import pytest

from simulations.models import Scenario, Simulation
from simulations.services import NewScenario, add_scenario
from simulations.sweeps import services
from simulations.sweeps.models import Cell, Point, Sweep
from simulations.sweeps.waking import wake
from tenants.access import Member
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.simulations.conftest import work

URL = "/w/acme/api/v1/sweeps/"
GRID = {"grid": {"threshold": [0.3, 0.7]}, "seeds": 3}


def body(scenario: Scenario, **more: Any) -> dict[str, Any]:
    return {"scenario": str(scenario.pk), "design": GRID, "steps": 3, "first_seed": 11, **more}


def made(api_of: ApiOf, by: User, scenario: Scenario, **more: Any) -> Sweep:
    answer = api_of(by).post(URL, body(scenario, **more), format="json")
    assert answer.status_code == 201, answer.json()
    return Sweep.objects.get(pk=answer.json()["id"])


def play_all() -> int:
    """How many pieces of work there were."""
    return sum(1 for _ in iter(work, False))


def again(sweep: Sweep) -> Sweep:
    return Sweep.objects.get(pk=sweep.pk)


def test_every_cell_with_every_seed_and_the_means_of_their_ends(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    sweep = made(api_of, alice, scenario, start=True)
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.runs, sweep.done, sweep.failed, sweep.reused) == ("completed", 6, 6, 0, 0)
    plays = Simulation.objects.filter(pk__in=sweep.points.values("simulation_id"))
    assert sorted(plays.values_list("parameters__threshold", "seed")) == [
        (threshold, seed) for threshold in (0.3, 0.7) for seed in (11, 12, 13)
    ]
    results = api_of(alice).get(f"{URL}{sweep.pk}/results/").json()
    for cell in results["cells"]:
        ends = [
            play.metrics["similarity"] for play in plays.filter(parameters__threshold=cell["parameters"]["threshold"])
        ]
        [similarity] = [figure for figure in cell["figures"] if figure["metric"] == "similarity"]
        assert (similarity["n"], cell["done"], cell["runs"]) == (3, 3, 3)
        assert similarity["mean"] == pytest.approx(statistics.fmean(ends))
        reach = 4.302653 * statistics.stdev(ends) / 3**0.5
        assert similarity["high"] - similarity["mean"] == pytest.approx(reach, rel=1e-5)
    lines = list(csv.reader(io.StringIO(api_of(alice).get(f"{URL}{sweep.pk}/results.csv").content.decode())))
    assert lines[0][:6] == ["run", "variant", "threshold", "seed", "status", "reused"]
    assert len(lines) == 7


def test_what_was_finished_before_is_not_played_again(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    made(api_of, alice, scenario, start=True)
    play_all()
    count = Simulation.objects.count()
    wider = {"grid": {"threshold": [0.3, 0.5, 0.7]}, "seeds": 3}
    estimate = api_of(alice).post(f"{URL}estimate/", body(scenario, design=wider), format="json").json()
    assert (estimate["runs"], estimate["known"], estimate["basis"]) == (9, 6, "rules")
    assert estimate["agent_steps"] == 3 * estimate["agents"] * 3
    sweep = made(api_of, alice, scenario, design=wider, start=True)
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.done, sweep.reused) == ("completed", 9, 6)
    assert Simulation.objects.count() == count + 3


def test_a_look_that_is_repeated_begins_and_counts_nothing_twice(
    api_of: ApiOf, alice: User, scenario: Scenario
) -> None:
    sweep = made(api_of, alice, scenario, start=True)
    for _ in range(8):
        wake(sweep.pk)  # as after a worker that died before it could say that it was done
        work()
        work()
    play_all()
    sweep = again(sweep)
    assert (sweep.done, Simulation.objects.count()) == (6, 6)
    assert sum(cell.done for cell in sweep.cells.all()) == 6
    assert all(cell.sums["similarity"][0] == 3 for cell in sweep.cells.all())


def test_no_more_than_its_window_runs_at_once(api_of: ApiOf, alice: User, scenario: Scenario, settings: Any) -> None:
    settings.SWEEPS_AT_ONCE = 2
    sweep = made(api_of, alice, scenario, start=True)
    most = 0
    while work():
        most = max(most, sweep.points.filter(status="running").count())
    assert (most, again(sweep).done) == (2, 6)


def test_it_rests_and_goes_on_and_ends(api_of: ApiOf, alice: User, scenario: Scenario, settings: Any) -> None:
    settings.SWEEPS_AT_ONCE = 2
    sweep = made(api_of, alice, scenario, start=True)
    work()
    assert api_of(alice).post(f"{URL}{sweep.pk}/pause/").json()["status"] == "paused"
    play_all()
    assert (again(sweep).done, sweep.points.filter(status="waiting").count()) == (2, 4)
    assert api_of(alice).post(f"{URL}{sweep.pk}/pause/").status_code == 409
    api_of(alice).post(f"{URL}{sweep.pk}/resume/")
    work()
    assert api_of(alice).post(f"{URL}{sweep.pk}/cancel/").json()["status"] == "cancelled"
    play_all()
    ended = sweep.points.values_list("status", flat=True)
    assert sorted(ended) == ["cancelled"] * 4 + ["done"] * 2
    assert not Simulation.objects.filter(status="running").exists()
    assert api_of(alice).post(f"{URL}{sweep.pk}/resume/").status_code == 409


def test_failed_runs_are_counted_and_can_be_tried_again(api_of: ApiOf, alice: User, scenario: Scenario) -> None:
    sweep = made(api_of, alice, scenario, start=True)
    work()
    first = sweep.points.filter(status="running").order_by("number")[0]
    api_of(alice).post(f"/w/acme/api/v1/simulations/{first.simulation_id}/stop/")
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.done, sweep.failed) == ("completed", 5, 1)
    first.refresh_from_db()
    assert (first.status, "Stopped by" in first.detail) == ("failed", True)
    assert api_of(alice).post(f"{URL}{sweep.pk}/retry/").status_code == 202
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.done, sweep.failed) == ("completed", 6, 0)
    assert api_of(alice).post(f"{URL}{sweep.pk}/retry/").status_code == 409


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"design": {"sobol": {"samples": 10_000_000, "ranges": {"threshold": [0, 1]}}, "seeds": 1}}, "sweep"),
        ({"design": {"grid": {"threshold": [0.3, 7]}, "seeds": 1}}, "parameters.threshold"),
        ({"design": {"grid": {"colour": [1]}, "seeds": 1}}, "parameters.colour"),
        ({"design": {"grid": {"threshold": [[1]]}, "seeds": 1}}, "design.grid.threshold.0.bool"),
        ({"policy": "oracle"}, "policy"),
        ({"kind": "other"}, "kind"),
    ],
)
def test_what_is_refused_names_the_field_and_stores_nothing(
    api_of: ApiOf, alice: User, scenario: Scenario, more: dict[str, Any], field: str
) -> None:
    for url in (URL, f"{URL}estimate/"):
        answer = api_of(alice).post(url, body(scenario, **more), format="json")
        assert answer.status_code in {400, 422}
        assert field in [error["field"] for error in answer.json()["errors"]], answer.json()
    assert (Sweep.objects.count(), Cell.objects.count(), Point.objects.count()) == (0, 0, 0)


def test_strangers_see_nothing_and_viewers_start_nothing(
    api_of: ApiOf, alice: User, victor: User, mallory: User, scenario: Scenario
) -> None:
    sweep = made(api_of, alice, scenario)
    assert api_of(mallory).get(f"{URL}{sweep.pk}/").status_code == 404
    assert api_of(victor).get(f"{URL}{sweep.pk}/").json()["status"] == "ready"
    for door in ("resume", "cancel", "pause", "retry"):
        assert api_of(victor).post(f"{URL}{sweep.pk}/{door}/").status_code == 403
    assert api_of(victor).post(URL, body(scenario), format="json").status_code == 403
    assert api_of(alice).get(f"{URL}{uuid4()}/").status_code == 404
    assert (Sweep.objects.count(), again(sweep).status) == (1, "ready")


def test_whoever_left_starts_nothing_more(
    api_of: ApiOf, alice: User, alice_at_acme: Member, scenario: Scenario
) -> None:
    sweep = made(api_of, alice, scenario, start=True)
    Sweep.objects.filter(pk=sweep.pk).update(started_by_id=uuid4(), started_by="Somebody")
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.detail) == ("paused", "Somebody may not start simulations here any more.")
    assert not Simulation.objects.exists()
    services.resume_sweep(sweep=sweep, by=alice_at_acme)
    play_all()
    assert again(sweep).status == "completed"


def test_bins_are_halved_and_doubled_and_the_shift_is_told(
    api_of: ApiOf, alice: User, alice_at_acme: Member, in_acme: Tenant
) -> None:
    parameters = {"islands": 2, "people": 6}
    new = NewScenario(key="voter", parameters=parameters, seed=5)
    voters = add_scenario(new=new, by=alice_at_acme)
    sweep = made(api_of, alice, voters, kind="sensitivity", design={"seeds": 2}, start=True)
    play_all()
    sweep = again(sweep)
    assert (sweep.status, sweep.done) == ("completed", sweep.runs)
    cells = api_of(alice).get(f"{URL}{sweep.pk}/results/").json()["cells"]
    variants = [cell["variant"] for cell in cells]
    assert variants[0] == "as declared"
    assert {"half the levels", "twice the levels"} <= {name.partition(": ")[2] for name in variants[1:]}
    for cell in cells:
        for figure in cell["figures"]:
            [usual] = [each for each in cells[0]["figures"] if each["metric"] == figure["metric"]]
            shift = None if cell is cells[0] else pytest.approx(figure["mean"] - usual["mean"])
            assert figure["shift"] == shift
    digests = Simulation.objects.values_list("scenario_digest", flat=True)
    assert len(set(digests)) == len(variants)
