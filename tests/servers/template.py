"""`python -m tests.servers.template`: migrate an empty database and put the cast in it, once; every test process clones it."""

from __future__ import annotations

import django


def build() -> None:
    django.setup()
    from tests import cast

    cast.build()


if __name__ == "__main__":
    build()
