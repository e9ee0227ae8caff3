"""Every spelling of an inner address, through every face of the door: nothing connects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest

from tenants.egress import EgressRefused, Policy, egress_transport, fetch, fetch_sync
from tests.egress.corpus import FORMS, PUBLIC, PUBLIC_FORMS, resolve
from tests.servers.network import OutsideRefused
from tests.servers.web import Page, Web, connects

Sink = Callable[[str, Policy], Awaitable[object]]


async def whole(url: str, policy: Policy) -> object:
    return await fetch(url, policy=policy)


async def sending(url: str, policy: Policy) -> object:
    return await fetch(url, policy=policy, method="POST", body=b"{}")


async def from_a_thread(url: str, policy: Policy) -> object:
    return await asyncio.to_thread(fetch_sync, url, policy=policy)


async def any_client(url: str, policy: Policy) -> object:
    async with httpx.AsyncClient(transport=egress_transport(policy), trust_env=False) as client:
        return await client.get(url, follow_redirects=True)


async def streaming(url: str, policy: Policy) -> object:
    async with (
        httpx.AsyncClient(transport=egress_transport(policy), trust_env=False) as client,
        client.stream("POST", url, content=b"{}") as answer,
    ):
        return await answer.aread()


SINKS: dict[str, Sink] = {
    "fetch": whole,
    "post": sending,
    "thread": from_a_thread,
    "client": any_client,
    "stream": streaming,
}


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[Web, Web]]:
    """What must never be reached: a server on either loopback address, at one port."""
    with Web() as four, Web("::1") as six:
        four.pages["/"] = six.pages["/"] = Page(b"secret")
        yield four, six


@pytest.mark.parametrize("sink", SINKS)
async def test_no_spelling_of_an_inner_address_connects(sink: str, inside: tuple[Web, Web]) -> None:
    assert len(FORMS) >= 60
    four, six = inside
    policy = Policy(ports=frozenset({80, 443, four.port, six.port}), resolve=resolve, seconds=60)
    got_through: list[str] = []
    with connects() as tried:
        for port in (four.port, six.port):
            for form in FORMS:
                try:
                    await SINKS[sink](form.replace("PORT", str(port)), policy)
                except (EgressRefused, httpx.UnsupportedProtocol, httpx.InvalidURL):
                    continue
                except (OutsideRefused, ExceptionGroup):  # on its way out: this machine lets no test leave
                    if form in PUBLIC_FORMS:
                        continue
                got_through.append(form)
    assert got_through == []
    assert set(tried) <= {PUBLIC}
    assert four.connections == six.connections == 0


async def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    """DNS rebinding: public when it is looked at, private a moment later."""
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    with Web() as inner, connects() as tried:
        policy = Policy(ports=frozenset({inner.port}), resolve=lambda _host, _port: answers.pop(0), seconds=60)
        with pytest.raises(
            BaseException, match=r"Tests may not reach|unhandled errors"
        ):  # the guard of the tests, at the socket
            await fetch(inner.url(host="rebind.example"), policy=policy)
        assert tried == [PUBLIC]
        assert len(answers) == 2
        assert inner.connections == 0
        with pytest.raises(EgressRefused, match="has no public address"):
            await fetch(inner.url(host="rebind.example"), policy=policy)
        assert inner.connections == 0


async def test_a_redirect_is_looked_at_anew() -> None:
    """The host is let out by name; what it redirects to on another port is not, and its own address is checked again."""
    with Web() as inner, Web() as outer:
        outer.pages["/"] = Page(status=302, headers={"Location": inner.url(host="files.example")})
        outer.pages["/self"] = Page(status=302, headers={"Location": "/next", "Connection": "close"})
        outer.pages["/next"] = Page(b"here")
        answers = [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]]
        local = frozenset({("files.example", outer.port)})
        policy = Policy(local=local, resolve=lambda _host, _port: answers.pop(0))
        with pytest.raises(EgressRefused, match="redirects elsewhere") as refusal:
            await fetch(outer.url(host="files.example"), policy=policy)
        assert refusal.value.code == "redirect"
        assert inner.connections == 0
        assert (await fetch(outer.url("/self", host="files.example"), policy=policy)).text == "here"


async def test_names_that_lead_inside_and_names_that_do_not_exist_are_refused_alike() -> None:
    told = []
    for name in ("nothing.example", "ten.example"):
        with pytest.raises(EgressRefused) as refusal:
            await fetch(f"http://{name}/", policy=Policy(resolve=resolve))
        told.append((refusal.value.code, refusal.value.detail.replace(name, "x")))
    assert told[0] == told[1] == ("address", "“x” has no public address that can be reached from here.")
