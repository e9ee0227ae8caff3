"""From text to a checked tree. What is not in the language is refused with a sentence that says what is."""

from __future__ import annotations

import ast
import re
from threading import Lock

from simulations.engine.expressions.functions import FUNCTIONS, PAST
from simulations.engine.expressions.refusals import ExpressionRefused

ONE_AT_A_TIME = Lock()
"""Python 3.11 counts the depth of syntax trees for the whole process: two threads at once can fail for no reason (gh-106905)."""
MOST_CHARACTERS = 500
MOST_NODES = 100
MOST_DEPTH = 12
LARGEST_NUMBER = 1e15
LONGEST_WORD = 100
ALLOWED = (
    "Allowed are numbers, 'words' in quotes, names, and, or, not, comparisons, + - * / // %, “a if condition else b” "
    f"and the functions {', '.join([*FUNCTIONS, *PAST])}."
)
GLOBAL = "glob_l"
"""`global` is a word of Python; this one of the same length stands for it while the text is read."""

_STRINGS_OR_GLOBAL = re.compile(r"""('[^']*'|"[^"]*")|\bglobal(?=\s*\.)""")
_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.NamedExpr, ast.Await, ast.Yield)
_SYNTAX = (
    ast.Constant, ast.Name, ast.Attribute, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare, ast.IfExp, ast.Call,
)  # fmt: skip
_DETAILS = (ast.operator, ast.boolop, ast.unaryop, ast.cmpop, ast.expr_context)


def read(text: str) -> ast.expr:
    """The tree of the text, with nothing in it but the syntax of the language. Names are not looked at yet."""
    if not isinstance(text, str) or not text.strip():
        raise ExpressionRefused("This must be an expression; it is empty.")
    if len(text) > MOST_CHARACTERS:
        raise ExpressionRefused(f"An expression may have at most {MOST_CHARACTERS} characters; this has {len(text)}.")
    tree = _tree(text.strip())
    _measure(tree)
    return tree


def _tree(text: str) -> ast.expr:
    source = _STRINGS_OR_GLOBAL.sub(lambda found: found.group(1) or GLOBAL, text)
    try:
        with ONE_AT_A_TIME:
            return ast.parse(source.replace("\n", " "), mode="eval").body
    except SyntaxError as error:
        place = f" at character {error.offset}" if error.offset else ""
        raise ExpressionRefused(f"This cannot be read{place}. {ALLOWED}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionRefused(f"This is nested too deeply or holds what cannot be read. {ALLOWED}") from None


def _measure(tree: ast.expr) -> None:
    """Refuse what is too large or foreign, without recursion, so that no text can exhaust the stack."""
    left: list[tuple[ast.AST, int]] = [(tree, 1)]
    count = 0
    while left:
        node, depth = left.pop()
        if isinstance(node, _DETAILS):
            continue
        count += 1
        if depth > MOST_DEPTH:
            raise ExpressionRefused(f"An expression may be nested {MOST_DEPTH} deep; this is deeper.")
        if count > MOST_NODES:
            raise ExpressionRefused(f"An expression may have at most {MOST_NODES} parts; this has more.")
        _check(node)
        left.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _check(node: ast.AST) -> None:
    if isinstance(node, _LOOPS):
        raise ExpressionRefused(f"Loops, functions of one's own and assignments are not allowed. {ALLOWED}")
    if isinstance(node, ast.keyword | ast.Starred):
        raise ExpressionRefused("Arguments of a function are given by their place, one by one.")
    if not isinstance(node, _SYNTAX):
        word = {"Subscript": "Indexing with [ ]", "JoinedStr": "Text with { }", "List": "A list", "Tuple": "A list"}
        raise ExpressionRefused(f"{word.get(type(node).__name__, 'This')} is not allowed. {ALLOWED}")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        raise ExpressionRefused("There is no power (**); multiply, or use sqrt and exp.")
