"""The HTTP side of the fake model server: which address answers what, and how an answer goes wrong."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.servers import llm_hosted as hosted
from tests.servers import llm_wire as wire
from tests.servers.llm_wire import Fault, Say

if TYPE_CHECKING:
    from tests.servers.llm import FakeLLM, Seen

CHAT_PATHS: Mapping[str, wire.Protocol] = {
    "/api/chat": "ollama",
    "/v1/chat/completions": "openai",
    "/v1/messages": "anthropic",
}
MODEL_PATHS: Mapping[str, wire.Protocol] = {"/api/tags": "ollama", "/v1/models": "openai", "/v1beta/models": "gemini"}
GEMINI_CHAT = ":streamGenerateContent"
GEMINI_EMBED = ":batchEmbedContents"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], fake: FakeLLM) -> None:
        self.fake = fake
        self._open: set[socket.socket] = set()
        self._abandoned: set[socket.socket] = set()
        super().__init__(address, Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self._abandoned:
            self._abandoned.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def abandon(self, connection: socket.socket) -> None:
        """Close with a reset instead of a goodbye."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._abandoned.add(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is part of the game."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    @property
    def fake(self) -> FakeLLM:
        return self.server.fake

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Silence."""

    # --- doors ------------------------------------------------------------------------------------------------------

    def do_HEAD(self) -> None:
        self._json({})

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        answers: dict[str, Callable[[], Any]] = {
            "/api/version": lambda: {"version": "0.13.0"},
            "/_ledger": lambda: [asdict(seen) for seen in self.fake.ledger()],
        }
        if protocol := MODEL_PATHS.get(path):
            self._models("anthropic" if "anthropic-version" in self.headers else protocol)
        else:
            answer = answers.get(path)
            self._json(answer() if answer else {"error": "not found"}, status=200 if answer else 404)

    def _models(self, protocol: wire.Protocol) -> None:
        if self.fake.models_hang:
            self._hold()
        else:
            self._json(hosted.models(protocol, self.fake.models))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.partition("?")[0]
        if protocol := CHAT_PATHS.get(path):
            self._chat(protocol, body)
        elif path.endswith(GEMINI_CHAT):
            self._chat("gemini", {**body, "model": path.rpartition("/")[2].removesuffix(GEMINI_CHAT)})
        elif path in {"/api/embed", "/v1/embeddings"}:
            self._embed(body)
        elif path.endswith(GEMINI_EMBED):
            texts = [asked["content"]["parts"][0]["text"] for asked in body["requests"]]
            self._json({"embeddings": [{"values": wire.embedding(text)} for text in texts]})
        elif self.path == "/_script":
            self.fake.set_script([wire.step_from_json(item) for item in body])
            self._json({"steps": len(body)})
        elif self.path == "/_reset":
            self.fake.reset()
            self._json({})
        else:
            self._json({"error": "not found"}, status=404)

    def _embed(self, body: Mapping[str, Any]) -> None:
        seen, step = self.fake.record_vectors(
            "ollama" if self.path == "/api/embed" else "openai", self.path, body, self._named_headers(), self._peer()
        )
        if self.fake.stopping.wait(self.fake.latency):
            return
        if isinstance(step, Fault):
            self._fail(seen, step)
            return
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        vectors = [wire.embedding(text) for text in texts] if step is None else step
        if self.path == "/api/embed":
            self._json({"model": body.get("model", ""), "embeddings": vectors})
        else:
            self._json({"object": "list", "data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]})

    def _chat(self, protocol: wire.Protocol, body: Mapping[str, Any]) -> None:
        seen, step = self.fake.record(protocol, self.path, body, self._named_headers(), self._peer())
        step = Say(step) if isinstance(step, str) else step
        if not self._may_answer(step):
            return
        if isinstance(step, Fault):
            self._fail(seen, step)
        else:
            self._say(seen, step)

    def _peer(self) -> str:
        return f"{self.client_address[0]}:{self.client_address[1]}"

    def _named_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _may_answer(self, step: Say | Fault) -> bool:
        """When its time has come; False when the server stops before."""
        held = step.until if isinstance(step, Say) else None
        while held is not None and not held.wait(0.05):
            if self.fake.stopping.is_set():
                return False
        return not self.fake.stopping.wait(self.fake.latency + step.delay)

    # --- good answers -----------------------------------------------------------------------------------------------

    def _say(self, seen: Seen, say: Say) -> None:
        streamed = seen.body.get("stream", seen.protocol in {"ollama", "gemini"})
        if not streamed:
            self._json(hosted.whole(seen.protocol, say, seen.body))
            return
        self._open_stream(seen.protocol)
        self.wfile.write(
            b"".join(_chunk(frame) for frame in hosted.stream_frames(seen.protocol, say, seen.body)) + b"0\r\n\r\n"
        )

    def _json(self, answer: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self._bytes(json.dumps(answer).encode(), "application/json", status=status, headers=headers)

    def _bytes(self, content: bytes, kind: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _open_stream(self, protocol: wire.Protocol) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if protocol == "ollama" else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    # --- faults -----------------------------------------------------------------------------------------------------

    def _fail(self, seen: Seen, fault: Fault) -> None:
        message = fault.message.replace("{authorization}", _credential(seen.headers))
        if fault.kind == "status":
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._json(hosted.error_body(seen.protocol, fault, message), status=fault.status, headers=headers)
        elif fault.kind == "redirect":
            self._bytes(b"", "text/plain", status=302, headers={"Location": fault.location})
        elif fault.kind == "html":
            self._bytes(b"<!doctype html><title>Sign in</title><p>Please sign in to the network.", "text/html")
        else:
            self._fail_in_body(seen, fault, message)

    def _fail_in_body(self, seen: Seen, fault: Fault, message: str) -> None:
        broken: dict[str, Callable[[], None]] = {
            "no_answer": self._hold,
            "drip": lambda: self._drip(seen, fault),
            "drip_head": lambda: self._drip_head(fault),
            "stall": lambda: self._part(seen, then=self._hold),
            "reset": lambda: self._part(seen, then=self._abort),
            "truncated": lambda: self._part(seen, then=self._end),
            "malformed": lambda: self._malformed(seen),
            "empty_choices": lambda: self._frames(seen, [hosted.empty(seen.protocol, seen.body)]),
            "stream_error": lambda: self._frames(
                seen, [self._first(seen), hosted.error_frame(seen.protocol, fault, message)]
            ),
            "huge": lambda: self._say(seen, Say(text=" ".join(["x" * 65_536] * 70))),
        }
        broken[fault.kind]()

    def _first(self, seen: Seen) -> bytes:
        frames = list(hosted.stream_frames(seen.protocol, Say("Half a sentence that never"), seen.body))
        return b"".join(frames[: len(frames) // 2])

    def _frames(self, seen: Seen, frames: Sequence[bytes]) -> None:
        self._open_stream(seen.protocol)
        self.wfile.write(b"".join(map(_chunk, frames)) + b"0\r\n\r\n")

    def _part(self, seen: Seen, *, then: Callable[[], None]) -> None:
        self._open_stream(seen.protocol)
        self.wfile.write(_chunk(self._first(seen)))
        then()

    def _malformed(self, seen: Seen) -> None:
        self._bytes(hosted.malformed(seen.protocol), "application/json")

    def _drip(self, seen: Seen, fault: Fault) -> None:
        self._open_stream(seen.protocol)
        for frame in hosted.stream_frames(seen.protocol, Say("drip " * 2_000), seen.body):
            for i in range(len(frame)):
                self.wfile.write(_chunk(frame[i : i + 1]))
                if self.fake.stopping.wait(fault.interval):
                    return

    def _drip_head(self, fault: Fault) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.fake.stopping.wait(fault.interval):
            self.wfile.write(b"x")

    def _hold(self) -> None:
        """Silence until the client leaves or the server stops."""
        self.connection.settimeout(0.05)
        self.close_connection = True
        while not self.fake.stopping.is_set():
            with suppress(TimeoutError):
                if self.connection.recv(1) == b"":
                    return

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _abort(self) -> None:
        self.close_connection = True
        self.server.abandon(self.connection)


def _credential(headers: Mapping[str, str]) -> str:
    names = ("authorization", "x-api-key", "x-goog-api-key")
    return next((headers[name] for name in names if name in headers), "")


def _chunk(frame: bytes) -> bytes:
    return f"{len(frame):x}\r\n".encode() + frame + b"\r\n"
