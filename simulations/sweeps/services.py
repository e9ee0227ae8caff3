"""What people may do with sweeps."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from projects.work.queue import withdraw
from simulations.models import Scenario, Simulation
from simulations.services import stop_simulation
from simulations.sweeps import access
from simulations.sweeps.drafting import Draft, NewSweep, draft
from simulations.sweeps.models import Cell, Point, Sweep
from simulations.sweeps.waking import KIND, wake
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState

Status = Sweep.Status


@transaction.atomic
def create_sweep(*, scenario: Scenario, new: NewSweep, start: bool, by: Member) -> Sweep:
    """Store what will be played, with its estimate; with `start` begin. Raises Invalid before anything is stored."""
    require_builder(by)
    made = draft(scenario=scenario, new=new)
    sweep = Sweep.objects.create(
        scenario=scenario,
        key=scenario.key,
        title=new.title or f"{scenario.name}, {len(made.hashes):,} runs",
        kind=new.kind,
        design=dict(new.design),
        parameters=dict(new.parameters),
        axes=list(made.plan.axes),
        first_seed=made.settled.seed,
        policy=made.settled.policy,
        assign=dict(made.settled.assign),
        model=new.model,
        budget=dict(made.settled.budget),
        cap_calls=new.cap_calls,
        cap_usd=new.cap_usd,
        steps=made.settled.steps,
        asks_models=made.settled.asks_models,
        estimate=made.estimate.as_json(),
        runs=len(made.hashes),
        started_by_id=by.user_id,
        started_by=by.name or by.email,
    )
    cells = Cell.objects.bulk_create(_cells(sweep, made), batch_size=500)
    Point.objects.bulk_create(_points(sweep, cells, made), batch_size=1000)
    audit.record("sweep.created", sweep, by=by, scenario=scenario.key, runs=sweep.runs)
    return resume_sweep(sweep=sweep, by=by) if start else sweep


def _cells(sweep: Sweep, made: Draft) -> list[Cell]:
    sets = [(version, cell) for version in made.versions for cell in made.plan.cells]
    return [
        Cell(sweep=sweep, number=number, parameters=cell, variant=version.name, definition=version.definition)
        for number, (version, cell) in enumerate(sets)
    ]


def _points(sweep: Sweep, cells: list[Cell], made: Draft) -> Iterator[Point]:
    """Seed by seed, so that every cell has a first result soon."""
    seeds = made.plan.seeds
    order = [(place, cell) for place in range(len(seeds)) for cell in range(len(cells))]
    for number, (place, cell) in enumerate(order):
        name = made.hashes[cell * len(seeds) + place]
        yield Point(sweep=sweep, cell=cells[cell], number=number, seed=seeds[place], run_hash=name)


@transaction.atomic
def resume_sweep(*, sweep: Sweep, by: Member) -> Sweep:
    """Begin, or go on, in the name of `by`, who answers for the runs from then on."""
    require_builder(by)
    sweep = access.lock(sweep.pk)
    if sweep.status == Status.COMPLETED:
        raise WrongState("All its runs are over; failed ones can be tried again.")
    return _go_on(sweep, "sweep.resumed", by)


@transaction.atomic
def retry_sweep(*, sweep: Sweep, by: Member) -> Sweep:
    """Try the failed runs once more."""
    require_builder(by)
    sweep = access.lock(sweep.pk)
    if not sweep.failed:
        raise WrongState("None of its runs has failed.")
    failed = sweep.points.filter(status=Point.Status.FAILED)
    failed.update(status=Point.Status.WAITING, simulation=None, updated_at=timezone.now())
    sweep.cells.update(failed=0)
    sweep.failed = 0
    return _go_on(sweep, "sweep.retried", by)


def _go_on(sweep: Sweep, action: str, by: Member) -> Sweep:
    if sweep.status != Status.RUNNING:
        sweep.move_to(Status.RUNNING)
    sweep.started_by_id, sweep.started_by = by.user_id, by.name or by.email
    sweep.detail, sweep.finished_at = "", None
    sweep.save()
    wake(sweep.pk)
    audit.record(action, sweep, by=by)
    return sweep


@transaction.atomic
def pause_sweep(*, sweep: Sweep, by: Member) -> Sweep:
    """Begin nothing more. Runs that have begun end, and count."""
    require_builder(by)
    sweep = access.lock(sweep.pk)
    sweep.move_to(Status.PAUSED)
    sweep.save()
    audit.record("sweep.paused", sweep, by=by)
    return sweep


@transaction.atomic
def cancel_sweep(*, sweep: Sweep, by: Member) -> Sweep:
    """End it for good: runs that have begun are stopped, the others never begin. Results so far stay."""
    require_builder(by)
    sweep = access.lock(sweep.pk)
    sweep.move_to(Status.CANCELLED)
    sweep.finished_at = timezone.now()
    sweep.save()
    running = sweep.points.filter(status=Point.Status.RUNNING).select_related("simulation")
    plays = [point.simulation for point in running if point.simulation is not None]
    left = sweep.points.filter(status__in=[Point.Status.WAITING, Point.Status.RUNNING])
    left.update(status=Point.Status.CANCELLED, updated_at=timezone.now())
    for play in plays:
        _stop(play, by)
    withdraw(kind=KIND, object_id=sweep.pk)
    audit.record("sweep.cancelled", sweep, by=by)
    return sweep


def _stop(play: Simulation, by: Member) -> None:
    """It may have ended a moment ago."""
    try:
        with transaction.atomic():
            stop_simulation(simulation=play, by=by)
    except WrongState:
        return


@transaction.atomic
def delete_sweep(*, sweep: Sweep, by: Member) -> None:
    """Delete what it found. Its simulations stay."""
    require_builder(by)
    sweep = access.lock(sweep.pk)
    if sweep.status == Status.RUNNING:
        raise WrongState("This sweep is running; cancel or pause it before you delete it.")
    audit.record("sweep.deleted", sweep, by=by)
    sweep.delete()
