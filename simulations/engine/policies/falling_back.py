"""What is done when whoever should decide cannot: another policy, or nothing. It is always said, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulations.engine.decisions import AfterCap, Decision, DecisionPolicy, DecisionRequest, Option
from simulations.engine.errors import PlayInterrupted
from simulations.engine.policies.inquiry import Failed

_INTERRUPTING = {"over_budget": "over_budget", "models_dead": "models_unavailable"}


@dataclass(frozen=True, slots=True)
class Fallback:
    """`policy` decides instead (None: nothing is done), unless the author wants the play to rest or end for that cause."""

    policy: DecisionPolicy | None = None
    after_cap: AfterCap = "rules"

    def check(self, failures: Sequence[Failed]) -> None:
        """Raises PlayInterrupted where the play is not to go on by rules."""
        for failed in failures:
            then = failed.then or self.after_cap
            if failed.cause in _INTERRUPTING and then != "rules":
                raise PlayInterrupted(failed.detail, reason=_INTERRUPTING[failed.cause], then=then)

    async def decide(self, requests: Sequence[DecisionRequest], failures: Sequence[Failed]) -> list[Decision]:
        """One decision for each request whose failure stands at the same place."""
        if not requests:
            return []
        instead = [_nothing(request) for request in requests]
        if self.policy is not None:
            instead = await self.policy.decide_batch(requests)
        return [_told(decision, failed) for decision, failed in zip(instead, failures, strict=True)]


def _nothing(request: DecisionRequest) -> Decision:
    return Decision((Option(request.legal[0]),), "fallback", request.key)


def _told(instead: Decision, failed: Failed) -> Decision:
    reason = f"{failed.cause}: {failed.detail}"
    if instead.source == "fallback" and instead.reason:
        reason = f"{reason} Then {instead.reason}"
    spent = failed.account
    return replace(
        instead,
        source="fallback",
        reason=reason,
        lasting=False,
        calls=instead.calls + spent.calls,
        prompt_tokens=instead.prompt_tokens + spent.prompt_tokens,
        completion_tokens=instead.completion_tokens + spent.completion_tokens,
        cost=instead.cost + spent.cost,
        seconds=instead.seconds + spent.seconds,
    )
