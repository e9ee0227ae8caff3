"""A tool that an answer says was used, although it was not. Careful: an honest answer must not be accused."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

ACTION = re.compile(r"^\s*Action:\s*(.{1,100}?)\s*\n\s*Action Input:", re.MULTILINE)
TAGGED = re.compile(r"<(?:tool_call|function_call)>\s*(\{.{1,5000}?\})\s*</", re.DOTALL)
FENCED = re.compile(r"```(?:json|tool_call)?\s*\n(\{.{1,5000}?\})\s*\n```", re.DOTALL)
SAID = re.compile(
    r"(?<!if )(?<!If )\bI(?:['’]ve| have)? (?:just |already |then |first )?(?:called|used|ran|run|invoked|executed|queried) "
    r"(?:the )?(?P<open>[`\"“*]*)(?P<name>\w+)(?P<after>[`\"”*(]*(?: tool\b| function\b)?)"
)
NAMES = ("name", "tool", "tool_name", "function", "action")
ARGUMENTS = ("arguments", "parameters", "args", "tool_input", "action_input", "input")


def unproven(text: str, *, used: Collection[str], known: Collection[str]) -> list[str]:
    """Names of tools that the text claims and that nobody called. `known` are the tools that there are."""
    ran = {_plain(name) for name in used}
    tools = {_plain(name): name for name in known}
    found = dict.fromkeys(tools.get(name, name) for name in _claimed(text, set(tools)) if name not in ran)
    return list(found)


def _claimed(text: str, tools: set[str]) -> Iterator[str]:
    for action in ACTION.finditer(text):
        yield _plain(action[1])
    for tagged in TAGGED.finditer(text):
        yield from _called(tagged[1])
    for piece in (text, *(found[1] for found in FENCED.finditer(text))):
        yield from (name for name in _called(piece) if name in tools)
    for said in SAID.finditer(text):
        if _plain(said["name"]) in tools and (said["after"].strip() or "_" in said["name"]):
            yield _plain(said["name"])


def _called(text: str) -> Iterator[str]:
    """The name in a piece of JSON that looks like a call."""
    try:
        call = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return
    if isinstance(call, dict) and any(key in call for key in ARGUMENTS):
        yield from (_plain(call[key]) for key in NAMES if isinstance(call.get(key), str))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
