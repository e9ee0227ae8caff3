"""Why a run stops before its end, as exceptions."""

from __future__ import annotations

from projects.models import Run


class RunStopped(Exception):
    """The run must stop now; `status` says as what."""

    def __init__(self, status: Run.Status, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail


class Waiting(RunStopped):
    """A person was asked and has not answered yet: the run lets go of its worker. `key` names the question."""

    def __init__(self, key: str) -> None:
        super().__init__(Run.Status.WAITING, "waiting", "It waits for a person.")
        self.key = key
