"""Connections to model servers, against servers that speak HTTP in every way that is allowed, and in some that are not."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.llm.lines import LineTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"


class Server:
    """Answers each request with the next of `answers`; None hangs up without a word."""

    def __init__(self, *answers: bytes | None, hang_up: bool = False) -> None:
        self.answers = list(answers)
        self.hang_up = hang_up
        self.connections = 0
        self.heads: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while answer := await self._answer(reader):
                writer.write(answer)
                await writer.drain()
                if self.hang_up:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes | None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        await reader.readexactly(length)
        return self.answers.pop(0) if self.answers else OK


@asynccontextmanager
async def asking(server: Server) -> AsyncIterator[Callable[..., Awaitable[bytes]]]:
    """A function that asks the server and gives the body."""
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    lines = LineTransport(ssl.create_default_context())
    async with httpx.AsyncClient(transport=lines, timeout=60, trust_env=False) as client:

        async def ask(method: str = "POST", content: bytes = b"{}") -> bytes:
            answer = await client.request(method, f"http://127.0.0.1:{port}/v1/x?a=1", content=content)
            return answer.content

        yield ask
    listening.close()
    for writer in server.writers:
        writer.close()


async def test_a_connection_is_kept() -> None:
    server = Server()
    async with asking(server) as ask:
        assert [await ask() for _ in range(3)] == [b"fine"] * 3
        assert await ask("GET", b"") == b"fine"
    assert server.connections == 1
    assert server.heads[0].startswith(b"POST /v1/x?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.heads[0].count(b"Content-Length: 2") == 1
    assert b"Content-Length" not in server.heads[3]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"fine"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"fine"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n", b"fine"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
async def test_every_way_to_say_where_a_body_ends(answer: bytes, body: bytes) -> None:
    server = Server(answer)
    async with asking(server) as ask:
        assert await ask() == body
        assert await ask() == b"fine"
    assert server.connections == 1


async def test_a_body_that_ends_with_its_connection() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\nall of it", hang_up=True)
    async with asking(server) as ask:
        assert await ask() == b"all of it"
        assert await ask() == b"fine"
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", httpx.ReadError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", httpx.ReadError),
        (b"HTTP/1.1 200", httpx.ReadError),
        (b"SSH-2.0-OpenSSH_9.9\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, httpx.RemoteProtocolError),
    ],
)
async def test_answers_that_are_none(answer: bytes, error: type[Exception]) -> None:
    server = Server(answer, hang_up=True)
    async with asking(server) as ask:
        with pytest.raises(error):
            await ask()
        assert await ask() == b"fine", "the next call has a connection of its own"
    assert server.connections == 2


async def test_who_hangs_up_or_speaks_out_of_turn_is_not_asked_again_on_that_line() -> None:
    server = Server()
    async with asking(server) as ask:
        await ask()
        server.writers[0].write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        await asyncio.sleep(0.5)
        assert await ask() == b"fine"
        server.writers[1].close()
        await asyncio.sleep(0.5)
        assert await ask() == b"fine"
    assert server.connections == 3


async def test_who_says_that_it_closes_is_not_kept() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfine")
    async with asking(server) as ask:
        assert [await ask(), await ask()] == [b"fine"] * 2
    assert server.connections == 2


async def test_an_answer_larger_than_the_buffer_arrives_whole() -> None:
    content = bytes(range(256)) * 20_000
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
    async with asking(server) as ask:
        assert await ask() == content


async def test_tls_is_spoken_and_checked(tmp_path: Path) -> None:
    good, trusted = _certificate(tmp_path)
    server = Server()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=good)
    port = listening.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(transport=LineTransport(trusted), timeout=60) as client:
        for _ in range(2):
            assert (await client.get(f"https://127.0.0.1:{port}/")).content == b"fine"
        with pytest.raises(httpx.ConnectError):
            await client.get(f"https://localhost:{port}/")
    async with httpx.AsyncClient(transport=LineTransport(ssl.create_default_context()), timeout=60) as client:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await client.get(f"https://127.0.0.1:{port}/")
    assert len(server.heads) == 2, "nothing was sent to whom we do not trust"
    listening.close()


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://does-not-exist.localhost/"])
async def test_where_nothing_leads(url: str) -> None:
    async with httpx.AsyncClient(transport=LineTransport(ssl.create_default_context()), timeout=60) as client:
        with pytest.raises((httpx.ConnectError, httpx.UnsupportedProtocol)):
            await client.get(url)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server at 127.0.0.1, and for a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "model server")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, private)
    return serving, ssl.create_default_context(cafile=str(certificate))
