"""Threads that ask a model: one loop per process serves them."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.llm.gateway import Gateway, Patience
from agents.llm.loop import wait_for
from agents.llm.providers.openai import OpenAI
from agents.llm.types import ProviderOverloaded
from tests.llm.conftest import PATIENT, ask, through
from tests.servers.llm import FakeLLM, Fault


def gateway(server: FakeLLM) -> Gateway:
    return through(OpenAI(base_url=server.openai_url, model="fake-1", limits=PATIENT), patience=Patience(retries=1))


def test_many_threads_share_connections_and_each_hears_its_own_text() -> None:
    with FakeLLM(lambda seen: f"you said {seen.messages[0]['content']}", latency=0.05) as server:
        asked = gateway(server)

        def call(number: int) -> tuple[str, set[str], str]:
            heard, threads = [], set()

            def hear(text: str) -> None:
                heard.append(text)
                threads.add(threading.current_thread().name)

            reply = asked.complete_sync(ask(str(number)), deadline=time.monotonic() + 120, on_text=hear)
            assert threads == {threading.current_thread().name}
            return reply.text, threads, "".join(heard)

        with ThreadPoolExecutor(16) as pool:
            for number, (text, _, heard) in enumerate(pool.map(call, range(40))):
                assert text == heard == f"you said {number}"
        assert len({seen.connection for seen in server.ledger()}) < 40


def test_errors_and_restarts_reach_the_thread() -> None:
    with FakeLLM([Fault("truncated"), "all of it", Fault(status=500), Fault(status=500)]) as server:
        heard: list[str] = []
        reply = gateway(server).complete_sync(
            ask(), deadline=time.monotonic() + 120, on_text=heard.append, on_restart=heard.clear
        )
        assert reply.text == "".join(heard) == "all of it"
        with pytest.raises(ProviderOverloaded):
            gateway(server).complete_sync(ask(), deadline=time.monotonic() + 120)


def test_a_callback_that_raises_ends_the_call() -> None:
    def stop(_: str) -> None:
        raise InterruptedError

    with FakeLLM([Fault("stall")]) as server, pytest.raises(InterruptedError):
        gateway(server).complete_sync(ask(), deadline=time.monotonic() + 120, on_text=stop)


def test_the_loop_does_not_wait_for_itself() -> None:
    async def inside() -> None:
        wait_for(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="cannot wait for itself"):
        wait_for(inside())
