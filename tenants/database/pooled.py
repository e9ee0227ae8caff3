"""Connections that a pool hands out."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool


def still_there(connection: psycopg.Connection[Any]) -> None:
    """Raise OperationalError where the connection is of no use any more.

    A server that ends a connection, and a machine whose server has died, close it, which is news on a connection that nobody uses. Where
    there is no news it is as good as a question would tell: one to a machine that vanished without a word would not be answered either.
    """
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    if news.poll(0):
        ConnectionPool.check_connection(connection)
