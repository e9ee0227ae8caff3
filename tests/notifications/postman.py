"""A mail server that keeps what it is given, or refuses it as told."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType


class Postman:
    """`refusal` ("451 later", "550 no") answers every recipient from then on; empty takes the mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusal = ""
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def __enter__(self) -> Postman:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[_Counter]:
        return type("Counter", (_Counter,), {"postman": self})


class _Counter(socketserver.StreamRequestHandler):
    """One conversation, in as much of SMTP as Python's own client speaks."""

    postman: Postman

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.strip().upper().partition(b" ")[0]
            self._answer(word)
            if word == b"QUIT":
                return

    def _answer(self, word: bytes) -> None:
        if word == b"DATA":
            self._take()
        elif word == b"RCPT" and self.postman.refusal:
            self._say(self.postman.refusal)
        else:
            self._say("221 bye" if word == b"QUIT" else "250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.postman.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say("250 kept")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
