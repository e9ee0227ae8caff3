"""The tools of this house, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agents.tools import arithmetic, asking, dates, filing, knowledge, sharing, tables, talk, web
from agents.tools.registry import Tool

_ALL = (
    knowledge.TOOL,
    arithmetic.TOOL,
    dates.TOOL,
    web.FETCH_WEB_PAGE,
    web.HTTP_REQUEST,
    tables.QUERY_CSV,
    tables.QUERY_JSON,
    filing.LIST,
    filing.READ,
    filing.WRITE,
    asking.TOOL,
    talk.SEND_MESSAGE,
    talk.READ_MESSAGES,
    *sharing.TOOLS,
)

TOOLS: Mapping[str, Tool] = MappingProxyType({tool.spec.name: tool for tool in _ALL})
