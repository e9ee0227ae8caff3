"""The cases by which a manifest is evaluated."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from marketplace.manifest.envelope import Manifest, ScenarioManifest
from marketplace.manifest.evaluation import Case, CaseDocument, MinWords
from marketplace.manifest.specs import Expectation, LibraryScenario
from marketplace.sandbox.expectations import Answer, unmet
from marketplace.sandbox.results import Result
from simulations.engine.spec import AbmSpec
from simulations.engine.spec.promises import Expectation as Published

USUAL_THRESHOLD = 0.8
USUAL_USD = 0.5
SMOKE_STEPS = 200


@dataclass(frozen=True, slots=True)
class Band:
    """A published result: where the mean of a metric over so many plays lies. `steps` null: as many as usual."""

    metric: str
    between: tuple[float, float]
    seeds: int
    steps: int | None
    parameters: dict[str, Any]
    policy: str | None
    source: str

    @property
    def played(self) -> dict[str, Any]:
        """How it is tried: the inputs of a stage."""
        how = {"parameters": self.parameters, "seeds": list(range(self.seeds)), "steps": self.steps}
        return how if self.policy is None else {**how, "policy": self.policy}


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """One case: what is put in, and what is expected of it (`case` for runs, `band` for scenarios)."""

    name: str
    inputs: dict[str, Any]
    documents: tuple[CaseDocument, ...] = ()
    weight: float = 1.0
    case: Case | None = None
    band: Band | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases; each is tried `repeats` times, and all together may cost `usd` dollars."""

    cases: tuple[SuiteCase, ...]
    repeats: int = 1
    threshold: float = USUAL_THRESHOLD
    usd: float = USUAL_USD

    @property
    def digest(self) -> str:
        said = [(t.name, t.inputs, t.weight, _plain(t.case), _plain(t.band)) for t in self.cases]
        text = json.dumps([said, self.repeats, self.threshold], sort_keys=True, ensure_ascii=False)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def suite_of(manifest: Manifest) -> Suite:
    """The manifest's own cases; where it has none, its examples, of which an answer of any kind is expected."""
    if isinstance(manifest, ScenarioManifest):
        return Suite(tuple(_bands(manifest)), threshold=1.0)
    told = manifest.evaluation
    if told is None:
        return Suite(tuple(_examples(manifest)))
    cases = tuple(SuiteCase(case.name, dict(case.inputs), case.documents, case.weight, case) for case in told.cases)
    return Suite(cases, told.repeats, told.threshold, told.usd)


def _bands(manifest: ScenarioManifest) -> list[SuiteCase]:
    spec = manifest.spec
    bands = [_band(band) for band in spec.expect]
    found = [
        SuiteCase(f"{band.metric} ({number})", band.played, band=band) for number, band in enumerate(bands, start=1)
    ]
    plain = {
        "parameters": {},
        "seeds": [spec.seed if spec.seed is not None else 1],
        "steps": min(usual_steps(spec), SMOKE_STEPS),
    }
    return found or [SuiteCase("plays", plain)]


def usual_steps(spec: LibraryScenario | AbmSpec) -> int:
    """How long a play usually takes at most."""
    return spec.steps if isinstance(spec, LibraryScenario) else spec.time.max_steps


def _band(expected: Expectation | Published) -> Band:
    return Band(
        metric=expected.metric,
        between=expected.between,
        seeds=expected.seeds,
        steps=expected.steps,
        parameters=dict(expected.when if isinstance(expected, Published) else expected.parameters),
        policy=expected.policy if isinstance(expected, Published) else None,
        source=expected.source,
    )


def _examples(manifest: Manifest) -> list[SuiteCase]:
    examples = manifest.inputs.examples if manifest.inputs else ()
    anything = (MinWords(kind="min_words", value=1),)
    return [
        SuiteCase(f"example_{n}", dict(example), case=Case(name=f"example_{n}", expect=anything))
        for n, example in enumerate(examples, start=1)
    ]


def faults(tried: SuiteCase, result: Result) -> list[str]:
    """What does not hold, as sentences; none where the case has passed."""
    if not result.is_good:
        return [f"It ended as {result.status.replace('_', ' ')}: {result.problem or 'nobody said why.'}"]
    if tried.band is not None:
        return _out_of_band(tried.band, result)
    return unmet(Answer(result.output, result.data), tried.case.expect) if tried.case else []


def _out_of_band(band: Band, result: Result) -> list[str]:
    low, high = band.between
    found = result.metrics.get(band.metric)
    if found is None:
        return [f"The scenario has no measure {band.metric}."]
    if low <= found <= high:
        return []
    return [f"The mean of {band.metric} over {band.seeds} plays is {found:.4g}; {low:g} to {high:g} is published."]


def _plain(part: Case | Band | None) -> Any:
    if isinstance(part, Band):
        return asdict(part)
    return part.model_dump(mode="json") if part else None
