"""What this process asked of models, for Prometheus. No workspace's name is a label, nor a model of its own server."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from agents.llm.cache.lookup import HITS
from agents.llm.guards import Observation
from agents.llm.prices import price_of

REQUESTS = Counter("llm_requests_total", "Attempts at a model.", ["provider", "model", "outcome"])
SECONDS = Histogram(
    "llm_request_duration_seconds",
    "How long an attempt took.",
    ["provider"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600),
)
TOKENS = Counter("llm_tokens_total", "Tokens as they are charged.", ["provider", "model", "direction"])
COST = Counter("llm_cost_usd_total", "What the attempts cost, in US dollars.", ["provider", "model"])


def observe(seen: Observation) -> None:
    """Count one attempt, or one answer that needed none."""
    if seen.cached == "shared":
        HITS.labels("shared").inc()
    if seen.cached:
        return
    provider, model = seen.target.provider, _label(seen)
    REQUESTS.labels(provider, model, seen.outcome).inc()
    SECONDS.labels(provider).observe(seen.seconds)
    TOKENS.labels(provider, model, "prompt").inc(seen.usage.prompt_tokens)
    TOKENS.labels(provider, model, "completion").inc(seen.usage.completion_tokens)
    COST.labels(provider, model).inc(float(seen.cost))


def _label(seen: Observation) -> str:
    """The model where it is the operator's or one of a public list; a workspace's own names could be anything, and many."""
    known = not seen.target.tenant or (seen.target.public and price_of(seen.target.provider, seen.target.model))
    return seen.target.model if known else "other"
