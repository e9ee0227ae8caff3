"""A person in an agent's seat decides; who does not answer in time is spoken for by another policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulations.engine.decisions import Decision, DecisionRequest, SeatPort
from simulations.engine.errors import WaitingForPerson
from simulations.engine.keys import digest_of
from simulations.engine.policies.answers import AnswerRefused, read_choice
from simulations.engine.policies.falling_back import Fallback
from simulations.engine.policies.forms import ActionForm
from simulations.engine.policies.inquiry import Failed

Result = Decision | Failed


class HumanPolicy:
    """`wait_seconds` are counted by the seats, over all interruptions of the play. `forms` are by archetype."""

    individual = True

    def __init__(
        self,
        name: str,
        seats: SeatPort,
        forms: Mapping[str, Sequence[ActionForm]],
        *,
        wait_seconds: float,
        fallback: Fallback | None = None,
    ) -> None:
        self.name = name
        self.seats = seats
        self.wait_seconds = wait_seconds
        self.fallback = fallback or Fallback()
        self.fingerprint = digest_of("human", name)
        self._forms = {archetype: {form.name: form for form in declared} for archetype, declared in forms.items()}

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """Raises WaitingForPerson while somebody may still answer."""
        answers = await self.seats.answers(requests)
        results = {request.key: self._result(request, answers) for request in requests}
        waiting = [request for request in requests if results[request.key] is None]
        if waiting:
            raise WaitingForPerson(waiting)
        failed = [(request, failure) for request in requests if isinstance(failure := results[request.key], Failed)]
        instead = await self.fallback.decide([request for request, _ in failed], [failure for _, failure in failed])
        spoken_for = dict(zip((request.key for request, _ in failed), instead, strict=True))
        given = {key: result for key, result in results.items() if isinstance(result, Decision)}
        return [(given | spoken_for)[request.key] for request in requests]

    def _result(self, request: DecisionRequest, answers: Mapping[bytes, Decision]) -> Result | None:
        answer = answers.get(request.key)
        if answer is not None:
            return self._checked(request, answer)
        if self.seats.seconds_waited(request.key) < self.wait_seconds:
            return None
        return Failed("nobody_answered", f"Nobody answered within {self.wait_seconds:g} s.")

    def _checked(self, request: DecisionRequest, answer: Decision) -> Result:
        given = answer.options[0]
        told = {"action": given.action, "args": given.args}
        try:
            option, _ = read_choice(told, self._forms[request.archetype], request.legal)
        except AnswerRefused as refused:
            return Failed("illegal", refused.detail)
        return Decision((option,), "human", request.key, answer.reason, seconds=answer.seconds)
