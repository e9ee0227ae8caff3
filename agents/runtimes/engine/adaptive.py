"""A router decides after each task which one is next, and when the work is done."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from jsonschema import Draft202012Validator

from agents.llm.types import BadReply, Message, Reply, Request
from agents.runtimes.conditions import tasks_in
from agents.runtimes.engine.crew import CrewRun
from agents.runtimes.engine.step import Step
from agents.runtimes.outcome import StepOutput
from agents.runtimes.spec import CrewSpec, TaskSpec, filled

ROUTER = "router"
FINISH = "finish"
SHOWN = 4_000
ORDER = (
    "You direct a crew. Choose which of the open tasks is done next, by its name, from what the tasks before came to. "
    "For a task without an agent choose the agent as well; otherwise leave it empty. Say why in one sentence. "
    'Answer "finish" when the outputs already hold what the crew is for.'
)
LOST = "Asked again, the router named no task that is open; the order in which the tasks are written decides."


@dataclass(frozen=True, slots=True)
class Decision:
    """`task` empty: the work is done. `fallback`: the router did not decide, the declared order did."""

    task: str
    agent: str
    reason: str
    fallback: bool = False


async def adaptively(run: CrewRun) -> StepOutput:
    """The last output. A task runs at most once, so the rounds end; `max_rounds` may end them earlier."""
    router = _Router(run)
    for number in range(1, run.spec.max_rounds + 1):
        offered = _open_tasks(run)
        if not offered:
            return run.last()
        decision = await router.decide(number, offered)
        if not decision.task:
            return run.last()
        task = next(task for task in offered if task.name == decision.task)
        await _let_run(run, task.model_copy(update={"agent": task.agent or decision.agent}))
    run.unfinished = bool(_open_tasks(run))
    return run.last()


async def _let_run(run: CrewRun, task: TaskSpec) -> None:
    await run.task(task, list(run.outputs) if task.context is None else task.context)


def _open_tasks(run: CrewRun) -> list[TaskSpec]:
    """Tasks that may run now. One whose condition can be told and does not hold is skipped for good."""
    found = []
    for task in run.spec.tasks:
        needs = {*(task.context or ()), *tasks_in(task.condition)}
        if task.name not in run.outputs and needs <= run.outputs.keys() and not run.skips(task):
            found.append(task)
    return found


class _Router:
    def __init__(self, run: CrewRun) -> None:
        self._run = run
        self._step = Step(run.session, ROUTER, ROUTER)

    async def decide(self, number: int, offered: list[TaskSpec]) -> Decision:
        decision = await self._decision(offered)
        told = {"next": decision.task or FINISH, "agent": decision.agent, "reason": decision.reason}
        self._step.emit("router.decided", ROUTER, round=number, **told, fallback=decision.fallback)
        return decision

    async def _decision(self, offered: list[TaskSpec]) -> Decision:
        spec, schema = self._run.spec, _schema(self._run, offered)
        turns = [Message("system", ORDER), Message("user", _situation(self._run, offered))]
        for _ in range(2):
            wish = Request(messages=tuple(turns), model=spec.manager_llm, response_schema=schema)
            try:
                reply = await self._step.ask(ROUTER, wish, bears=(BadReply,))
            except BadReply:  # the gateway had it put right twice already
                break
            decision = _read(reply, schema, offered)
            if isinstance(decision, Decision):
                return decision
            turns += [Message("assistant", reply.text or "(nothing)"), Message("user", decision)]
        first = offered[0]
        return Decision(first.name, first.agent or spec.agents[0].name, LOST, fallback=True)


def _schema(run: CrewRun, offered: list[TaskSpec]) -> dict[str, object]:
    names = [task.name for task in offered] + ([FINISH] if run.outputs else [])
    agents = ["", *(agent.name for agent in run.spec.agents)]
    return {
        "type": "object",
        "properties": {
            "next": {"type": "string", "enum": names},
            "agent": {"type": "string", "enum": agents},
            "reason": {"type": "string"},
        },
        "required": ["next", "agent", "reason"],
        "additionalProperties": False,
    }


def _read(reply: Reply, schema: dict[str, object], offered: list[TaskSpec]) -> Decision | str:
    """The decision, or what is wrong with the answer."""
    try:
        answer = orjson.loads(reply.text)
    except orjson.JSONDecodeError:
        return "This is not JSON. Answer with the JSON alone."
    if misfit := next(iter(Draft202012Validator(schema).iter_errors(answer)), None):
        return f"This cannot be: {misfit.message[:300]}. Answer with the JSON alone."
    task = next((task for task in offered if task.name == answer["next"]), None)
    if task is None:
        return Decision("", "", answer["reason"])
    if not task.agent and not answer["agent"]:
        return f"“{task.name}” has no agent. Choose one."
    return Decision(task.name, task.agent or answer["agent"], answer["reason"])


def _situation(run: CrewRun, offered: list[TaskSpec]) -> str:
    ready = [filled(task, run.values) for task in offered]
    tasks = "\n".join(f"- {task.name} ({_by(task)}): {task.description[:SHOWN]}" for task in ready)
    done = "\n\n".join(f"### {name}\n{run.context([name])[:SHOWN]}" for name in run.outputs if name not in run.skipped)
    return f"Agents:\n{_agents(run.spec)}\n\nOpen tasks:\n{tasks}\n\nOutputs so far:\n{done or 'none'}"


def _agents(spec: CrewSpec) -> str:
    return "\n".join(f"- {agent.name}: {agent.role}. {agent.goal}" for agent in spec.agents)


def _by(task: TaskSpec) -> str:
    return f"by {task.agent}" if task.agent else "choose an agent"
