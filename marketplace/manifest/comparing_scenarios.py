"""What changed between two whole scenarios: what takes more, and what those who play it may have built on."""

from __future__ import annotations

from collections.abc import Iterator

from simulations.engine.spec import AbmSpec
from simulations.engine.spec.policies import Budget, ModelPolicy
from simulations.engine.spec.settings import Setting

TEXTS = {"system", "prompt", "task", "role", "goal", "backstory"}
BOUNDS = (("calls", "{:,.0f} model calls"), ("tokens", "{:,.0f} tokens"), ("usd", "${:,.2f}"))


def is_prompt(path: str) -> bool:
    """Whether a model reads what stands at `spec.policies.…`."""
    parts = path.split(".")
    return parts[:2] == ["spec", "policies"] and not TEXTS.isdisjoint(parts[3:])


def is_bound(path: str) -> bool:
    parts = path.split(".")
    return parts[:2] == ["spec", "policies"] and bool({"budget", "after_cap"} & set(parts[3:]))


def freer(old: AbmSpec, new: AbmSpec) -> Iterator[str]:
    """Policies that may spend more than before, or ask a model where they did not."""
    for name, policy in new.policies.items():
        before = old.policies.get(name)
        if not isinstance(policy, ModelPolicy):
            continue
        if isinstance(before, ModelPolicy):
            yield from _larger(name, before.budget, policy.budget)
        elif before is not None:
            yield f"The policy “{name}” asks a model now."


def _larger(name: str, old: Budget, new: Budget) -> Iterator[str]:
    for bound, words in BOUNDS:
        before, after = getattr(old, bound), getattr(new, bound)
        if before is not None and (after is None or after > before):
            told = "what the workspace allows" if after is None else words.format(after)
            yield f"The policy “{name}” may take up to {told} instead of {words.format(before)}."


def breaking(old: AbmSpec, new: AbmSpec) -> Iterator[str]:
    """Parameters, metrics and policies that a play, a sweep or a program may have named."""
    for name, setting in old.parameters.items():
        if name not in new.parameters:
            yield f"The parameter “{name}” is gone."
        elif _is_tighter(setting, new.parameters[name]):
            yield f"The parameter “{name}” takes less than before."
    yield from (f"The metric “{name}” is gone." for name in old.metrics if name not in new.metrics)
    yield from (f"The policy “{name}” is gone." for name in old.policies if name not in new.policies)


def _is_tighter(old: Setting, new: Setting) -> bool:
    if old.type != new.type or not set(old.choices) <= set(new.choices):
        return True
    infinite = float("inf")
    low = (-infinite if new.min is None else new.min) > (-infinite if old.min is None else old.min)
    return low or (infinite if new.max is None else new.max) < (infinite if old.max is None else old.max)
