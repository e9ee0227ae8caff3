"""Agent-based simulation in which rules, models and people decide side by side. Knows nothing of Django."""

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
