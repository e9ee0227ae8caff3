"""The WebSocket contract, against a real server: sign-in, subscribe, catch up, live, refusals, strangers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers.live import LiveStack
from tests.servers.telling import told

LONG = 120  # seconds; a busy machine takes its time
STAGE = """
import json
from tenants.access import get_member
from tenants.context import enter, PUBLIC
from tenants.proving.tokens import sign_in
from tests import cast
from tests.projects.runs import a_run
found = {}
for nick, slug in (("alice", "acme"), ("mallory", "globex")):
    user, tenant = cast.person(nick), cast.workspace(slug)
    member = get_member(user, tenant)
    with enter(tenant.schema_name):
        found[slug] = {"run": str(a_run(member).pk), "token": sign_in(user).access, "schema": tenant.schema_name}
print(json.dumps(found))
"""

TELL = """
import sys
from projects import events
from tenants.context import enter
schema, run, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with enter(schema):
    for n in range(count):
        events.append(run, [events.line("agent.status", agent="Reader", n=n, of=schema)])
"""

PICTURES = """
import sys
from projects.realtime import Picture, publish_all
schema, topic, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for n in range(1, count + 1):
    publish_all([(topic, {"type": "moved", "n": n}), (topic, Picture(n, bytes([n]) * size))], schema=schema)
"""


@pytest.fixture(scope="module")
def stage(live_stack: LiveStack) -> dict[str, dict[str, str]]:
    """A queued run in each workspace, and the access token of its owner."""
    found: dict[str, dict[str, str]] = json.loads(told(live_stack, STAGE))
    return found


@asynccontextmanager
async def socket(stack: LiveStack, slug: str, token: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"{stack.ws_url}/w/{slug}/ws/", subprotocols=["bearer", token], open_timeout=LONG) as opened:  # type: ignore[list-item]
        yield opened


async def say(opened: ClientConnection, **message: Any) -> None:
    await opened.send(json.dumps(message))


async def hear(opened: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(opened.recv(), LONG))  # type: ignore[no-any-return]


async def hear_until(opened: ClientConnection, seq: int) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1].get("seq") != seq:
        heard.append(await hear(opened))
    return heard


def test_catch_up_then_live_without_gap_or_double(live_stack: LiveStack, stage: dict[str, dict[str, str]]) -> None:
    there = stage["acme"]

    async def watch() -> list[dict[str, Any]]:
        async with socket(live_stack, "acme", there["token"]) as opened:
            await say(opened, action="subscribe", topic=f"run:{there['run']}", after=0)
            assert (await hear(opened))["type"] == "subscribed"
            first = await hear_until(opened, 1)
            telling = asyncio.create_task(
                asyncio.to_thread(told, live_stack, TELL, there["schema"], there["run"], "30")
            )
            rest = await hear_until(opened, 31)
            await telling
            return first + rest

    heard = asyncio.run(watch())
    assert [message["seq"] for message in heard] == list(range(1, 32))
    assert set(heard[0]) == {"type", "topic", "seq", "timestamp", "data"}
    assert heard[0]["data"] == {"status": "queued"}


def test_after_a_number_only_what_follows(live_stack: LiveStack, stage: dict[str, dict[str, str]]) -> None:
    there = stage["acme"]

    async def watch() -> list[dict[str, Any]]:
        async with socket(live_stack, "acme", there["token"]) as opened:
            await say(opened, action="subscribe", topic=f"run:{there['run']}", after=29)
            await hear(opened)
            return await hear_until(opened, 31)

    assert [message["seq"] for message in asyncio.run(watch())] == [30, 31]


def test_a_stranger_s_run_is_not_found(live_stack: LiveStack, stage: dict[str, dict[str, str]]) -> None:
    async def ask() -> list[dict[str, Any]]:
        async with socket(live_stack, "globex", stage["globex"]["token"]) as opened:
            answers = []
            for topic in (f"run:{stage['acme']['run']}", "run:not-an-id", "odd:1", "run", "RUN:1", "run:" + "x" * 200):
                await say(opened, action="subscribe", topic=topic)
                answers.append(await hear(opened))
            return answers

    answers = asyncio.run(ask())
    assert [a["type"] for a in answers] == ["error"] * 6
    assert [a["code"] for a in answers] == [
        "not_found",
        "not_found",
        "unknown_topic",
        "not_found",
        "bad_topic",
        "bad_topic",
    ]


def test_interleaved_sockets_hear_only_their_own_workspace(
    live_stack: LiveStack, stage: dict[str, dict[str, str]]
) -> None:
    async def listen(slug: str) -> set[str]:
        there = stage[slug]
        async with socket(live_stack, slug, there["token"]) as opened:
            for n in range(8):
                other = "globex" if slug == "acme" else "acme"
                await say(opened, action="subscribe", topic=f"run:{stage[other]['run']}")
                assert (await hear(opened))["code"] == "not_found"
                await say(opened, action="subscribe", topic=f"run:{there['run']}", after=1 if n == 7 else 999_999)
                assert (await hear(opened))["type"] == "subscribed"
            return {message["data"]["of"] for message in await hear_until(opened, 31)}

    async def crowd() -> list[set[str]]:
        await asyncio.to_thread(told, live_stack, TELL, "t_globex", stage["globex"]["run"], "30")
        return await asyncio.gather(*(listen(slug) for _ in range(15) for slug in ("acme", "globex")))

    heard = asyncio.run(crowd())
    assert heard == [{"t_acme"}, {"t_globex"}] * 15


def test_who_is_slow_loses_pictures_and_no_message(live_stack: LiveStack, stage: dict[str, dict[str, str]]) -> None:
    there, size, count = stage["acme"], 900_000, 60
    topic = f"run:{there['run']}"

    async def dawdle() -> list[str | bytes]:
        async with socket(live_stack, "acme", there["token"]) as opened:
            await say(opened, action="subscribe", topic=topic, after=999_999)
            await hear(opened)
            await asyncio.to_thread(told, live_stack, PICTURES, "t_acme", topic, str(count), str(size))
            await asyncio.sleep(0.5)
            heard = [await asyncio.wait_for(opened.recv(), LONG)]
            while isinstance(heard[-1], str) or heard[-1][-1] != count:
                heard.append(await asyncio.wait_for(opened.recv(), LONG))
            return heard

    heard = asyncio.run(dawdle())
    pictures = [each for each in heard if isinstance(each, bytes)]
    assert [json.loads(each)["n"] for each in heard if isinstance(each, str)] == list(range(1, count + 1))
    assert 1 <= len(pictures) < count
    head = b"\x01" + len(topic).to_bytes(2, "little") + topic.encode()
    assert pictures[-1] == head + count.to_bytes(4, "little") + bytes([count]) * size


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "bad_frame"),
        ("[1]", "bad_frame"),
        ("[" * 50_000, "bad_frame"),
        ('{"action":"launch"}', "unknown_action"),
        ('{"action":"subscribe"}', "bad_topic"),
        ('{"action":"subscribe","topic":"system:health","after":-1}', "bad_after"),
        ('{"action":"subscribe","topic":"system:health","after":1e99}', "bad_after"),
        ('{"action":"subscribe","topic":"system:secrets"}', "unknown_topic"),
        ('{"action":"run.finished","topic":"system:health"}', "unknown_action"),
    ],
)
def test_a_wrong_message_gets_a_clear_answer_and_the_socket_lives(
    live_stack: LiveStack, stage: dict[str, dict[str, str]], text: str, code: str
) -> None:
    async def ask() -> tuple[dict[str, Any], dict[str, Any]]:
        async with socket(live_stack, "acme", stage["acme"]["token"]) as opened:
            await opened.send(text)
            refusal = await hear(opened)
            await say(opened, action="ping")
            return refusal, await hear(opened)

    refusal, pong = asyncio.run(ask())
    assert (refusal["type"], refusal["code"], pong) == ("error", code, {"type": "pong"})


def test_too_many_messages_close_the_socket(live_stack: LiveStack, stage: dict[str, dict[str, str]]) -> None:
    async def flood(opened: ClientConnection) -> None:
        for _ in range(100):  # until the machine lets as many come within a second as may not
            for _ in range(40):
                await say(opened, action="ping")
            for _ in range(40):
                await hear(opened)

    async def code() -> int:
        async with socket(live_stack, "acme", stage["acme"]["token"]) as opened:
            with pytest.raises(ConnectionClosed) as closed:
                await flood(opened)
            return closed.value.rcvd.code if closed.value.rcvd else 0

    assert asyncio.run(code()) == 4429


@pytest.mark.parametrize(
    ("slug", "token", "code"),
    [("acme", "nonsense", 4401), ("nowhere", "good", 4401), ("globex", "good", 4404), ("acme", "gh_no_key", 4401)],
)
def test_who_may_not_open_a_socket(
    live_stack: LiveStack, stage: dict[str, dict[str, str]], slug: str, token: str, code: int
) -> None:
    async def knock() -> int:
        async with socket(live_stack, slug, stage["acme"]["token"] if token == "good" else token) as opened:
            with pytest.raises(ConnectionClosed) as closed:
                await hear(opened)
            return closed.value.rcvd.code if closed.value.rcvd else 0

    assert asyncio.run(knock()) == code


def test_another_site_s_page_opens_nothing(live_stack: LiveStack) -> None:
    async def knock(origin: str) -> str:
        try:
            async with connect(f"{live_stack.ws_url}/w/acme/ws/", origin=origin, open_timeout=LONG):  # type: ignore[arg-type]
                return "open"
        except Exception as refused:  # noqa: BLE001  (several kinds of refusal)
            return type(refused).__name__

    for origin in (
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        live_stack.url.replace("http", "https") + ".evil.example",
    ):
        assert asyncio.run(knock(origin)) == "InvalidStatus"


def test_a_ticket_opens_one_socket_of_its_own_workspace(
    live_stack: LiveStack, stage: dict[str, dict[str, str]]
) -> None:
    import httpx

    def ticket() -> str:
        answer = httpx.post(
            f"{live_stack.url}/w/acme/api/v1/socket-tickets/",
            headers={"Authorization": f"Bearer {stage['acme']['token']}"},
            timeout=LONG,
        )
        assert answer.status_code == 201
        return str(answer.json()["ticket"])

    async def use(slug: str, shown: str) -> str:
        async with connect(f"{live_stack.ws_url}/w/{slug}/ws/?ticket={shown}", open_timeout=LONG) as opened:
            try:
                await say(opened, action="ping")
                return str((await hear(opened))["type"])
            except ConnectionClosed as closed:
                return str(closed.rcvd.code if closed.rcvd else 0)

    first = ticket()
    assert asyncio.run(use("acme", first)) == "pong"
    assert asyncio.run(use("acme", first)) == "4401"
    assert asyncio.run(use("globex", ticket())) == "4401"
