from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import time
import zlib
from pathlib import Path

import httpx
import pytest

from tenants.egress import (
    EgressError,
    EgressFailed,
    EgressRefused,
    EgressTimeout,
    EgressUnreachable,
    Policy,
    egress_transport,
    fetch,
    fetch_sync,
)
from tests.egress.conftest import NAME
from tests.servers.web import Page, Web, drip, endless, packed, says


async def code_of(url: str, policy: Policy) -> str:
    with pytest.raises(EgressError) as refusal:
        await fetch(url, policy=policy)
    return refusal.value.code


async def test_a_page_arrives_under_the_name_that_was_asked_for(web: Web, policy: Policy) -> None:
    web.pages["/a"] = Page("Grüße".encode("latin-1"), headers={"Content-Type": "text/plain; charset=ISO-8859-1"})
    answer = await fetch(web.url("/a?b=c", host=NAME), policy=policy, headers={"X-Note": "hi"})
    assert (answer.status, answer.text, answer.media_type, answer.cut) == (200, "Grüße", "text/plain", False)
    asked = web.asked[0]
    assert (asked.method, asked.path) == ("GET", "/a?b=c")
    assert asked.headers["host"] == f"{NAME}:{web.port}"
    assert asked.headers["x-note"] == "hi"
    assert set(asked.headers) == {"host", "user-agent", "accept", "x-note", "accept-encoding"}


async def test_a_status_is_an_answer(web: Web, policy: Policy) -> None:
    web.pages["/a"] = Page(b"broken", status=500)
    answer = await fetch(web.url("/a", host=NAME), policy=policy, method="POST", body=b'{"a":1}')
    assert (answer.status, answer.body) == (500, b"broken")
    assert web.asked[0].body == b'{"a":1}'


def test_from_a_thread(web: Web, policy: Policy) -> None:
    web.pages["/a"] = Page(b"yes")
    assert fetch_sync(web.url("/a", host=NAME), policy=policy).body == b"yes"


async def test_only_the_named_pair_is_let_out(web: Web, policy: Policy) -> None:
    assert await code_of(web.url(host="other.example"), policy) == "port"
    assert await code_of("http://files.example/", policy) == "address"
    assert await code_of(web.url(host="127.0.0.1"), policy) == "port"
    assert web.connections == 0


async def test_hosts_of_a_list(web: Web, policy: Policy) -> None:
    web.pages["/"] = Page(b"yes")
    assert await code_of(web.url(host=NAME), policy.but(hosts=("api.example", "*.files.example"))) == "host"
    assert web.connections == 0
    for listed in ("files.example", "FILES.example.", "*.example"):
        assert (await fetch(web.url(host=NAME), policy=policy.but(hosts=(listed,)))).body == b"yes"


@pytest.mark.parametrize("page", [packed(b"x" * 300_000), packed(b"x" * 300_000, "deflate")])
async def test_a_small_answer_that_blows_up(web: Web, policy: Policy, page: Page) -> None:
    body = zlib.compress(b"x" * 300_000) if page.headers["Content-Encoding"] == "deflate" else page.body
    web.pages["/"] = Page(body, headers=page.headers)
    assert len(body) < 1_000
    assert await code_of(web.url(host=NAME), policy.but(most_bytes=200_000)) == "too_large"
    assert (await fetch(web.url(host=NAME), policy=policy)).body == b"x" * 300_000
    answer = await fetch(web.url(host=NAME), policy=policy.but(most_bytes=1_000, cut=True))
    assert (answer.body, answer.cut) == (b"x" * 1_000, True)


async def test_the_head_of_a_packed_page(web: Web, policy: Policy) -> None:
    web.pages["/"] = packed(b"x")
    answer = await fetch(web.url(host=NAME), policy=policy, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


async def test_a_large_bomb_costs_no_memory(web: Web, policy: Policy) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    web.pages["/"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    began = time.monotonic()
    assert await code_of(web.url(host=NAME), policy) == "too_large"
    assert time.monotonic() - began < 50


async def test_an_answer_without_end(web: Web, policy: Policy) -> None:
    web.pages["/"] = endless()
    assert await code_of(web.url(host=NAME), policy) == "too_large"
    answer = await fetch(web.url(host=NAME), policy=policy.but(cut=True, most_bytes=64_000))
    assert (len(answer.body), answer.cut) == (64_000, True)


async def test_a_declared_length_is_believed_at_once(web: Web, policy: Policy) -> None:
    web.pages["/"] = says(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n")
    assert await code_of(web.url(host=NAME), policy) == "too_large"


@pytest.mark.parametrize(
    "page",
    [drip(0.05), drip(0.05, b"HTTP/1.1 200 OK\r\nX-Slow: "), drip(0.05, b""), drip(0.5)],
    ids=["body", "header", "status", "slower"],
)
async def test_one_byte_at_a_time_ends_by_the_clock(web: Web, policy: Policy, page: Page) -> None:
    web.pages["/"] = page
    began = time.monotonic()
    with pytest.raises(EgressTimeout):
        await fetch(web.url(host=NAME), policy=policy.but(seconds=0.6))
    assert 0.5 < time.monotonic() - began < 50


async def test_a_slow_stream_ends_by_the_clock_in_any_client(web: Web, policy: Policy) -> None:
    web.pages["/"] = drip(0.05)
    transport = egress_transport(policy.but(seconds=0.6))
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=120) as client:
        began = time.monotonic()
        with pytest.raises(httpx.TimeoutException):
            await client.get(web.url(host=NAME))
    assert time.monotonic() - began < 50


async def test_a_slow_resolver_ends_by_the_clock(policy: Policy) -> None:
    answered = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        answered.wait(300)
        return []

    slow = policy.but(resolve=resolve, connect_seconds=0.2)
    began = time.monotonic()
    assert await code_of("http://slow.example/", slow) == "timeout"
    assert time.monotonic() - began < 60
    answered.set()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (
            b"HTTP/1.1 200 OK\r\n"
            + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(90))
            + b"Content-Length: 0\r\n\r\n",
            "too_large",
        ),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 10_000_000 + b"\r\n\r\n", "protocol"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
        (b"", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc", "encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"hello")[:-9], "encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 3\r\n\r\nabc", "encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhalf", "protocol"),
    ],
    ids=["headers", "header", "ssh", "nothing", "brotli", "damaged", "truncated", "twice", "half"],
)
async def test_answers_that_are_none(web: Web, policy: Policy, raw: bytes, code: str) -> None:
    web.pages["/"] = says(raw)
    assert await code_of(web.url(host=NAME), policy) == code


async def test_nobody_there(policy: Policy) -> None:
    gone = policy.but(local=frozenset({(NAME, 1)}))
    with pytest.raises(EgressUnreachable) as refusal:
        await fetch("http://files.example:1/", policy=gone)
    assert (refusal.value.code, refusal.value.detail) == ("unreachable", "Nothing answers there.")
    assert isinstance(refusal.value, httpx.ConnectError)


async def test_the_next_address_is_tried(web: Web, policy: Policy) -> None:
    web.pages["/"] = Page(b"yes")
    both = policy.but(resolve=lambda _host, _port: ["::1", "127.0.0.1"])
    assert (await fetch(web.url(host=NAME), policy=both)).body == b"yes"


async def test_redirects_on_the_same_host(web: Web, policy: Policy) -> None:
    for n in range(5):
        web.pages[f"/{n}"] = Page(status=302, headers={"Location": f"/{n + 1}"})
    web.pages["/5"] = Page(b"end")
    answer = await fetch(web.url("/2", host=NAME), policy=policy)
    assert (answer.text, answer.url) == ("end", web.url("/5", host=NAME))
    with pytest.raises(EgressFailed, match="more than 3 times"):
        await fetch(web.url("/1", host=NAME), policy=policy)


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "http://other.example/", "https://files.example/", "file:///etc/passwd", "//other.example/", "http://files.example:99/", "http://a\\b/"],
)  # fmt: skip
async def test_redirects_to_elsewhere(web: Web, policy: Policy, location: str) -> None:
    web.pages["/"] = Page(status=302, headers={"Location": location})
    assert await code_of(web.url(host=NAME), policy) in {"redirect", "url"}
    assert len(web.asked) == 1


async def test_what_was_sent_is_not_sent_again(web: Web, policy: Policy) -> None:
    web.pages["/"] = Page(status=307, headers={"Location": "/again"})
    answer = await fetch(web.url(host=NAME), policy=policy, method="POST", body=b"once")
    assert answer.status == 307
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "inner"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked"), ("X-Forwarded-For", "1.1.1.1"), ("Connection", "close"),
        ("Proxy-Authorization", "x"), ("X-A", "b\r\nHost: inner"), ("X-A\r\nHost", "inner"), ("X A", "b"), ("", "b"), ("X-A", "é"), ("X-A", "a" * 5000),
    ],
)  # fmt: skip
async def test_headers_that_are_not_for_users(web: Web, policy: Policy, name: str, value: str) -> None:
    with pytest.raises(EgressRefused) as refusal:
        await fetch(web.url(host=NAME), policy=policy, headers={name: value})
    assert refusal.value.code == "header"
    assert web.connections == 0


async def test_content_types(web: Web, policy: Policy) -> None:
    web.pages["/"] = Page(b"PK", headers={"Content-Type": "application/zip"})
    with pytest.raises(EgressFailed, match="That is application/zip, which"):
        await fetch(web.url(host=NAME), policy=policy.but(content_types=("text/", "application/json")))


async def test_a_certificate_that_nobody_vouches_for(tls: ssl.SSLContext, policy: Policy) -> None:
    with Web(tls=tls) as secure:
        secure.pages["/"] = Page(b"secret")
        mine = policy.but(local=frozenset({(NAME, secure.port)}))
        assert await code_of(secure.url(host=NAME, scheme="https"), mine) == "tls"
        assert secure.asked == []


async def test_the_name_is_kept_for_tls(tls: ssl.SSLContext, certificate: Path, policy: Policy) -> None:
    """The connection goes to an address, the certificate is checked against the name."""
    told: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: told.append(name)
    with Web(tls=tls) as secure:
        secure.pages["/"] = Page(b"yes")
        mine = policy.but(
            local=frozenset({(NAME, secure.port), ("other.example", secure.port)}),
            trust=ssl.create_default_context(cafile=str(certificate)),
        )
        assert (await fetch(secure.url(host=NAME, scheme="https"), policy=mine)).body == b"yes"
        assert await code_of(secure.url(host="other.example", scheme="https"), mine) == "tls"
    assert told == [NAME, "other.example"]


async def test_the_operators_proxy(web: Web, policy: Policy) -> None:
    """What is not local goes through it, by name; what leads inside does not even reach it."""
    web.pages["/page"] = Page(b"through the proxy")
    web.pages["http://public.example/page"] = Page(b"through the proxy")
    proxied = policy.but(
        proxy=f"http://127.0.0.1:{web.port}",
        local=frozenset(),
        resolve=lambda host, _port: ["10.0.0.1"] if host == "inner.example" else ["93.184.216.34"],
    )
    assert (await fetch("http://public.example/page", policy=proxied)).text == "through the proxy"
    assert web.asked[0].headers["host"] == "public.example"
    assert await code_of("http://inner.example/", proxied) == "address"
    assert len(web.asked) == 1


async def test_many_at_once(web: Web, policy: Policy) -> None:
    web.pages["/"] = Page(b"yes")
    transport = egress_transport(policy.but(connections=4))
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=60) as client:
        answers = await asyncio.gather(*(client.get(web.url(host=NAME)) for _ in range(40)))
    assert {answer.text for answer in answers} == {"yes"}
    assert web.connections <= 4


def test_the_operators_rules(settings: object) -> None:
    from tenants.egress import model_policy, operators_policy

    settings.EGRESS_PORTS = [8443]  # type: ignore[attr-defined]
    settings.EGRESS_LOCAL_HOSTS = ["Intranet.example:8080"]  # type: ignore[attr-defined]
    settings.LOCAL_MODEL_HOSTS = ["localhost:11434", "[::1]:11434"]  # type: ignore[attr-defined]
    assert operators_policy(seconds=3).ports == {80, 443, 8443}
    assert operators_policy().local == {("intranet.example", 8080)}
    assert model_policy().local == {("intranet.example", 8080), ("localhost", 11434), ("::1", 11434)}
