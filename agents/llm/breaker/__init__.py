"""A circuit breaker that all workers share: a back end that fails is left alone by all of them, and one call at a time finds out whether it is well again."""

from agents.llm.breaker.circuits import Circuits, circuits_of
from agents.llm.breaker.rules import Rules, State
from agents.llm.breaker.switch import CircuitBreaker

__all__ = ["CircuitBreaker", "Circuits", "Rules", "State", "circuits_of"]
