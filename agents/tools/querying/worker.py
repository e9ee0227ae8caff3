"""The process that answers one question: `python -m agents.tools.querying.worker SECONDS < question-and-data > answer.json`.

No secrets in its environment, SECONDS of processor time, 400 MB of memory, no file that it could write.
"""

from __future__ import annotations

import json
import resource
import sys

from agents.tools.querying.sandbox import OUT_OF_MEMORY

MEMORY = 400 * 1024 * 1024


def main(cpu_seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _limit(what, most)
    try:
        json.dump(_answer(), sys.stdout)
    except (MemoryError, RecursionError):
        sys.exit(OUT_OF_MEMORY)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (ceiling, ceiling))


def _answer() -> dict[str, str]:
    from agents.tools.querying.tables import Refused, query_table  # noqa: PLC0415 - loaded after the limits hold
    from agents.tools.querying.trees import query_tree  # noqa: PLC0415

    asked = json.loads(sys.stdin.buffer.readline())
    answer = query_table if asked["kind"] == "csv" else query_tree
    try:
        return {"answer": answer(asked["question"], sys.stdin.buffer.read())}
    except Refused as refusal:
        return {"refused": str(refusal)}


if __name__ == "__main__":
    main(int(sys.argv[1]))
