"""JSON, asked in JMESPath. What a short expression can blow up to is bounded by the process that runs it."""

from __future__ import annotations

import json

import jmespath
from jmespath.exceptions import JMESPathError

from agents.tools.querying.tables import Refused

LONGEST = 100_000


def query_tree(question: str, data: bytes) -> str:
    """The answer as JSON, its first 100,000 characters. Raises Refused."""
    try:
        tree = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"This is not JSON: {str(error)[:200]}.") from error
    try:
        found = jmespath.search(question, tree)
    except (JMESPathError, ValueError, TypeError) as error:
        raise Refused(f"This expression does not work: {str(error)[:300]} {_shape(tree)}") from error
    return _written(found)


def _written(found: object) -> str:
    """Piece by piece, so that a small value which contains itself many times is not written out whole."""
    parts: list[str] = []
    size = 0
    for part in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(found):
        parts.append(part)
        size += len(part)
        if size > LONGEST:
            return "".join(parts)[:LONGEST] + "\n[The answer is longer; this is its beginning.]"
    return "".join(parts)


def _shape(tree: object) -> str:
    if isinstance(tree, dict):
        return f"The document is an object with {', '.join(list(map(str, tree))[:30])}."
    return f"The document is a list of {len(tree)}." if isinstance(tree, list) else "The document is a single value."
