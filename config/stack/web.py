"""`python -m config.stack.web --fd N`: uvicorn behind a socket that the supervisor already listens on."""

from __future__ import annotations

import argparse
import socket

import uvicorn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True)
    door = socket.socket(fileno=parser.parse_args().fd)
    config = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        log_level="info",
        ws_per_message_deflate=False,  # costs memory and time per socket, and our frames are small
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=3,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[door])


if __name__ == "__main__":
    main()
