"""Asking a second back end when the first is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from agents.llm.gateway import Gateway, Hedging, Patience
from agents.llm.guards import Observation
from agents.llm.hedging import Pace, race
from agents.llm.listening import Listener
from agents.llm.providers.ollama import Ollama
from agents.llm.providers.openai import OpenAI
from agents.llm.types import ProviderOverloaded, Reply, Usage
from tests.llm.conftest import PATIENT, ask, through
from tests.servers.llm import FakeLLM, Fault, Say

Soon = Callable[..., float]
ONCE = Patience(retries=0)


@pytest.fixture
def slow() -> Iterator[FakeLLM]:
    """It never says a word, unless a test tells it to."""
    with FakeLLM(lambda _: Fault("no_answer")) as fake:
        yield fake


def hedged(slow: FakeLLM, quick: FakeLLM, *, after: float = 0.1, **options: object) -> Gateway:
    one = OpenAI(base_url=slow.openai_url, model="gpt-4o-mini", limits=PATIENT)
    other = Ollama(quick.url, model="fake-1", limits=PATIENT)
    return through(one, other, hedging=Hedging(after=after), patience=ONCE, **options)


async def test_the_first_answer_wins_and_the_other_is_paid_for(slow: FakeLLM, server: FakeLLM, soon: Soon) -> None:
    seen: list[Observation] = []
    server.set_script([Say("from the quick one", usage=(20, 4))])
    reply = await hedged(slow, server, observe=seen.append).complete(ask(), deadline=soon())
    assert (reply.text, reply.provider) == ("from the quick one", "ollama")
    assert [(each.target.provider, each.outcome, each.hedge) for each in seen] == [
        ("ollama", "ok", True),
        ("openai", "cancelled", False),
    ]


async def test_who_answers_in_time_is_not_hedged(server: FakeLLM, slow: FakeLLM, soon: Soon) -> None:
    assert (await hedged(server, slow, after=3600).complete(ask(), deadline=soon())).provider == "openai"
    assert slow.ledger() == []


async def test_two_who_speak_are_never_mixed(slow: FakeLLM, server: FakeLLM, soon: Soon) -> None:
    heard: list[str] = []
    reply = await hedged(slow, server).complete(ask(), deadline=soon(), on_text=heard.append)
    assert "".join(heard) == reply.text
    assert reply.provider == "ollama"


async def test_who_has_begun_to_speak_is_waited_for() -> None:
    asked: list[str] = []

    async def first(listener: Listener) -> Reply:
        listener.hear("Half a sentence ")
        await asyncio.sleep(0.2)  # longer than one waits for a first word
        return Reply("Half a sentence and its end.", "ollama", "fake-1", Usage())

    async def second(listener: Listener) -> Reply:
        asked.append("second")
        return Reply("Something else.", "openai", "fake-1", Usage())

    heard: list[str] = []
    reply = await race(first, second, after=0.01, listener=Listener(heard.append))
    assert (reply.text, heard, asked) == ("Half a sentence and its end.", ["Half a sentence "], [])


async def test_when_the_first_fails_the_second_is_asked_at_once(server: FakeLLM, slow: FakeLLM, soon: Soon) -> None:
    slow.set_script([Fault(status=500)])
    server.set_script(["from the second"])
    assert (await hedged(slow, server, after=3600).complete(ask(), deadline=soon())).text == "from the second"


async def test_when_both_fail_the_first_is_told(server: FakeLLM, slow: FakeLLM, soon: Soon) -> None:
    slow.latency = 0.2
    slow.set_script([Fault(status=500, message="the first")])
    server.set_script([Fault(status=500, message="the second")])
    with pytest.raises(ProviderOverloaded, match="the first"):
        await hedged(slow, server).complete(ask(), deadline=soon())


async def test_it_is_off_unless_asked_for(server: FakeLLM, slow: FakeLLM, soon: Soon) -> None:
    slow.latency = 0.3
    slow.set_script(["from the slow one"])
    one = OpenAI(base_url=slow.openai_url, model="m", limits=PATIENT)
    reply = await through(one, Ollama(server.url, model="fake-1")).complete(ask(), deadline=soon())
    assert (reply.provider, server.ledger()) == ("openai", [])


def test_the_usual_longest_decides() -> None:
    pace = Pace()
    pace.seconds.extend(number / 10 for number in range(19))
    assert pace.patience(Hedging()) is None, "too little is known"
    pace.seconds.extend([2.0, 9.0])
    assert pace.patience(Hedging()) == 2.0
    assert pace.patience(Hedging(soonest=4.0)) == 4.0
    assert pace.patience(Hedging(after=0.5)) == 0.5
