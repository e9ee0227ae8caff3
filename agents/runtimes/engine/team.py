"""Who does a task, with which tools: agents are made anew for every task, as one agent cannot do two things at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crewai.utilities.i18n import I18N_DEFAULT

from agents.runtimes.engine.classes import hired
from agents.runtimes.engine.delegation import DELEGATION, delegation_tools
from agents.runtimes.engine.step import Step
from agents.runtimes.engine.tools import HostTool, LoopTool
from agents.runtimes.engine.worker import Worker
from agents.runtimes.outcome import ToolImpl
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec

MANAGER = "manager"
MANAGER_TEXTS = ("role", "goal", "backstory")


class Team:
    """The agents of a crew whose placeholders are filled."""

    def __init__(self, spec: CrewSpec, tools: Mapping[str, ToolImpl]) -> None:
        self._spec = spec
        self._tools = tools
        self._manager = _manager(spec) if spec.process == "hierarchical" else None
        self._workers = [agent for agent in spec.agents if agent.name != spec.manager or self._manager is None]

    @property
    def tool_names(self) -> list[str]:
        return [*self._tools, *DELEGATION]

    def called(self, tool: str) -> str:
        """What models know a tool as; that of a server has another name in crews."""
        return self._tools[tool].spec.name if tool in self._tools else tool

    def tools_of(self, task: TaskSpec) -> list[str]:
        """What could be used in a task, by whomever."""
        return [*task.tools, *(name for agent in self._spec.agents for name in agent.tools), *DELEGATION]

    def name_for(self, task: TaskSpec) -> str:
        """Who answers for the task: its agent, or the manager where it has none."""
        if task.agent or self._manager is None:
            return task.agent
        return self._manager.name

    def worker(self, task: TaskSpec, step: Step) -> Worker:
        """The agent that does the task; under a manager that is the manager, who gives the work to the task's agent."""
        if self._manager is not None:
            return self._managed(self._manager, task, step)
        agent = _as_wanted(self._spec.agent(task.agent), task)
        tools = self._host_tools(task.tools or agent.tools, agent.name, step)
        coworkers = [other for other in self._workers if other.name != agent.name]
        if agent.allow_delegation and coworkers:
            tools += self._delegation(agent, coworkers, step)
        return hired(agent, step, tools)

    def _managed(self, manager: AgentSpec, task: TaskSpec, step: Step) -> Worker:
        """CrewAI gives the manager the tools of the task, or else those of its agent; they stay that agent's."""
        agent = next((each for each in self._workers if each.name == task.agent), None)
        wanted = task.tools or (agent.tools if agent else ())
        tools = self._host_tools(wanted, agent.name if agent else manager.name, step)
        tools += self._delegation(manager, [agent] if agent else self._workers, step)
        return hired(_as_wanted(manager, task), step, tools)

    def _host_tools(self, names: Iterable[str], agent: str, step: Step) -> list[LoopTool]:
        return [HostTool.of(self._tools[name], step, agent) for name in names]

    def _delegation(self, agent: AgentSpec, coworkers: list[AgentSpec], step: Step) -> list[LoopTool]:
        async def ask(coworker: AgentSpec, order: str, context: str) -> str:
            tools = self._host_tools(coworker.tools, coworker.name, step)
            return await hired(coworker, step, tools).order(order, context)

        return delegation_tools(step, agent.name, coworkers, ask)


def _as_wanted(agent: AgentSpec, task: TaskSpec) -> AgentSpec:
    """The agent with the model, temperature and length that the task asks for."""
    temperature = agent.temperature if task.temperature is None else task.temperature
    return agent.model_copy(
        update={
            "llm": task.llm or agent.llm,
            "temperature": temperature,
            "max_tokens": task.max_tokens or agent.max_tokens,
        }
    )


def _manager(spec: CrewSpec) -> AgentSpec:
    if spec.manager:
        return spec.agent(spec.manager)
    role, goal, backstory = (I18N_DEFAULT.retrieve("hierarchical_manager_agent", part) for part in MANAGER_TEXTS)
    return AgentSpec(
        name=MANAGER, role=role, goal=goal, backstory=backstory, llm=spec.manager_llm, allow_delegation=True
    )
