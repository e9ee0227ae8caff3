"""A model that decides for the residents of a town, the same whoever asks: in a schema, in plain words, or by a tool.

python -m bench.plain.town_models LATENCY
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

from bench.models import serve

_SEEN = re.compile(r"(\d+) hold people of your own group and (\d+) hold people of the other group")
_THRESHOLD = 0.5


def speak(asked: dict[str, Any]) -> dict[str, Any]:
    """A message: JSON where a schema is given, a tool call where tools may be used, else a plan in words."""
    text = " ".join(str(message.get("content") or "") for message in asked["messages"])
    action = _action(text)
    if asked.get("tools") and asked.get("tool_choice") != "none":
        call = {"id": "call_1", "type": "function", "function": {"name": action, "arguments": "{}"}}
        return {"role": "assistant", "content": "", "tool_calls": [call]}
    if asked.get("response_format"):
        return {"role": "assistant", "content": json.dumps({"options": [{"action": action, "weight": 100}]})}
    return {"role": "assistant", "content": f"Thought 1: I look at my neighbours.\nAction: {action}"}


def _action(text: str) -> str:
    """By what was told of the neighbours, or by the plan that was made of it before."""
    if told := _SEEN.search(text):
        like, unlike = int(told[1]), int(told[2])
        return "move" if like + unlike and like / (like + unlike) < _THRESHOLD else "stay"
    return "move" if "Action: move" in text else "stay"


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), speak))
