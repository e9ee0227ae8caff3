"""What may be done in a conversation."""

from __future__ import annotations

from django.db import transaction

from agents.definitions import snapshot_of
from agents.runtimes.spec import CrewSpec
from projects.models import Run
from projects.services import Order, start_run
from simulations import access
from simulations.chat import crews
from simulations.chat.library import conversations
from simulations.chat.queries import Conversation, conversation
from simulations.chat.spec import read_chat
from simulations.execution import end
from simulations.models import Scenario, Simulation, Turn
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import FieldError, Invalid, WrongState
from tenants.provenance import revoked

MOST_MESSAGE = 4_000
POLICY = "chat"
Status = Simulation.Status


@transaction.atomic
def add_conversation(*, key: str, by: Member) -> Scenario:
    """Copy a conversation of the library into the workspace."""
    require_builder(by)
    found = conversations().get(key)
    if found is None:
        detail = f"There is no conversation {key!r}; there are: {', '.join(conversations())}."
        raise Invalid(detail, errors=[FieldError("key", "unknown", detail)])
    scenario = Scenario.objects.create(
        key=found.key,
        name=found.name,
        summary=found.summary,
        description=found.description,
        definition=found.definition,
        version=found.version,
        parameters={},
        presets=[],
        policy=POLICY,
        steps=found.spec.turns,
    )
    audit.record("scenario.added", scenario, by=by, key=key)
    return scenario


@transaction.atomic
def begin(*, scenario: Scenario, by: Member, title: str = "") -> Simulation:
    """Prepare a conversation; it starts with the first thing that is said."""
    require_builder(by)
    digests = [scenario.manifest_digest] if scenario.manifest_digest else []
    revoked.refuse_hard(digests)
    turns = read_chat(scenario.definition["spec"]).turns
    simulation = Simulation.objects.create(
        scenario=scenario,
        key=scenario.key,
        definition=scenario.definition,
        title=title or scenario.name,
        seed=0,
        parameters={},
        policy=POLICY,
        steps=turns,
        until=turns,
        manifest_digests=digests,
        started_by_id=by.user_id,
        started_by=by.name or by.email,
    )
    audit.record("simulation.created", simulation, by=by, scenario=scenario.key)
    return simulation


@transaction.atomic
def say(*, simulation: Simulation, message: str, by: Member) -> Turn:
    """Say something; the crew's answer is a run. One thing at a time: what was said before must have ended.

    A turn whose run failed is taken back by the next thing said. Raises Invalid and WrongState.
    """
    require_builder(by)
    text = _checked(message)
    simulation = access.lock(simulation.pk)
    _require_open(simulation)
    so_far = _without_failed(conversation(simulation), simulation)
    if not so_far.turns_left:
        raise WrongState(f"All {so_far.spec.turns} turns are used; complete the conversation to see the results.")
    crew = crews.answering(so_far.spec, simulation.title[:100])
    inputs = {"transcript": crews.written(so_far.transcript()) or "(Nothing yet.)", "message": text}
    turn = _turn(simulation, len(so_far.exchanges) + 1, crew, inputs, by=by, message=text)
    simulation.step = turn.number
    _go_on(simulation)
    return turn


@transaction.atomic
def complete(*, simulation: Simulation, by: Member) -> Turn:
    """End it, and have an observer write what was reached."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    _require_open(simulation)
    so_far = _without_failed(conversation(simulation), simulation)
    if not so_far.exchanges:
        raise WrongState("Nothing has been said yet: there is nothing to sum up. Say something, or stop it.")
    crew = crews.summing_up(so_far.spec, simulation.title[:100])
    inputs = {"transcript": crews.written(so_far.transcript())}
    turn = _turn(simulation, len(so_far.exchanges) + 1, crew, inputs, by=by, kind=Turn.Kind.RESULTS)
    end(simulation, Status.COMPLETED, "talked", f"{len(so_far.exchanges)} turns were taken.")
    audit.record("simulation.completed", simulation, by=by, turns=len(so_far.exchanges))
    return turn


@transaction.atomic
def sum_up_again(*, simulation: Simulation, by: Member) -> Turn:
    """Write the results anew after the observer's run failed."""
    require_builder(by)
    simulation = access.lock(simulation.pk)
    so_far = conversation(simulation)
    if so_far.results is None or so_far.results.is_open or so_far.results.is_answered:
        raise WrongState("There are results already, or they are being written.")
    simulation.turns.filter(kind=Turn.Kind.RESULTS).delete()
    crew = crews.summing_up(so_far.spec, simulation.title[:100])
    inputs = {"transcript": crews.written(so_far.transcript())}
    return _turn(simulation, len(so_far.exchanges) + 1, crew, inputs, by=by, kind=Turn.Kind.RESULTS)


def _checked(message: str) -> str:
    text = message.strip()
    if not 1 <= len(text) <= MOST_MESSAGE:
        detail = f"Say something of 1 to {MOST_MESSAGE:,} characters."
        raise Invalid(detail, errors=[FieldError("message", "length", detail)])
    return text


def _require_open(simulation: Simulation) -> None:
    revoked.refuse_hard(simulation.manifest_digests)
    if simulation.has_ended:
        raise WrongState(f"This conversation is {simulation.get_status_display().lower()}; begin another one.")


def _without_failed(so_far: Conversation, simulation: Simulation) -> Conversation:
    """The conversation to go on from: a last turn that got no answer does not count."""
    last = so_far.last
    if last is None or last.is_answered:
        return so_far
    if last.is_open:
        raise WrongState("The answer to what you said is still being written; wait for it, or cancel its run.")
    simulation.turns.filter(number=last.number).delete()
    return Conversation(so_far.spec, so_far.exchanges[:-1], so_far.results)


def _turn(
    simulation: Simulation,
    number: int,
    crew: CrewSpec,
    inputs: dict[str, str],
    *,
    by: Member,
    message: str = "",
    kind: Turn.Kind = Turn.Kind.SAID,
) -> Turn:
    snapshot = snapshot_of(crew, agents=()) | {"manifests": list(simulation.manifest_digests)}
    order = Order(Run.Kind.CREW, simulation.pk, simulation.title, snapshot, dict(inputs))
    run = start_run(order=order, project=None, by=by)
    return Turn.objects.create(
        simulation=simulation,
        number=number,
        kind=kind,
        message=message,
        run_id=run.pk,
        said_by_id=by.user_id,
        said_by=by.name or by.email,
    )


def _go_on(simulation: Simulation) -> None:
    if simulation.status == Status.READY:
        simulation.move_to(Status.RUNNING)
    simulation.save(update_fields=["status", "step", "updated_at"])
