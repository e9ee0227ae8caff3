"""One way to a model: a chain of providers, and the only place where a call is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.llm.prices import cost_of
from agents.llm.types import LLMError, OnText, Provider, Reply, Request

OnRestart = Callable[[], None]
PREFIXES = ("ollama", "llamacpp", "openai", "offline")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how soon to try again. Seconds; `retry_after_cap` bounds what a provider may make us wait."""

    retries: int = 1
    shortest: float = 0.5
    longest: float = 8.0
    retry_after_cap: float = 20.0


@dataclass(frozen=True, slots=True)
class Description:
    """Who answers. `is_offline` is true for the stand-in that is no language model; `reason` says why this one."""

    provider: str
    model: str
    is_offline: bool
    reason: str = ""


class _Call:
    """One caller's wish, through all attempts at it."""

    def __init__(
        self, request: Request, *, deadline: float, on_text: OnText | None, on_restart: OnRestart | None
    ) -> None:
        self.request = request
        self.deadline = deadline
        self.failures: list[LLMError] = []
        self._on_text = on_text
        self._on_restart = on_restart
        self._heard = False

    def time_left(self) -> float:
        return self.deadline - time.monotonic()

    def attempt(self, provider: Provider, model: str) -> Reply:
        if self._heard and self._on_restart is not None:
            self._heard = False
            self._on_restart()
        asked = replace(self.request, model=model)
        return provider.complete(asked, deadline=self.deadline, on_text=self._hear if self._on_text else None)

    def note(self, failure: LLMError) -> None:
        """Remember a failed attempt; raise it where text is out that nobody may take back."""
        self.failures.append(failure)
        if self._heard and self._on_restart is None:
            raise failure

    def _hear(self, text: str) -> None:
        self._heard = True
        if self._on_text is not None:
            self._on_text(text)


class Gateway:
    """Calls the first provider of `chain`, and the next ones when it fails.

    A retryable error is tried again on the same provider (`patience.retries` times, full jitter, never past the deadline),
    then the chain goes on; any other error goes on at once. With every provider failed, the first error is raised.

    Text that was passed to `on_text` cannot be taken back. If the caller gives `on_restart`, it is called before the next
    attempt and everything heard so far is void; if not, an attempt that breaks off after its first text is the last one.
    """

    def __init__(
        self,
        chain: Sequence[Provider],
        *,
        retries: int = 1,
        patience: Patience | None = None,
        description: Description | None = None,
    ) -> None:
        if not chain:
            raise ValueError("A gateway needs at least one provider.")
        self.chain = tuple(chain)
        self._patience = patience or Patience(retries=retries)
        self._description = description or Description(chain[0].name, "", is_offline=chain[0].name == "offline")

    def describe(self) -> Description:
        return self._description

    def complete(
        self,
        request: Request,
        *,
        deadline: float,
        on_text: OnText | None = None,
        on_restart: OnRestart | None = None,
    ) -> Reply:
        """A reply before `deadline` (time.monotonic seconds), with its cost. Raises an LLMError when nobody gave one."""
        call = _Call(request, deadline=deadline, on_text=on_text, on_restart=on_restart)
        for place, provider in enumerate(self.chain):
            model = model_for(provider, request.model, first=place == 0)
            if (reply := self._ask(provider, model, call)) is not None:
                return replace(reply, cost=cost_of(reply.provider, reply.model, reply.usage))
        raise call.failures[0]

    def _ask(self, provider: Provider, model: str, call: _Call) -> Reply | None:
        for attempt in range(self._patience.retries + 1):
            try:
                return call.attempt(provider, model)
            except LLMError as failure:
                call.note(failure)
            last = attempt == self._patience.retries
            if last or not self._worth_waiting(call.failures[-1], attempt, call.time_left()):
                break
        return None

    def _worth_waiting(self, failure: LLMError, attempt: int, time_left: float) -> bool:
        """Wait before the next attempt, or say that there is no point in one."""
        told = failure.retry_after or 0.0
        ceiling = min(self._patience.longest, self._patience.shortest * 2**attempt)
        pause = told + random.uniform(0, ceiling)  # noqa: S311 - jitter, not a secret
        if not failure.retryable or told > self._patience.retry_after_cap or pause >= time_left:
            return False
        time.sleep(pause)
        return True


def model_for(provider: Provider, model: str, *, first: bool) -> str:
    """The model to ask `provider` for, empty for its default. `ollama/qwen3` names a provider; a bare name means the first."""
    prefix, _, rest = model.partition("/")
    if rest and prefix in PREFIXES:
        return rest if prefix == provider.name else ""
    return model if first else ""
