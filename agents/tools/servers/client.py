"""Talking to an MCP server, over HTTP through the egress door or to a command that the operator named. The only file that knows the library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from agents.tools.servers.address import Address, Offered, ServerFailed
from agents.tools.servers.wire import Broke, WatchedTransport
from tenants.egress import EgressError, EgressTimeout, Policy

MOST_TOOLS = 200
MOST_PAGES = 20


async def discover(address: Address, policy: Policy) -> list[Offered]:
    """Every tool of the server. Raises ServerFailed."""
    async with _spoken(address, policy) as session:
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor) if cursor else None)
            found += page.tools
            cursor = page.nextCursor
            if not cursor or len(found) > MOST_TOOLS:
                break
        return [_offered(tool) for tool in found[:MOST_TOOLS]]


async def use(address: Address, tool: str, arguments: Mapping[str, Any], policy: Policy) -> str:
    """The server's answer as text. Raises ServerFailed, also when the server says that the tool failed."""
    async with _spoken(address, policy) as session:
        answer = await session.call_tool(tool, dict(arguments))
        text = "\n".join(_text(part) for part in answer.content) or _structured(answer)
        if answer.isError:
            raise ServerFailed(f"{address.name} says: {text[:2_000]}")
        return text


@asynccontextmanager
async def _spoken(address: Address, policy: Policy) -> AsyncIterator[ClientSession]:
    """A session, whose every trouble leaves as one sentence and within `policy.seconds`."""
    broken: list[EgressError] = []
    clock = asyncio.get_running_loop().time
    ends = clock() + policy.seconds

    def broke(error: EgressError) -> None:
        broken.append(error)
        wait.reschedule(clock())

    try:
        async with asyncio.timeout_at(ends) as wait, _session(address, policy, broke) as session:
            yield session
    except ServerFailed:
        raise
    except Exception as error:  # the library's task groups wrap whatever is raised in them, so no class tells it apart
        cause = broken[0] if broken and isinstance(error, TimeoutError) else error
        if _ran_out(cause) and clock() >= ends:
            raise ServerFailed(f"{address.name} did not answer within {policy.seconds:g} seconds.") from error
        raise ServerFailed(_sentence(address.name, cause)) from error


@asynccontextmanager
async def _session(address: Address, policy: Policy, broke: Broke) -> AsyncIterator[ClientSession]:
    async with AsyncExitStack() as stack:
        if address.command:
            told = StdioServerParameters(command=address.command[0], args=list(address.command[1:]))
            reading, writing = await stack.enter_async_context(stdio_client(told))
        else:
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=WatchedTransport(policy, broke),
                    headers=dict(address.headers),
                    trust_env=False,
                    timeout=policy.seconds,
                )
            )
            streams = await stack.enter_async_context(streamable_http_client(address.url, http_client=client))
            reading, writing = streams[0], streams[1]
        session = await stack.enter_async_context(ClientSession(reading, writing))
        await session.initialize()
        yield session


def _sentence(name: str, error: BaseException) -> str:
    """The first cause that has words of its own."""
    for cause in _causes(error):
        if isinstance(cause, ServerFailed):
            return str(cause)
        if isinstance(cause, EgressError):
            return f"{name} cannot be {'used' if cause.code == 'too_large' else 'reached'}. {cause.detail}"
        if isinstance(cause, httpx.HTTPStatusError):
            return f"{name} answered with status {cause.response.status_code}."
        if isinstance(cause, McpError):
            return f"{name} refused: {cause.error.message[:500]}"
    return f"{name} does not speak MCP as it should ({type(error).__name__})."


def _ran_out(error: BaseException) -> bool:
    """Whether time was up, here or at the door: which of the two clocks strikes first is chance."""
    return any(isinstance(cause, (TimeoutError, EgressTimeout)) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what is behind it, each once; groups are opened."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        behind = found.exceptions if isinstance(found, BaseExceptionGroup) else (found.__cause__, found.__context__)
        waiting += [each for each in behind if each is not None]


def _offered(tool: types.Tool) -> Offered:
    reads_only = bool(tool.annotations and tool.annotations.readOnlyHint)
    return Offered(tool.name, tool.description or tool.title or "", tool.inputSchema, reads_only)


def _text(part: types.ContentBlock) -> str:
    match part:
        case types.TextContent():
            return part.text
        case types.ImageContent() | types.AudioContent():
            return f"[{part.mimeType}, not shown]"
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return resource.text
        case types.ResourceLink():
            return f"[{part.name}: {part.uri}]"
    return "[something that cannot be shown]"


def _structured(answer: types.CallToolResult) -> str:
    return str(answer.structuredContent) if answer.structuredContent else "It is done; the server had nothing to say."
