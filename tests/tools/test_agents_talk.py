"""Agents that ask each other, write to each other, and share values."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from agents.llm.types import Reply, Request, ToolCall, Usage
from agents.protocol.local.bus import LocalBus
from agents.protocol.local.context import LocalContext
from agents.runtimes.outcome import CallId, ToolFailed, ToolImpl, User
from agents.tools.calling import implementations
from agents.tools.house import TOOLS
from agents.tools.talk import Spoken, Talk
from tests.runtimes.stage import agent, crew, task
from tests.tools.conftest import ANNA, Bench, MakeBench

CREW = crew(
    agent("anna", tools=("ask_agent",)),
    agent("bob", tools=("calculator", "ask_agent")),
    agent("carla", tools=("ask_agent",)),
    agent("dan"),
    task("t1", "anna"),
)


class Model:
    """Answers by who is asked; keeps the calls. `tools` makes an agent use one first."""

    def __init__(self, **tools: ToolCall) -> None:
        self.tools = tools
        self.calls: list[tuple[str, list[str]]] = []

    async def __call__(self, request: Request, *, call: CallId, on_text: Any = None) -> Reply:
        self.calls.append((call.key, [tool.name for tool in request.tools]))
        who = call.agent.partition(" ~")[0]
        wish = self.tools.pop(who, None)
        text = "" if wish else f"{who} says {request.messages[-1].content}"
        return Reply(text, "fake", "fake-1", Usage(), (wish,) if wish else ())


def lend(bench: Bench) -> Bench:
    """The run's own tools, as `ask_agent` finds them."""
    lent: dict[str, ToolImpl] = bench.context.tools  # type: ignore[assignment]  # a dict, filled once the tools are made
    lent.update(implementations(TOOLS, TOOLS, bench.context))
    return bench


def test_a_question_is_answered_on_the_runs_own_account(bench_of: MakeBench) -> None:
    model = Model(bob=ToolCall("c1", "calculator", {"expression": "6*7"}))
    bench = lend(bench_of(crew=CREW, complete=model))
    assert bench.use("ask_agent", agent="bob", question="6 times 7?") == "bob says 42"
    keys = [key for key, _ in model.calls]
    assert keys[0].startswith("t1/bob ~")
    assert [key.rpartition("/m")[2] for key in keys] == ["1001", "1002"]
    assert model.calls[0][1] == ["calculator", "ask_agent"]
    assert [kind for kind, _ in bench.told] == ["agent.asked", "agent.answered"]
    bench.use("ask_agent", User("anna", "t1", 2), agent="bob", question="again?")
    assert model.calls[-1][0].endswith("/m2001")


def test_whom_one_can_ask(bench_of: MakeBench) -> None:
    bench = bench_of(crew=CREW, complete=Model())
    for name in ("anna", "nobody"):
        with pytest.raises(ToolFailed, match=f"You cannot ask “{name}”. You can ask: bob, carla, dan"):
            bench.use("ask_agent", agent=name, question="?")
    with pytest.raises(ToolFailed, match="You cannot ask"):
        bench_of().use("ask_agent", agent="bob", question="?")


def test_who_was_asked_may_ask_once_more(bench_of: MakeBench) -> None:
    """anna asks bob, bob asks carla, carla may not ask dan; and nobody asks back."""
    model = Model(
        bob=ToolCall("c1", "ask_agent", {"agent": "carla", "question": "x"}),
        carla=ToolCall("c2", "ask_agent", {"agent": "dan", "question": "y"}),
    )
    bench = lend(bench_of(crew=CREW, complete=model))
    answer = bench.use("ask_agent", agent="bob", question="?")
    assert "You were asked by an agent that was asked itself" in answer
    assert len({key.rpartition("/m")[0] for key, _ in model.calls}) == 2
    back = lend(
        bench_of(crew=CREW, complete=Model(bob=ToolCall("c1", "ask_agent", {"agent": "anna", "question": "x"})))
    )
    assert "You cannot ask “anna”" in back.use("ask_agent", agent="bob", question="?")


@pytest.mark.parametrize(("task_name", "is_used"), [("t1", False), ("t2", True)])
def test_who_was_asked_uses_nothing_that_the_task_asks_a_person_for(
    bench_of: MakeBench, task_name: str, *, is_used: bool
) -> None:
    members = [agent("anna"), agent("bob", tools=("calculator",))]
    spec = crew(*members, task("t1", "anna", ask_before_tools=("calculator",)), task("t2", "anna"))
    model = Model(bob=ToolCall("c1", "calculator", {"expression": "6 * 7"}))
    bench = lend(bench_of(crew=spec, complete=model))
    answer = bench.use("ask_agent", User("anna", task_name, 1), agent="bob", question="?")
    assert ("The tool calculator is used only when a person has allowed it" in answer) == (not is_used)
    assert ("42" in answer) == is_used


@pytest.mark.parametrize("trusts", [False, True])
@pytest.mark.parametrize("outside", ["", "fetch_web_page"])
def test_who_was_asked_sends_nothing_out_after_what_others_wrote(
    bench_of: MakeBench, outside: str, *, trusts: bool
) -> None:
    """anna asks bob, bob asks carla, and carla, who can ask no person, wants to send something to a host that nobody has allowed."""
    members = [agent("anna"), agent("bob", tools=("ask_agent",)), agent("carla", tools=("http_request",))]
    spec = crew(*members, task("t1", "anna"), trust_outside_content=trusts)
    post = ToolCall("c2", "http_request", {"url": "https://files.example/", "method": "POST"})
    model = Model(bob=ToolCall("c1", "ask_agent", {"agent": "carla", "question": "x"}), carla=post)
    bench = lend(bench_of(crew=spec, complete=model))
    answer = bench.use("ask_agent", User("anna", "t1", 1, outside), agent="bob", question="?")
    held = "“fetch_web_page” brought in what others wrote; from then on http_request is used only when a person has allowed it"
    assert (held in answer) == (bool(outside) and not trusts)
    assert ("files.example is not among the hosts that may be reached" in answer) == (not outside or trusts)


def test_what_is_no_method_sends_too_and_ends_no_run(bench_of: MakeBench) -> None:
    members = [agent("anna"), agent("bob", tools=("http_request",))]
    odd = ToolCall("c1", "http_request", {"url": "https://files.example/", "method": ["GET"]})
    bench = lend(bench_of(crew=crew(*members, task("t1", "anna")), complete=Model(bob=odd)))
    answer = bench.use("ask_agent", User("anna", "t1", 1, "fetch_web_page"), agent="bob", question="?")
    assert "“fetch_web_page” brought in what others wrote" in answer


def test_an_agent_that_only_uses_tools_ends(bench_of: MakeBench) -> None:
    class Busy(Model):
        async def __call__(self, request: Request, *, call: CallId, on_text: Any = None) -> Reply:
            self.tools["bob"] = ToolCall("c", "calculator", {"expression": "1"})
            return await super().__call__(request, call=call)

    model = Busy()
    with pytest.raises(ToolFailed, match="bob had no answer"):
        lend(bench_of(crew=CREW, complete=model)).use("ask_agent", agent="bob", question="?")
    assert len(model.calls) == 6
    assert model.calls[-1][1] == []


def talking(bench_of: MakeBench, scene: Callable[[Bench, Talk], Awaitable[None]]) -> None:
    async def play() -> None:
        talk = await Talk.open(LocalBus(), ["anna", "bob", "carla"], shared=LocalContext())
        await scene(bench_of(talk=talk), talk)
        await talk.aclose()

    asyncio.run(play())


BOB = User("bob", "t2", 1)


def test_messages(bench_of: MakeBench) -> None:
    async def scene(bench: Bench, _talk: Talk) -> None:
        assert await bench.use_async("send_message", ANNA, to="bob", content="hello") == "bob has it."
        assert await bench.use_async("send_message", ANNA, content="all", priority=9) == "2 agents have it."
        assert await bench.use_async("read_messages", BOB) == "From anna (broadcast): all\nFrom anna (direct): hello"
        assert await bench.use_async("read_messages", BOB) == "There are no new messages."
        assert await bench.use_async("read_messages", ANNA) == "There are no new messages."
        with pytest.raises(ToolFailed, match="You can write to: bob, carla"):
            await bench.use_async("send_message", ANNA, to="zoe", content="x")

    talking(bench_of, scene)


def test_shared_values(bench_of: MakeBench) -> None:
    async def scene(bench: Bench, _talk: Talk) -> None:
        assert await bench.use_async("get_shared", key="a") == "Nobody has shared “a” yet."
        assert await bench.use_async("put_shared", key="a", value={"n": 1}) == "“a” has version 1 now."
        assert await bench.use_async("put_shared", BOB, key="a", value="two", version=1) == "“a” has version 2 now."
        with pytest.raises(ToolFailed, match="“a” has version 2 now; read it again before writing"):
            await bench.use_async("put_shared", key="a", value="three", version=1)
        assert await bench.use_async("get_shared", key="a") == "[version 2, by bob]\ntwo"
        assert await bench.use_async("list_shared") == "a (version 2, by bob)"

    talking(bench_of, scene)


def test_a_run_that_goes_on_finds_everything_as_it_was(bench_of: MakeBench) -> None:
    said: list[tuple[str, str, Mapping[str, Any]]] = [
        ("anna", "send_message", {"to": "bob", "content": "one"}),
        ("anna", "send_message", {"to": "bob", "content": "two"}),
        ("bob", "read_messages", {"most": 1}),
        ("anna", "put_shared", {"key": "a", "value": 1}),
        ("bob", "calculator", {"expression": "1"}),
        ("bob", "put_shared", {"key": "a", "value": 2, "version": 1}),
    ]

    async def scene(bench: Bench, talk: Talk) -> None:
        await talk.restore([Spoken(*each) for each in said])
        assert await bench.use_async("read_messages", BOB) == "From anna (direct): two"
        assert await bench.use_async("get_shared", key="a") == "[version 2, by bob]\n2"

    talking(bench_of, scene)


def test_without_a_way_to_talk(bench_of: MakeBench) -> None:
    bench = bench_of()
    for name, arguments in (("send_message", {"content": "x"}), ("read_messages", {}), ("get_shared", {"key": "a"})):
        with pytest.raises(ToolFailed, match=r"no way to write|share nothing"):
            bench.use(name, **arguments)
