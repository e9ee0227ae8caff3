"""A worker looks after a sweep: takes in what has ended, begins what there is room for, and goes on when the next run ends.

The runs themselves are plays like any other, in the same queue. Every look is one transaction: a worker that dies leaves
the sweep as it was, and no run is begun or counted twice.
"""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from projects.work.leases import Ending, Lease
from simulations.models import Simulation
from simulations.sweeps import access
from simulations.sweeps.harvesting import fail, harvest, take
from simulations.sweeps.models import Point, Sweep
from simulations.sweeps.plays import begin
from simulations.sweeps.waking import KIND
from tenants.access import Member, who_answers
from tenants.context import PUBLIC, enter
from tenants.errors import DomainError
from tenants.models import Tenant

__all__ = ["KIND", "give_up", "run"]

LOOK_AGAIN_SECONDS = 20.0
AT_A_TIME = 100
Status = Sweep.Status


def run(lease: Lease) -> Ending:
    """One look. The end of a run wakes it; it also looks by itself now and then."""
    maker = _maker(lease)
    with transaction.atomic():
        sweep = access.lock(lease.object_id)
        if sweep.status == Status.CANCELLED:
            return "done"
        harvest(sweep)
        if sweep.status == Status.RUNNING:
            _go_on(sweep, maker)
        sweep.save()
    lease.pause = LOOK_AGAIN_SECONDS
    return "queued" if sweep.status == Status.RUNNING else "done"


@transaction.atomic
def give_up(sweep_id: UUID, reason: str) -> None:
    """It crashed too often: it rests, and says why."""
    sweep = access.lock(sweep_id)
    if sweep.status == Status.RUNNING:
        rest(sweep, reason)
        sweep.save()


def rest(sweep: Sweep, why: str) -> None:
    """Begin nothing more until somebody says so."""
    sweep.move_to(Status.PAUSED)
    sweep.detail = why[:300]


def _maker(lease: Lease) -> Member | None:
    """Who answers for the runs, as they may act now; None when they may not."""
    user_id = Sweep.objects.filter(pk=lease.object_id).values_list("started_by_id", flat=True).first()
    with enter(PUBLIC):
        tenant = Tenant.objects.filter(schema_name=lease.schema).first()
    return who_answers(user_id, tenant)


def _go_on(sweep: Sweep, maker: Member | None) -> None:
    if maker is None:
        rest(sweep, f"{sweep.started_by} may not start simulations here any more.")
        return
    while room := _room(sweep):
        waiting = _waiting(sweep)
        if not waiting:
            break
        if not _advance(sweep, waiting, room, maker):
            return
    if not sweep.points.filter(status__in=[Point.Status.WAITING, Point.Status.RUNNING]).exists():
        sweep.move_to(Status.COMPLETED)
        sweep.finished_at = timezone.now()


def _waiting(sweep: Sweep) -> list[Point]:
    """The next ones; those of one cell share its object, so that their sums add up."""
    points = list(sweep.points.filter(status=Point.Status.WAITING).select_related("cell")[:AT_A_TIME])
    cells = {point.cell_id: point.cell for point in points}
    for point in points:
        point.cell = cells[point.cell_id]
    return points


def _room(sweep: Sweep) -> int:
    """How many runs may begin now. Where models are asked, the first goes alone: its answers serve the others."""
    running = sweep.points.filter(status=Point.Status.RUNNING).count()
    alone = sweep.asks_models and not sweep.done
    return max(0, min((1 if alone else settings.SWEEPS_AT_ONCE) - running, _room_in_workspace()))


def _room_in_workspace() -> int:
    """How many more plays may run in it, beside those that people have begun."""
    most = settings.SIMULATIONS_MAX_CONCURRENT
    if not most:
        return int(settings.SWEEPS_AT_ONCE)
    return int(most) - Simulation.objects.filter(status=Simulation.Status.RUNNING).count()


def _advance(sweep: Sweep, waiting: list[Point], room: int, maker: Member) -> bool:
    """Take what was finished before; begin as many of the others as there is room for. False: nothing more for now."""
    known = _finished(waiting)
    for point in waiting:
        if point.run_hash in known:
            take(sweep, point, known[point.run_hash], reused=True)
        elif room and (reached := _cap_reached(sweep)):
            rest(sweep, reached)
            return False
        elif room:
            _begin(sweep, point, maker)
            room -= point.status == Point.Status.RUNNING
    return True


def _finished(waiting: list[Point]) -> dict[str, Simulation]:
    """The oldest completed play of each of these names."""
    plays = Simulation.objects.filter(
        run_hash__in=[point.run_hash for point in waiting],
        status=Simulation.Status.COMPLETED,
        mode=Simulation.Mode.LIVE,
    ).order_by("run_hash", "created_at")
    return {name: next(same) for name, same in groupby(plays, key=lambda play: play.run_hash)}


def _cap_reached(sweep: Sweep) -> str:
    if sweep.cap_calls is not None and sweep.llm_calls >= sweep.cap_calls:
        return f"Its limit of {sweep.cap_calls:,} model calls is reached."
    if sweep.cap_usd is not None and sweep.cost >= sweep.cap_usd:
        return f"Its limit of ${sweep.cap_usd:,.2f} is reached."
    return ""


def _begin(sweep: Sweep, point: Point, maker: Member) -> None:
    """A refusal is the run's failure."""
    try:
        with transaction.atomic():
            point.simulation = begin(sweep, point, by=maker)
    except DomainError as refusal:
        fail(sweep, point, refusal.detail)
        return
    sweep.detail = ""
    point.status = Point.Status.RUNNING
    point.attempts += 1
    point.save(update_fields=["status", "simulation", "attempts", "updated_at"])
