"""Guildhall from outside: the HTTP API and the WebSocket, as any program would use them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect


class Refused(RuntimeError):
    """The API said no; the text is what it said."""


class DidNotSucceed(RuntimeError):
    """A job came to its end without its result."""


class Client:
    """One signed-in person. Paths are below `/api/v1/`, of the public site or of a workspace."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(timeout=60, trust_env=False)  # a proxy of the machine has no business here

    def sign_in(self, email: str, password: str) -> None:
        tokens = self.post("", "auth/token/", {"email": email, "password": password})
        self._http.headers["Authorization"] = f"Bearer {tokens['access']}"

    def use_key(self, key: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {key}"

    def get(self, workspace: str, path: str, **parameters: str) -> Any:
        return _content(self._http.get(self._address(workspace, path), params=parameters))

    def all(self, workspace: str, path: str, **parameters: str) -> Iterator[Any]:
        """Every row of a list, page after page."""
        page = self.get(workspace, path, **parameters)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = _content(self._http.get(page["next"]))

    def post(self, workspace: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return _content(self._http.post(self._address(workspace, path), json=body))

    def upload(self, workspace: str, path: str, file: Path) -> Any:
        return _content(self._http.post(self._address(workspace, path), files={"file": (file.name, file.read_bytes())}))

    def watch(self, workspace: str, topic: str, *, seconds: float) -> Iterator[dict[str, Any]]:
        """The messages of a topic from its first on, as they come. TimeoutError when the time is over."""
        ticket = self.post(workspace, "socket-tickets/")["ticket"]
        end = time.monotonic() + seconds
        with connect(f"{self.socket_address(workspace)}?ticket={ticket}", proxy=None, open_timeout=30) as socket:
            socket.send(json.dumps({"action": "subscribe", "topic": topic, "after": 0}))
            while True:
                message = json.loads(socket.recv(timeout=max(0.0, end - time.monotonic())))
                if message["type"] == "error":
                    raise Refused(message["detail"])
                yield message

    def socket_address(self, workspace: str) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/w/{workspace}/ws/"

    def _address(self, workspace: str, path: str) -> str:
        return f"{self.url}{f'/w/{workspace}' if workspace else ''}/api/v1/{path}"


def _content(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise Refused(_sentence(answer))
    return answer.json() if answer.content else None


def _sentence(answer: httpx.Response) -> str:
    where = f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}"
    try:
        problem = answer.json()
    except json.JSONDecodeError:
        return f"{where}."
    return f"{where}: {problem.get('detail') or problem.get('title')}"
