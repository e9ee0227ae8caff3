"""How pages say what stands in the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import template

from tenants.forms import deed_said

register = template.Library()
register.filter("deed", deed_said)
VIA = {"session": "On the site", "token": "A program, signed in", "api_key": "An API key", "system": "The platform"}
LONGEST = 300


@register.filter
def via(name: str) -> str:
    return VIA.get(name, name)


@register.filter
def particulars(detail: Mapping[str, Any]) -> str:
    """What an entry says besides, on one line: “role: operator, days: 90”."""
    said = ", ".join(f"{name.replace('_', ' ')}: {_said(value)}" for name, value in detail.items())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(_said(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
