"""A real MCP server over HTTP, of the mcp library itself, in a thread of its own; its tools fail as tests ask."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any, Self

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import CallToolResult, TextContent, Tool, ToolAnnotations
from starlette.types import Receive, Scope, Send

ADD = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
    "additionalProperties": False,
}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}


def offered() -> list[Tool]:
    return [
        Tool(
            name="add", description="Adds two numbers.", inputSchema=ADD, annotations=ToolAnnotations(readOnlyHint=True)
        ),
        Tool(name="file_ticket", description="Files a ticket.", inputSchema=NOTHING),
        Tool(name="slow", description="Takes its time.", inputSchema=NOTHING),
        Tool(name="huge", description="Says a lot.", inputSchema=NOTHING),
        Tool(name="broken", description="Fails.", inputSchema=NOTHING),
    ]


class McpServer:
    """`tools` is what it offers, `asked` what was called with which headers; `status` makes it answer that to everything."""

    def __init__(self, *, json: bool = False) -> None:
        self.tools = offered()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 0
        self._json = json
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(self._app, log_level="critical", interface="asgi3", lifespan="off", ws="none")
        )
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/mcp"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._uvicorn.should_exit = True
        self._uvicorn.force_exit = True
        self._thread.join(10)
        self._socket.close()

    async def _serve(self) -> None:
        server: Server[Any, Any] = Server("tracker")
        server.list_tools()(self._list)  # type: ignore[no-untyped-call]
        server.call_tool(validate_input=False)(self._call)
        self._manager = StreamableHTTPSessionManager(server, json_response=self._json)
        async with self._manager.run():
            self._ready.set()
            await self._uvicorn.serve(sockets=[self._socket])

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers.append({name.decode(): value.decode() for name, value in scope.get("headers", [])})
        if self.status:
            await send({"type": "http.response.start", "status": self.status, "headers": []})
            await send({"type": "http.response.body", "body": b"not today"})
            return
        await self._manager.handle_request(scope, receive, send)

    async def _list(self) -> list[Tool]:
        return self.tools

    async def _call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        self.asked.append((name, arguments))
        if name == "slow":
            await asyncio.sleep(30)
        if name == "huge":
            return _said("x" * 5_000_000)
        if name == "broken":
            return CallToolResult(content=[TextContent(type="text", text="no such project")], isError=True)
        return _said(str(arguments["a"] + arguments["b"]) if name == "add" else "filed as 42")


def _said(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])
