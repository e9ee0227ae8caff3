"""The same crews as CrewAI itself would run them: its Crew, its executor, its delegation, with a model that writes down what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agents.llm.types import Reply, Request
from agents.runtimes.outcome import ToolImpl, User
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec

Respond = Callable[[Request], Reply]


def kickoff(spec: CrewSpec, respond: Respond, tools: Mapping[str, ToolImpl]) -> list[str]:
    """The raw output of every task."""
    from agents.runtimes import harden

    harden.load()
    from crewai import Crew, Process

    agents = {agent.name: _agent(agent, respond, tools) for agent in spec.agents if agent.name != spec.manager}
    tasks: dict[str, Any] = {}
    for task in spec.tasks:
        tasks[task.name] = _task(task, agents, tasks, tools)
    managed = spec.process == "hierarchical"
    boss = _agent(spec.agent(spec.manager), respond, tools) if spec.manager else None
    crew = Crew(
        agents=list(agents.values()),
        tasks=list(tasks.values()),
        process=Process.hierarchical if managed else Process.sequential,
        manager_agent=boss,
        manager_llm=_llm(AgentSpec(name="m", role="m", goal="m"), respond) if managed and not boss else None,
    )
    with ThreadPoolExecutor(1) as pool:
        result: Any = pool.submit(crew.kickoff).result()
    return [output.raw for output in result.tasks_output]


def _agent(spec: AgentSpec, respond: Respond, tools: Mapping[str, ToolImpl]) -> Any:
    from crewai import Agent

    return Agent(
        role=spec.role,
        goal=spec.goal,
        backstory=spec.backstory,
        llm=_llm(spec, respond),
        tools=[_tool(tools[name]) for name in spec.tools],
        max_iter=spec.max_iter,
        allow_delegation=spec.allow_delegation,
        max_retry_limit=0,
        use_better_compaction=False,
    )


def _task(spec: TaskSpec, agents: Mapping[str, Any], earlier: Mapping[str, Any], tools: Mapping[str, ToolImpl]) -> Any:
    from crewai import Task

    from agents.runtimes.engine.schema import model_of

    more: dict[str, Any] = {}
    if spec.context is not None:
        more["context"] = [earlier[name] for name in spec.context]
    if spec.output_schema is not None:
        more["output_json"] = model_of(spec.output_schema, name="Answer")
    return Task(
        description=spec.description,
        expected_output=spec.expected_output,
        agent=agents.get(spec.agent),
        tools=[_tool(tools[name]) for name in spec.tools],
        async_execution=spec.async_execution,
        markdown=spec.markdown,
        **more,
    )


def _llm(spec: AgentSpec, respond: Respond) -> Any:
    from crewai import BaseLLM

    from agents.runtimes.engine import llm as ours

    class Scripted(BaseLLM):
        def supports_function_calling(self) -> bool:
            return True

        def supports_stop_words(self) -> bool:
            return False

        def get_context_window_size(self) -> int:
            return ours.WIDE

        def get_input_tokens_count(self, *_args: Any, **_more: Any) -> int:
            return 1

        def call(self, messages: Any, tools: Any = None, *_args: Any, **more: Any) -> Any:
            model = more.get("response_model")
            request = Request(
                messages=tuple(ours._message(turn) for turn in self._format_messages(messages)),
                model=spec.llm,
                tools=tuple(ours._tool(tool) for tool in tools or ()),
                response_schema=model.model_json_schema() if model else None,
                temperature=spec.temperature,
            )
            reply = respond(request)
            if tools and reply.tool_calls:
                return [ours._as_crewai(call) for call in reply.tool_calls]
            return model.model_validate_json(reply.text) if model else reply.text

    return Scripted(model="scripted")


def _tool(impl: ToolImpl) -> Any:
    from crewai.tools import BaseTool

    from agents.runtimes.engine.schema import model_of

    class Plain(BaseTool):
        def _run(self, **arguments: Any) -> str:
            async def work() -> str:
                return await impl.run(arguments, User("", ""))

            return asyncio.run(work())

    return Plain(
        name=impl.spec.name,
        description=impl.spec.description,
        args_schema=model_of(impl.spec.parameters, name="Arguments"),
        result_schema=None,
    )
