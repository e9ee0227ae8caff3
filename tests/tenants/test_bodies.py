"""Bodies that are too large are refused before they are kept, and the web server's log names no ticket."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from config.access_log import WithoutQueries
from config.bodies import PICTURES, PLAIN
from tests.servers.live import LiveStack
from tests.servers.waiting import wait_for

MEGABYTE = b"a" * 1024 * 1024


@pytest.fixture
def line(live_stack: LiveStack) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(live_stack.url).netloc, timeout=120)
    yield connection
    connection.close()


def test_a_declared_length_is_refused_unread(line: http.client.HTTPConnection) -> None:
    line.putrequest("POST", "/theme/")
    line.putheader("Content-Length", str(PLAIN + 1))
    line.endheaders()
    answer = line.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (413, "application/problem+json")
    assert b'"code":"too_large"' in answer.read()


def test_an_undeclared_length_is_counted(line: http.client.HTTPConnection) -> None:
    line.putrequest("POST", "/theme/")
    line.putheader("Transfer-Encoding", "chunked")
    line.endheaders()
    try:
        for _ in range(6):
            line.send(b"100000\r\n" + MEGABYTE + b"\r\n")
        line.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass  # it answered before all of it was sent
    assert line.getresponse().status == 413


def test_what_fits_reaches_the_site(line: http.client.HTTPConnection) -> None:
    line.request("POST", "/theme/", MEGABYTE)
    assert line.getresponse().status == 403  # by the site: no CSRF token


@pytest.mark.parametrize("path", ["/w/acme/api/v1/runs/", "/w/acme/crews/01890000-0000-7000-8000-000000000000/"])
def test_where_a_run_starts_there_is_room_for_pictures(line: http.client.HTTPConnection, path: str) -> None:
    line.request("POST", path, MEGABYTE * 5)
    answer = line.getresponse()
    assert answer.status == (403 if "crews" in path else 401)  # by the site: nobody is signed in
    answer.read()
    line.putrequest("POST", path)
    line.putheader("Content-Length", str(PICTURES + PLAIN + 1))
    line.endheaders()
    assert line.getresponse().status == 413


def test_the_log_of_requests_names_no_ticket(live_stack: LiveStack, line: http.client.HTTPConnection) -> None:
    line.request("GET", "/healthz?ticket=very-secret")
    assert line.getresponse().read() == b"ok"
    wait_for(lambda: "/healthz" in live_stack.tails())
    assert "very-secret" not in live_stack.tails()


def test_of_a_record_only_the_path_stays() -> None:
    path = "/w/acme/ws/?ticket=very-secret"
    record = logging.LogRecord("uvicorn.error", 20, "", 0, '%s - "WebSocket %s" [accepted]', ("1.2.3.4:5", path), None)
    assert WithoutQueries().filter(record)
    assert record.getMessage() == '1.2.3.4:5 - "WebSocket /w/acme/ws/" [accepted]'
