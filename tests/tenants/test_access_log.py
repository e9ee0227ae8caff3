"""What the web server notes of requests: a line for each answer, several written at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from config.access_log import GATHERED_SECONDS, AccessLog, line


def _scope(path: str, **more: Any) -> dict[str, Any]:
    known = {"type": "http", "method": "GET", "http_version": "1.1", "client": ("1.2.3.4", 5), "query_string": b"q=1"}
    return {**known, "path": path, **more}


@pytest.mark.parametrize(
    ("scope", "status", "written"),
    [
        (_scope("/w/acme/"), 200, 'INFO:     1.2.3.4:5 - "GET /w/acme/ HTTP/1.1" 200 OK\n'),
        (_scope("/a\nb ?ü"), 404, 'INFO:     1.2.3.4:5 - "GET /a%0Ab%20%3F%C3%BC HTTP/1.1" 404 Not Found\n'),
        (_scope("/shared/runs/a-key/"), 200, 'INFO:     1.2.3.4:5 - "GET /shared/runs/… HTTP/1.1" 200 OK\n'),
        (_scope("/", client=None), 599, 'INFO:      - "GET / HTTP/1.1" 599 \n'),
    ],
)
def test_a_line_says_who_asked_for_what_and_never_what_is_secret(
    scope: dict[str, Any], status: int, written: str
) -> None:
    assert line(scope, status) == written


async def _two_answers() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    async def send(message: Any) -> None:
        pass

    log = AccessLog(app)
    await log(_scope("/one/"), None, send)
    await log(_scope("/two/"), None, send)
    await asyncio.sleep(2 * GATHERED_SECONDS)
    await log(_scope("/three/"), None, send)
    await asyncio.sleep(2 * GATHERED_SECONDS)


def test_every_answer_is_noted_once(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(_two_answers())
    assert [each.split()[4] for each in capsys.readouterr().out.splitlines()] == ["/one/", "/two/", "/three/"]
