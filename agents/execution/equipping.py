"""What a run lends to its agents: tools that are kept in its record, and a way to write to each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from agents.execution.messages import RunHistory
from agents.execution.permitting import Permitted
from agents.execution.using import ToolRecord
from agents.protocol.local.bus import LocalBus
from agents.protocol.local.context import LocalContext
from agents.runtimes.outcome import Complete, ToolImpl
from agents.runtimes.spec import CrewSpec
from agents.tools.calling import implementations
from agents.tools.context import ToolContext
from agents.tools.files import RunFiles
from agents.tools.reading import plain_workplace, read_workplace
from agents.tools.talk import TALKING, Spoken, Talk
from agents.tools.workplace import Workplace
from projects.ledger import Ledger
from projects.models import Effect
from projects.work.threads import in_workspace
from tenants.egress import operators_policy


@asynccontextmanager
async def equipped(
    spec: CrewSpec, ledger: Ledger, complete: Complete, permitted: Permitted
) -> AsyncIterator[dict[str, ToolImpl]]:
    """The tools that the crew uses, by name. `complete` is the run's own way to models, for agents that ask others."""
    used = _used(spec)
    workplace = await _workplace(used, ledger)
    history = RunHistory(ledger)
    talk = await _talk(spec, ledger, history) if TALKING.intersection(used) else None
    record = ToolRecord(ledger)
    tools: dict[str, ToolImpl] = {}
    more = {"complete": complete, "tools": tools, "talk": talk, "refused": record.refused}
    context = _context(spec, ledger, workplace, permitted, **more)
    for name, impl in implementations(used, workplace.tools, context).items():
        tool = workplace.tools.get(name)
        tools[name] = record.keep(
            impl, touches=tool.effect if tool else "none", idempotent=bool(tool and tool.idempotent)
        )
    try:
        yield tools
    finally:
        if talk is not None:
            with history.silent():  # a run that only pauses will say again what is not read yet
                await talk.aclose()


async def _workplace(used: Collection[str], ledger: Ledger) -> Workplace:
    plain = plain_workplace(used)
    return plain if plain is not None else await in_workspace(ledger.schema, read_workplace, used)


async def _talk(spec: CrewSpec, ledger: Ledger, history: RunHistory) -> Talk:
    """Inboxes and shared values, as they stood when the run was last carried on."""
    talk = await Talk.open(LocalBus(history), [agent.name for agent in spec.agents], shared=LocalContext())
    with history.silent():
        await talk.restore(_spoken(ledger.recorded.effects.values()))
    return talk


def _context(spec: CrewSpec, ledger: Ledger, workplace: Workplace, permitted: Permitted, **more: object) -> ToolContext:
    return ToolContext(
        run_id=ledger.run_id,
        schema=ledger.schema,
        emit=ledger.emit,
        files=RunFiles.of(ledger.schema, ledger.run_id),
        egress=operators_policy(),
        collections=ledger.run.snapshot.get("collections", {}),
        workplace=workplace,
        leave=permitted.leaves.crew,
        leaves=permitted.leaves.agents,
        trespassed=permitted.trespasses.note,
        crew=spec,
        hops=ledger.run.hops,
        **more,  # type: ignore[arg-type]  # the fields that only `equipped` has
    )


def _used(spec: CrewSpec) -> list[str]:
    names = [name for agent in spec.agents for name in agent.tools]
    return list(dict.fromkeys([*names, *(name for task in spec.tasks for name in task.tools)]))


def _spoken(effects: Iterable[Effect]) -> list[Spoken]:
    """What the agents said and read so far, in order; a use that nobody finished is made again."""
    done = sorted((each for each in effects if each.state == Effect.State.DONE), key=lambda each: each.pk)
    return [Spoken(each.agent, each.tool, each.arguments) for each in done]
