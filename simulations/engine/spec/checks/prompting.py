"""What stands in braces in prompts, messages and summaries."""

from __future__ import annotations

import re
from collections.abc import Collection

from simulations.engine.expressions import listed, suggestion
from simulations.engine.spec.faults import Faults

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


def _shown(known: Collection[str]) -> list[str]:
    """Without the second spelling of parameters."""
    return [name for name in known if not name.startswith("param.")]


def check_placeholders(faults: Faults, text: str, known: Collection[str]) -> None:
    """A fault for every {name} that stands for nothing."""
    for name in dict.fromkeys(PLACEHOLDER.findall(text)):
        if name not in known:
            detail = f"{{{name}}} stands for nothing.{suggestion(name, known)} There are: {listed(_shown(known))}."
            faults.add("placeholder", detail)
