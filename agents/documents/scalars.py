"""How a text is written in YAML that people read and edit."""

from __future__ import annotations

from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString


def scalar(text: str) -> str:
    """Block style for readable lines, quotes for what block style would change."""
    if "\n" in text and _fits_block(text):
        styled: str = LiteralScalarString(text)
    elif text.isprintable() and text == text.strip():
        styled = text
    else:
        styled = DoubleQuotedScalarString(text)
    return styled


def _fits_block(text: str) -> bool:
    lines = text.split("\n")
    return (
        bool(lines[0].strip())
        and not lines[0].startswith((" ", "\t"))
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )
