"""What a run would take, before it starts: from this crew's own past runs where there are enough, else from its definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from django.db.models import Count, F, Q

from agents import queries
from agents.definitions import alone, spec_of
from agents.execution.ceilings import served, usual_price
from agents.execution.sighting import Sight, sight_of
from agents.gateway import gateway
from agents.llm.pictures import tokens_of
from agents.llm.prices import Price
from agents.llm.routes import Route
from agents.llm.types import Image
from agents.models import Agent, Crew
from agents.runtimes.spec import CrewSpec, filled
from agents.sizing import Range, Size, sizes_of
from agents.tools.reading import available_tools
from projects.models import Run

ENOUGH = 3  # runs
LOOKED_AT = 50
FIRST_WORD = 0.8  # seconds until a model begins to answer
TOKENS_PER_SECOND = Range(150.0, 50.0, 15.0)
MILLION = 1_000_000
NOT_LOOKED_AT = Sight(can=None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`usd` is None where nobody knows a price. `basis` says where the figures are from, `runs` how many runs that is; `sight`
    whether pictures would be looked at."""

    basis: Literal["past_runs", "definition"]
    runs: int
    calls: Range
    tokens: Range
    usd: Range | None
    seconds: Range
    provider: str
    model: str
    sight: Sight = NOT_LOOKED_AT


def estimate_crew(*, crew: Crew, inputs: Mapping[str, str], pictures: Sequence[Image] = ()) -> Estimate:
    """Six statements, and a look at which provider answers now. Of `pictures` only their sizes count."""
    return _estimate(spec_of(queries.whole_crew(crew)), subject=crew, inputs=inputs, pictures=pictures)


def estimate_agent(*, agent: Agent, inputs: Mapping[str, str], pictures: Sequence[Image] = ()) -> Estimate:
    return _estimate(alone(agent), subject=agent, inputs=inputs, pictures=pictures)


def _estimate(
    spec: CrewSpec, *, subject: Crew | Agent, inputs: Mapping[str, str], pictures: Sequence[Image]
) -> Estimate:
    """With pictures it is from the definition, as nobody knows which past runs were shown as many."""
    models = gateway()
    told = models.describe()
    sight = sight_of(spec, models.routes)
    past = [] if pictures else _past(subject, told.provider, told.model)
    if len(past) >= ENOUGH:
        found = _from_runs(past, told.provider, told.model, priced=_is_priced(spec, models.routes))
        return replace(found, sight=sight)
    sizes = list(sizes_of(_with_inputs(spec, inputs), available_tools()))
    if pictures and not told.is_offline:
        sizes = list(_with_pictures(spec, sizes, models.routes, pictures))
    return replace(_from_definition(sizes, models.routes, told.provider, told.model), sight=sight)


def _with_pictures(
    spec: CrewSpec, sizes: Sequence[Size], routes: Sequence[Route], pictures: Sequence[Image]
) -> Iterator[Size]:
    """They go with every call of the tasks that see them, counted as the model counts that answers when nothing fails."""
    for position, size in enumerate(sizes):
        if position >= len(spec.tasks) or spec.tasks[position].name not in spec.seers:
            yield size
            continue
        route, model = next(iter(served(size.model, routes)))
        each = sum(tokens_of(picture, route.target.provider, model) for picture in pictures)
        yield size._replace(prompt=size.prompt.plus(Range(*(calls * each for calls in size.calls))))


def _with_inputs(spec: CrewSpec, inputs: Mapping[str, str]) -> CrewSpec:
    values = spec.values(inputs)
    tasks = tuple(filled(task, values) for task in spec.tasks)
    return spec.model_copy(update={"agents": tuple(filled(agent, values) for agent in spec.agents), "tasks": tasks})


@dataclass(frozen=True, slots=True)
class _Past:
    calls: int
    tokens: int
    usd: Decimal
    seconds: float


def _past(subject: Crew | Agent, provider: str, model: str) -> list[_Past]:
    """Its last successful runs on the model that would answer now, whole ones only."""
    found = (
        Run.objects.filter(subject_id=subject.pk, status=Run.Status.SUCCEEDED, provider=provider, model=model)
        .exclude(origin__in=[Run.Origin.REPLAY, Run.Origin.BRANCH])
        .annotate(
            calls=Count("model_calls", filter=Q(model_calls__cache_layer="")), took=F("finished_at") - F("started_at")
        )
        .order_by("-created_at")
        .values_list("calls", "prompt_tokens", "completion_tokens", "cost", "took")[:LOOKED_AT]
    )
    return [
        _Past(calls, prompt + completion, cost, took.total_seconds())
        for calls, prompt, completion, cost, took in found
        if took is not None
    ]


def _from_runs(past: Sequence[_Past], provider: str, model: str, *, priced: bool) -> Estimate:
    return Estimate(
        "past_runs",
        len(past),
        calls=_spread([float(run.calls) for run in past]),
        tokens=_spread([float(run.tokens) for run in past]),
        usd=_spread([float(run.usd) for run in past]) if priced else None,
        seconds=_spread([run.seconds for run in past]),
        provider=provider,
        model=model,
    )


def _spread(values: Sequence[float]) -> Range:
    """The tenth, the median and the ninetieth of a hundred (nearest rank); of few values the least and the greatest."""
    ranked = sorted(values)
    last = len(ranked) - 1
    return Range(ranked[round(0.1 * last)], ranked[round(0.5 * last)], ranked[round(0.9 * last)])


def _from_definition(sizes: Sequence[Size], routes: Sequence[Route], provider: str, model: str) -> Estimate:
    nothing = Range(0, 0, 0)
    calls = tokens = seconds = usd = nothing
    is_priced = True
    for size in sizes:
        price = usual_price(size.model, routes)
        is_priced = is_priced and price is not None
        calls = calls.plus(size.calls)
        tokens = tokens.plus(size.prompt).plus(size.completion)
        seconds = seconds.plus(_seconds(size))
        usd = usd.plus(_usd(size, price)) if price else usd
    return Estimate("definition", 0, calls, tokens, usd if is_priced else None, seconds, provider, model)


def _seconds(size: Size) -> Range:
    waits = zip(size.calls, size.completion, TOKENS_PER_SECOND, strict=True)
    return Range(*(calls * FIRST_WORD + words / speed for calls, words, speed in waits))


def _usd(size: Size, price: Price) -> Range:
    prompt, completion = float(price.prompt) / MILLION, float(price.completion) / MILLION
    return Range(*(went * prompt + came * completion for went, came in zip(size.prompt, size.completion, strict=True)))


def _is_priced(spec: CrewSpec, routes: Sequence[Route]) -> bool:
    return all(usual_price(model, routes) is not None for model in {"", *(agent.llm for agent in spec.agents)})
