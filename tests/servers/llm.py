"""A model server to test against: real HTTP, speaks Ollama, OpenAI, Anthropic and Gemini, says what it is told, fails as it is told.

In a test:

    with FakeLLM(script=["first answer", Say(calls=[Call("search_knowledge", {"query": "x"})]), Fault(status=500)]) as server:
        ... server.ollama_url, server.openai_url, server.anthropic_url, server.gemini_url, server.ledger()

A list is used up step by step, then the default answer follows (an echo that depends only on the request). A callable gets
the `Seen` request and returns a step. From the command line, for tests that kill processes:

    python -m tests.servers.llm --port 8101 --latency 0.2 [--script steps.json]

`GET /_ledger` shows what was asked, `POST /_script` sets a new list of steps, `POST /_reset` forgets both.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.servers import llm_wire as wire
from tests.servers.llm_http import Server
from tests.servers.llm_wire import Call, Fault, Say, Step

__all__ = ["Call", "FakeLLM", "Fault", "Say", "Seen", "Step", "closed_url"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One chat request as it arrived. `number` counts from 0; `at` is time.time()."""

    number: int
    protocol: wire.Protocol
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    at: float
    connection: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation; Gemini's in the words of the others."""
        if self.protocol == "gemini":
            return [
                {"role": turn["role"], "content": " ".join(part.get("text", "") for part in turn["parts"])}
                for turn in self.body["contents"]
            ]
        return list(self.body.get("messages", ()))

    @property
    def tools(self) -> list[str]:
        offered = self.body.get("tools") or ()
        if self.protocol == "gemini":
            return [tool["name"] for group in offered for tool in group["functionDeclarations"]]
        return [tool["name"] if self.protocol == "anthropic" else tool["function"]["name"] for tool in offered]


Script = Callable[[Seen], Step] | Iterable[Step]
VectorStep = Fault | list[Any] | None
"""What comes of a request for vectors: a fault, whatever is to stand in their place, or good vectors."""


def echo(seen: Seen) -> Say:
    last = _text(seen.messages[-1].get("content")) if seen.messages else ""
    return Say(f"Echo of {len(seen.messages)} messages, the last: {' '.join(last.split())[:80]}")


def _text(content: Any) -> str:
    """Plain, or of the blocks that hold text."""
    if isinstance(content, list):
        return " ".join(str(block.get("text", "")) for block in content)
    return str(content or "")


def closed_url() -> str:
    """An address on which nobody listens, and nobody will: its port stays ours."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    _taken.append(taken)
    return f"http://127.0.0.1:{taken.getsockname()[1]}"


_taken: list[socket.socket] = []


class FakeLLM:
    """The server; starts on `start()` or `with`. `latency` seconds pass before each answer."""

    def __init__(
        self,
        script: Script = (),
        *,
        latency: float = 0.0,
        models: Sequence[str] = ("fake-1",),
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        self.latency = latency
        self.models = list(models)
        self.models_hang = False
        self.stopping = threading.Event()
        self._address = (host, port)
        self._lock = threading.Lock()
        self._seen: list[Seen] = []
        self._server: Server | None = None
        self._vector_steps: Iterator[VectorStep] = iter(())
        self._embedded: list[Seen] = []
        self.set_script(script)

    def start(self) -> Self:
        self._server = Server(self._address, self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake-llm", daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()

    __enter__ = start

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        assert self._server is not None, "start the server first"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ollama_url(self) -> str:
        return self.url

    @property
    def openai_url(self) -> str:
        return self.url + "/v1"

    @property
    def anthropic_url(self) -> str:
        return self.url

    @property
    def gemini_url(self) -> str:
        return self.url + "/v1beta"

    def set_script(self, script: Script) -> None:
        with self._lock:
            self._answer = script if callable(script) else None
            self._steps: Iterator[Step] = iter(()) if callable(script) else iter(script)

    def reset(self) -> None:
        with self._lock:
            self._seen.clear()
        self.set_script(())

    def ledger(self) -> list[Seen]:
        """What was asked so far, in order of arrival."""
        with self._lock:
            return list(self._seen)

    def set_vectors(self, steps: Iterable[VectorStep]) -> None:
        """What the next requests for vectors get, one after the other; then good vectors."""
        with self._lock:
            self._vector_steps = iter(steps)

    def embedded(self) -> list[list[str]]:
        """The texts of each request for vectors so far; failed ones too."""
        with self._lock:
            return [
                [seen.body["input"]] if isinstance(seen.body["input"], str) else list(seen.body["input"])
                for seen in self._embedded
            ]

    def record_vectors(
        self, protocol: wire.Protocol, path: str, body: Any, headers: Mapping[str, str], peer: str
    ) -> tuple[Seen, VectorStep]:
        with self._lock:
            seen = Seen(len(self._embedded), protocol, path, body, headers, time.time(), peer)
            self._embedded.append(seen)
            return seen, next(self._vector_steps, None)

    def record(
        self, protocol: wire.Protocol, path: str, body: Any, headers: Mapping[str, str], peer: str
    ) -> tuple[Seen, Step]:
        """Enter a request in the ledger and take its step from the script."""
        with self._lock:
            seen = Seen(len(self._seen), protocol, path, body, headers, time.time(), peer)
            self._seen.append(seen)
            if self._answer is None:
                return seen, next(self._steps, None) or echo(seen)
        return seen, self._answer(seen)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="A scripted model server that speaks Ollama, OpenAI, Anthropic and Gemini."
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--model", action="append", help="a model name to offer; may be repeated")
    parser.add_argument("--script", type=Path, help="a JSON list of steps")
    options = parser.parse_args()
    script = [wire.step_from_json(item) for item in json.loads(options.script.read_text())] if options.script else []
    with FakeLLM(script, latency=options.latency, models=options.model or ["fake-1"], port=options.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
