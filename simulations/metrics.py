"""What this app counts for the operator. No name of a workspace is ever a label."""

from __future__ import annotations

from prometheus_client import Counter

STEPS = Counter("simulation_steps_total", "Steps that simulations played.")
DECISIONS = Counter("simulation_decisions_total", "Decisions of simulated agents.", ["source"])
