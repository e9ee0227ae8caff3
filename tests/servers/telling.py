"""Text that is run on the database of a live stack."""

from __future__ import annotations

import json
import socket

from config.stack.services import Service
from tests.servers.live import LiveStack


def told(stack: LiveStack, code: str, *argv: str) -> str:
    """What the text prints, in a process of its own where Django is set up. RuntimeError with its last words if it fails."""
    place = stack.around.logs.parent / "hand.sock"
    if "hand" not in stack.running:
        program = stack.around.python("hand", "-m", "tests.servers.hand", "--socket", str(place))
        stack._run("hand", Service(program, is_ready=place.exists))
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(place))
        with line.makefile("rw", encoding="utf-8") as wire:
            wire.write(json.dumps({"code": code, "argv": argv}) + "\n")
            wire.flush()
            answer = json.loads(wire.read())
    if answer["status"]:
        raise RuntimeError(answer["wrong"][-3000:])
    return str(answer["said"])
