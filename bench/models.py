"""A model server for load: one process, one event loop, the least it can do to speak OpenAI's protocol.

    python -m bench.models LATENCY        prints its address, then answers each call after so many seconds

`GET /_calls` says how many calls it has answered.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

ANSWER = "This is the whole answer."
USAGE = {"prompt_tokens": 120, "completion_tokens": 6, "total_tokens": 126}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


class _Server(asyncio.Protocol):
    """One connection, which is kept open; requests come one after the other."""

    calls = 0
    latency = 0.0
    speak: Callable[[dict[str, Any]], dict[str, Any]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out: asyncio.WriteTransport = transport  # type: ignore[assignment]  # a TCP server's can be written to
        self._in = b""

    def data_received(self, data: bytes) -> None:
        self._in += data
        while (end := self._in.find(b"\r\n\r\n")) >= 0:
            head = self._in[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._in) < end + 4 + length:
                return
            body, self._in = self._in[end + 4 : end + 4 + length], self._in[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if b"chat/completions" in head:
            type(self).calls += 1
            asked = json.loads(body)
            message = type(self).speak(asked)
            kind, text = _streamed(message["content"]) if asked.get("stream") else _whole(message)
            asyncio.get_running_loop().call_later(self.latency, self._write, kind, text)
        elif b"/models" in head:
            self._write(b"application/json", json.dumps({"object": "list", "data": [{"id": "fake-1"}]}).encode())
        else:
            self._write(b"application/json", str(self.calls).encode())

    def _write(self, kind: bytes, text: bytes) -> None:
        self._out.write(_HEAD % (kind, len(text)) + text)


def always_the_same(_asked: dict[str, Any]) -> dict[str, Any]:
    """What is said where nobody says otherwise."""
    return {"role": "assistant", "content": ANSWER}


def _whole(message: dict[str, Any]) -> tuple[bytes, bytes]:
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return b"application/json", json.dumps(_chunk("chat.completion", choices=[choice], usage=USAGE)).encode()


def _streamed(answer: str) -> tuple[bytes, bytes]:
    half = len(answer) // 2
    pieces = [
        *({"index": 0, "delta": {"content": text}, "finish_reason": None} for text in (answer[:half], answer[half:])),
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    chunks = [_chunk("chat.completion.chunk", choices=[piece]) for piece in pieces]
    chunks.append(_chunk("chat.completion.chunk", choices=[], usage=USAGE))
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return b"text/event-stream", ("".join(lines) + "data: [DONE]\n\n").encode()


def _chunk(kind: str, **more: object) -> dict[str, object]:
    return {"id": "1", "object": kind, "created": 1, "model": "fake-1", **more}


async def serve(latency: float, speak: Callable[[dict[str, Any]], dict[str, Any]] = always_the_same) -> None:
    """Print the address, then answer until the process is ended; `speak` makes a message of a request."""
    _Server.latency = latency
    _Server.speak = staticmethod(speak)
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


@contextmanager
def model_server(latency: float = 0.0, module: str = "bench.models") -> Iterator[str]:
    """Its base URL, as OPENAI_BASE_URL takes it. `module` is run as the server."""
    command = [sys.executable, "-m", module, str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=5)
        process.stdout.close()  # type: ignore[union-attr]  # it was started with a pipe


def calls_of(url: str) -> int:
    """How many calls the server has answered."""
    return int(httpx.get(url.removesuffix("/v1") + "/_calls").text)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
