"""The process that opens one uploaded file: `python -m agents.knowledge.parsing.worker NAME SECONDS < file > answer.json`.

It has no secrets in its environment, SECONDS of processor time and 512 MB of memory, and it dies with whatever file kills it.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from dataclasses import asdict
from typing import Any

from agents.knowledge.parsing.sandbox import OUT_OF_MEMORY

MEMORY = 512 * 1024 * 1024


def main(name: str, cpu_seconds: int) -> None:
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        json.dump(_answer(name), sys.stdout, ensure_ascii=False)
    except (MemoryError, RecursionError):
        sys.exit(OUT_OF_MEMORY)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (ceiling, ceiling))


def _answer(name: str) -> dict[str, Any]:
    from agents.knowledge.parsing.errors import ParseError  # noqa: PLC0415  nothing of a reader loads before the limits hold
    from agents.knowledge.parsing.reading import parse  # noqa: PLC0415

    logging.disable()  # pypdf comments on what it repairs
    try:
        return {"parsed": asdict(parse(sys.stdin.buffer.read(), name))}
    except ParseError as error:
        return {"code": error.code, "detail": error.detail}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
