"""From a specification to live CrewAI objects, used once and thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import wait
from typing import Any

from crewai import Agent, Crew, CrewOutput, Process, Task
from crewai.agents.agent_executor import AgentExecutor
from crewai.tools import BaseTool
from crewai.tools.agent_tools.agent_tools import AgentTools
from crewai.utilities.i18n import I18N_DEFAULT

from agents.runtimes.engine.executor import PlainExecutor
from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.schema import model_of
from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.engine.tap import listening
from agents.runtimes.engine.task import StepTask, guardrail_of
from agents.runtimes.engine.tools import HostTool
from agents.runtimes.outcome import CrewResult, RunStopped, StepOutput, ToolImpl
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec

MANAGER = "manager"
MANAGER_TEXTS = ("role", "goal", "backstory")


class Build:
    """Fresh objects for one run of `spec`, whose placeholders are filled."""

    def __init__(
        self, spec: CrewSpec, session: Session, tools: Mapping[str, ToolImpl], executor: type[AgentExecutor]
    ) -> None:
        self.spec = spec
        self.executor = executor
        self.session = session
        self.tools = tools
        self.names: dict[str, str] = {}  # CrewAI's id of an agent → our name
        workers = [agent for agent in spec.agents if agent.name != self._manager_name]
        self.agents = {agent.name: self.agent(agent) for agent in workers}

    @property
    def _manager_name(self) -> str:
        return self.spec.manager if self.spec.process == "hierarchical" else ""

    def crew(self, done: Mapping[str, StepOutput]) -> Crew:
        hierarchical = self.spec.process == "hierarchical"
        manager = self.manager() if hierarchical else None
        return Crew(
            name=self.spec.name,
            agents=list(self.agents.values()),
            tasks=self.tasks(done, manager),
            process=Process.hierarchical if hierarchical else Process.sequential,
            manager_agent=manager,
            verbose=False,
            memory=False,
            cache=False,
            tracing=False,
        )

    def agent(self, spec: AgentSpec, **more: Any) -> Agent:
        agent = Agent(
            role=spec.role,
            goal=spec.goal,
            backstory=spec.backstory,
            llm=GatewayLLM.of(spec, self.session),
            tools=self.host_tools(spec.tools, spec.name),
            max_iter=spec.max_iter,
            allow_delegation=spec.allow_delegation,
            executor_class=self.executor,
            max_retry_limit=0,
            respect_context_window=False,
            use_better_compaction=False,
            cache=False,
            verbose=False,
            **more,
        )
        self.names[str(agent.id)] = spec.name
        return agent

    def host_tools(self, names: Iterable[str], agent: str) -> list[BaseTool]:
        return [HostTool.of(self.tools[name], self.session, agent) for name in names]

    def manager(self) -> Agent:
        if self.spec.manager:
            return self.agent(self.spec.agent(self.spec.manager))
        role, goal, backstory = (I18N_DEFAULT.retrieve("hierarchical_manager_agent", part) for part in MANAGER_TEXTS)
        manager = self.agent(
            AgentSpec(
                name=MANAGER,
                role=role,
                goal=goal,
                backstory=backstory,
                llm=self.spec.manager_llm,
                allow_delegation=True,
            )
        )
        manager.tools = AgentTools(agents=list(self.agents.values())).tools()
        return manager

    def tasks(self, done: Mapping[str, StepOutput], manager: Agent | None) -> list[Task]:
        tasks: dict[str, StepTask] = {}
        for spec in self.spec.tasks:
            tasks[spec.name] = self.task(spec, tasks, manager)
            if spec.name in done:
                tasks[spec.name].take_over(done[spec.name])
        return list(tasks.values())

    def task(self, spec: TaskSpec, earlier: Mapping[str, StepTask], manager: Agent | None) -> StepTask:
        worker = self._worker(spec)
        llm = _llm(worker or manager)
        optional: dict[str, Any] = {}
        if spec.context is not None:
            optional["context"] = [earlier[name] for name in spec.context]
        if spec.output_schema is not None:
            optional["output_json"] = model_of(spec.output_schema, name=spec.output_name or "Answer")
        if spec.guardrail:
            optional["guardrail"] = guardrail_of(spec, llm)
        task = StepTask(
            name=spec.name,
            description=spec.description,
            expected_output=spec.expected_output,
            agent=worker,
            tools=self.host_tools(spec.tools, llm.agent),
            async_execution=spec.async_execution,
            markdown=spec.markdown,
            guardrail_max_retries=spec.guardrail_max_retries,
            **optional,
        )
        task.bind(spec, self.session, llm)
        return task

    def _worker(self, spec: TaskSpec) -> Agent | None:
        """An agent runs one task at a time, so a task that runs beside others gets an agent of its own."""
        if not spec.agent or spec.agent == self._manager_name:
            return None
        return self.agent(self.spec.agent(spec.agent)) if spec.async_execution else self.agents[spec.agent]


def execute(
    spec: CrewSpec,
    session: Session,
    *,
    tools: Mapping[str, ToolImpl],
    done: Mapping[str, StepOutput],
    executor: type[AgentExecutor] = PlainExecutor,
) -> CrewResult:
    """`executor` is for the comparison with CrewAI's own, which does not report iteration limits."""
    build = Build(spec, session, tools, executor)
    crew = build.crew(done)
    with listening(session, build.names):
        try:
            output = crew.kickoff()
        except Halted:
            output = None
        finally:
            wait(session.side_tasks)
    limited = _limited(spec, session, done)
    if isinstance(session.fault, RunStopped):
        return _result(session, "", None, session.fault.reason, limited)
    if session.fault is not None:
        raise session.fault
    if not isinstance(output, CrewOutput):
        raise TypeError(f"CrewAI answered with {type(output).__name__}.")
    return _result(session, output.raw, output.json_dict, "iteration_limit" if limited else "completed", limited)


def _limited(spec: CrewSpec, session: Session, done: Mapping[str, StepOutput]) -> tuple[str, ...]:
    outputs = {**done, **{step.task: step.output for step in session.steps}}
    return tuple(task.name for task in spec.tasks if task.name in outputs and outputs[task.name].limited)


def _llm(agent: Agent | None) -> GatewayLLM:
    llm = agent.llm if agent else None
    if not isinstance(llm, GatewayLLM):
        raise TypeError("Every task has a worker or a manager.")
    return llm


def _result(
    session: Session, text: str, data: dict[str, Any] | None, reason: str, limited: tuple[str, ...]
) -> CrewResult:
    return CrewResult(
        output=text,
        output_json=data,
        steps=tuple(session.steps),
        usage=session.usage,
        cost=session.cost,
        stop_reason=reason,
        limited=limited,
    )
