"""Agent-based simulation in which rules, models and people decide side by side. Knows nothing of Django.

The names below are loaded when they are asked for: who reads scenarios (`simulations.engine.spec`) does without NumPy and what plays them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulations.engine.agents import HybridAgent
    from simulations.engine.decisions import Decision, DecisionPolicy, DecisionRequest
    from simulations.engine.hybrid import HybridSimulationEngine, StepResult
    from simulations.engine.interventions import Intervention
    from simulations.engine.state import UnifiedStateManager

__all__ = [
    "Decision",
    "DecisionPolicy",
    "DecisionRequest",
    "HybridAgent",
    "HybridSimulationEngine",
    "Intervention",
    "StepResult",
    "UnifiedStateManager",
]
_HOMES = {
    "Decision": "decisions",
    "DecisionPolicy": "decisions",
    "DecisionRequest": "decisions",
    "HybridAgent": "agents",
    "HybridSimulationEngine": "hybrid",
    "Intervention": "interventions",
    "StepResult": "hybrid",
    "UnifiedStateManager": "state",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
