"""What an installed agent may have of the machinery itself: models, other agents' work, money."""

from __future__ import annotations

from agents.execution.leaves import Leaves
from agents.execution.trespasses import Trespasses
from agents.llm.gateway import Gateway
from agents.llm.routes import PREFIXES
from agents.llm.types import Request
from agents.runtimes.outcome import CallId, User
from agents.runtimes.spec import CrewSpec
from agents.tools.leave import MODEL, Leave
from agents.tools.permissions import Trespass
from projects.ledger import Ledger, RunStopped

MANAGER = "manager"
"""What the runtime calls the manager that it brings for a crew which names none."""


class Permitted:
    """One run's agents and what each may. For whoever was made here, everything."""

    def __init__(self, ledger: Ledger, leaves: Leaves | None = None) -> None:
        self.leaves = leaves or Leaves()
        self.trespasses = Trespasses(ledger)

    def gateway(self, gateway: Gateway, request: Request, call: CallId) -> Gateway:
        """The providers that this call may ask. Raises RunStopped where it names another one, or where none is left."""
        leave = self.leaves.of_agent(call.agent)
        if not leave.parts:
            return gateway
        named = _provider_in(request.model)
        found = gateway.only(leave.calls)
        if found is None or (named and not leave.calls(named)):
            provider = named or gateway.routes[0].provider.name
            raise self._barred(provider, leave, User(call.agent, call.task))
        return found

    def _barred(self, provider: str, leave: Leave, user: User) -> RunStopped:
        tried = f"“{user.agent}” was installed without the permission to call the models of {provider}."
        return self.trespasses.end(Trespass("model", f"{MODEL}{provider}", tried), user, leave.made_from)

    def bars_delegation(self, spec: CrewSpec, user: User) -> str:
        """Why this agent may not give work to others, as a sentence; empty where it may. A manager's whole work is that."""
        leave = self.leaves.of_agent(user.agent)
        is_manager = spec.process == "hierarchical" and user.agent == (spec.manager or MANAGER)
        if is_manager or leave.allows("delegate"):
            return ""
        tried = f"“{user.agent}” was installed without the permission to hand work to other agents."
        self.trespasses.note(Trespass("delegate", "delegate", tried), user, leave.made_from)
        return tried

    def over_budget(self, user: User) -> None:
        """A run has used up what its installer allowed it to spend."""
        tried = f"One run was allowed to spend ${self.leaves.usd:.2f}; the next call does not fit."
        leave = self.leaves.of_agent(user.agent)
        self.trespasses.note(Trespass("budget", "budget", tried), user, leave.made_from)


def _provider_in(model: str) -> str:
    """The provider that a model's name begins with; empty for a bare name."""
    prefix, _, rest = model.partition("/")
    return prefix if rest and prefix in PREFIXES else ""
