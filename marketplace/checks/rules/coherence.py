"""Does what it asks for fit what it does: permissions, hosts, budgets, hands that work is passed through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from pydantic import BaseModel

from agents.documents import Path
from marketplace.checks.check import Check
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.subject import Subject, shown
from marketplace.manifest.inputs import properties
from marketplace.manifest.permissions import BudgetPermission, NetworkPermission
from marketplace.manifest.powers import NETWORK, POWERS, SOFT, agents_of, needs_of, tool_users, tools_of
from marketplace.manifest.specs import AgentSpec, CrewSpec
from simulations.engine.spec import AbmSpec
from simulations.engine.spec.policies import Budget, ModelPolicy

CODES = {
    "coherence.not_asked": "Powers that are used and not asked for",
    "coherence.not_used": "Powers that are asked for and not used",
    "coherence.host": "Hosts in texts that are not among the permissions",
    "coherence.any_host": "Asking for every host",
    "coherence.tool_in_text": "Tools in texts that nobody has",
    "coherence.delegation": "Work that is passed on without end",
    "coherence.unbounded": "Runs without a bound",
    "coherence.budget": "Budgets that do not fit",
    "coherence.approval": "Sending data without asking a person",
    "coherence.disclosure": "Saying that nobody receives data",
    "coherence.model": "Models that are not among the permissions",
    "coherence.idle": "Agents and inputs without a use",
    "coherence.evaluation": "No cases that show what it does",
}
HOST = re.compile(r"(?i)\b(?:https?|ftp|wss?)://(?:[^\s/@:]{1,80}@)?((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})")
TOOL = re.compile(r"\b[a-z]{2,20}(?:_[a-z]{2,20}){1,4}\b")
MOST_DELEGATES = 5
EXAMPLES = (".example", "example.com", "example.org", "example.net")


def look(subject: Subject) -> Iterator[Finding]:
    for rule in (_powers, _hosts, _tools_in_texts, _delegation, _bounds, _sending, _models, _idle, _evaluation):
        yield from rule(subject)


def _powers(subject: Subject) -> Iterator[Finding]:
    asked = {_kind(permission.meaning().code) for permission in subject.manifest.permissions}
    needed = needs_of(subject.manifest.spec)
    for code, why in sorted(needed.items()):
        if code.startswith(SOFT) and code not in asked:
            yield _not_asked(subject, code, why)
    for number, permission in enumerate(subject.manifest.permissions):
        code = permission.meaning().code
        if code.startswith(SOFT) and _kind(code) not in needed and not _by_server(subject):
            message = f"It asks for {code}, and nothing here uses it."
            yield subject.found(
                "coherence.not_used", Severity.WARNING, ("permissions", number), message, "Take it out."
            )


def _kind(code: str) -> str:
    return NETWORK if code.startswith(f"{NETWORK}:") else code


def _not_asked(subject: Subject, code: str, why: str) -> Finding:
    """What is not asked for is not granted, and what is not granted is refused in every run."""
    what, fix = code, "Ask for it under permissions, with a reason."
    if code == NETWORK:
        what, fix = "a host", "Name each host under permissions, kind network, with a reason."
    message = f"It does not ask for {what}, though {why}; it would be refused in every run."
    return subject.found("coherence.not_asked", Severity.ERROR, ("permissions",), message, fix)


def _by_server(subject: Subject) -> bool:
    """Tools of servers reach what this house cannot see."""
    return any(tool.startswith("mcp:") for tool in tools_of(subject.manifest.spec))


def _hosts(subject: Subject) -> Iterator[Finding]:
    """Hosts that nobody can read from the permissions: every one of them, and those that only a text names."""
    asked = {
        number: permission.host
        for number, permission in enumerate(subject.manifest.permissions)
        if isinstance(permission, NetworkPermission)
    }
    for number in (number for number, host in asked.items() if host == "*"):
        message = "It may reach every public host."
        fix = "Name the hosts that it needs, if they are known."
        yield subject.found("coherence.any_host", Severity.WARNING, ("permissions", number, "host"), message, fix)
    yield from _hosts_in_texts(subject, set(asked.values()))


def _hosts_in_texts(subject: Subject, asked: Set[str]) -> Iterator[Finding]:
    """Each host once, where it stands first."""
    told: set[str] = set()
    for text in subject.texts:
        for match in HOST.finditer(text.value) if text.path[0] == "spec" else ():
            host = match[1].lower()
            if host in told or host.endswith(EXAMPLES) or any(_covers(pattern, host) for pattern in asked):
                continue
            told.add(host)
            message = f"The text names {shown(host)}, which is not among the hosts that it asks for."
            fix = "Ask for the host under permissions, or take the address out."
            yield subject.found("coherence.host", Severity.WARNING, text.path, message, fix, at=match.start())


def _covers(pattern: str, host: str) -> bool:
    return pattern in {"*", host} or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _tools_in_texts(subject: Subject) -> Iterator[Finding]:
    """An agent that is told to use a tool it does not have, makes one up."""
    have, known = set(tools_of(subject.manifest.spec)), set(POWERS) | {"current_date", "get_shared", "put_shared"}
    told: set[str] = set()
    for text in subject.texts:
        for match in TOOL.finditer(text.value) if text.path[0] == "spec" and not text.is_name else ():
            if match[0] in known - have - told and not {"tools", "ask_before_tools"} & set(text.path):
                told.add(match[0])
                message = f"The text speaks of the tool {match[0]}, which nobody here has."
                fix = "Give the tool to the agent, or do not speak of it."
                yield subject.found(
                    "coherence.tool_in_text", Severity.WARNING, text.path, message, fix, at=match.start()
                )


def _delegation(subject: Subject) -> Iterator[Finding]:
    """Two agents that may both pass work on can pass it to each other for ever; only a bound on model calls ends it."""
    spec, limits = subject.manifest.spec, subject.manifest.limits
    passing = [agent.name for agent in agents_of(spec) if agent.allow_delegation or "ask_agent" in agent.tools]
    if isinstance(spec, AgentSpec) and spec.allow_delegation:
        message, fix = "An agent alone has nobody to delegate to.", "Set allow_delegation to false."
        yield subject.found("coherence.delegation", Severity.WARNING, ("spec", "allow_delegation"), message, fix)
    elif len(passing) > 1 and not limits.model_calls:
        message = f"{', '.join(passing[:5])} can pass work to each other without end."
        fix = "Set limits.model_calls, or let one of them delegate."
        yield subject.found("coherence.delegation", Severity.ERROR, ("limits",), message, fix)
    elif len(passing) > MOST_DELEGATES:
        message = f"{len(passing)} agents may pass work on; it multiplies."
        yield subject.found(
            "coherence.delegation", Severity.WARNING, ("spec", "agents"), message, "Let one manager delegate."
        )


def _bounds(subject: Subject) -> Iterator[Finding]:
    manifest, limits = subject.manifest, subject.manifest.limits
    if not limits.minutes and not limits.seconds:
        message, fix = "A run has no end of its own.", "Set limits.minutes."
        yield subject.found("coherence.unbounded", Severity.WARNING, ("limits", "minutes"), message, fix)
    if any(_unbounded(manifest.spec)) and not (limits.usd or limits.tokens or limits.model_calls):
        message = "Nothing bounds what a run spends on models."
        yield subject.found(
            "coherence.unbounded", Severity.WARNING, ("limits",), message, "Set limits.usd, tokens or model_calls."
        )
    for number, permission in enumerate(manifest.permissions):
        if isinstance(permission, BudgetPermission) and limits.usd > permission.usd:
            message = f"The limit of ${limits.usd:.2f} is above the budget of ${permission.usd:.2f} that people grant."
            yield subject.found(
                "coherence.budget", Severity.ERROR, ("permissions", number), message, "Make them agree."
            )


def _unbounded(spec: BaseModel) -> Iterator[bool]:
    """Of each who asks models: whether nothing of its own bounds that."""
    yield from (True for _ in agents_of(spec))
    for policy in spec.policies.values() if isinstance(spec, AbmSpec) else ():
        if isinstance(policy, ModelPolicy):
            yield policy.budget == Budget()


def _sending(subject: Subject) -> Iterator[Finding]:
    manifest = subject.manifest
    hosts = [p for p in manifest.permissions if isinstance(p, NetworkPermission)]
    sends = [permission.host for permission in hosts if set(permission.methods) != {"GET"}]
    tasks = manifest.spec.tasks if isinstance(manifest.spec, CrewSpec) else ()
    asks = set(manifest.approvals).union(*(task.ask_before_tools for task in tasks))
    if sends and "http_request" in tools_of(manifest.spec) and "http_request" not in asks:
        message = f"It sends data to {', '.join(map(shown, sends[:3]))}, and no person is asked before it does."
        yield subject.found(
            "coherence.approval", Severity.WARNING, ("approvals",), message, "Name http_request under approvals."
        )
    if hosts and manifest.disclosure.data_goes_to.strip(" .").lower() in {"nobody", "no one", "none", "nowhere"}:
        message = "It says that nobody receives data, and asks for hosts."
        path = ("disclosure", "data_goes_to")
        yield subject.found("coherence.disclosure", Severity.ERROR, path, message, "Say what goes to which host.")


def _models(subject: Subject) -> Iterator[Finding]:
    asked = {permission.meaning().code for permission in subject.manifest.permissions}
    if "model:any" in asked:
        return
    for path, user, model in _asking(subject.manifest.spec):
        if model and f"model:{model.partition('/')[0]}" not in asked:
            message = f"“{user}” uses {shown(model)}, whose provider is not among the permissions."
            yield subject.found("coherence.model", Severity.WARNING, path, message, "Ask for the provider, or for any.")


def _asking(spec: BaseModel) -> Iterator[tuple[Path, str, str]]:
    """Where it is said which model is used, by whom, and which."""
    for number, agent in enumerate(agents_of(spec)):
        path: Path = ("spec", "agents", number, "llm") if isinstance(spec, CrewSpec) else ("spec", "llm")
        yield path, agent.name, agent.llm
    for name, policy in spec.policies.items() if isinstance(spec, AbmSpec) else ():
        if isinstance(policy, ModelPolicy):
            yield ("spec", "policies", name, "model"), name, policy.model


def _idle(subject: Subject) -> Iterator[Finding]:
    spec = subject.manifest.spec
    if not isinstance(spec, CrewSpec):
        return
    texts = " ".join(text.value for text in subject.texts if text.path[0] == "spec")
    for name in properties(subject.manifest.inputs):
        if f"{{{name}}}" not in texts and f"inputs.{name}" not in texts:
            path = ("inputs", "schema", "properties", name)
            message = f"The input “{name}” is asked for, and no text uses {{{name}}}."
            yield subject.found("coherence.idle", Severity.INFO, path, message, "Use it, or do not ask for it.")
    busy = {task.agent for task in spec.tasks} | {spec.manager}
    for number, agent in enumerate(spec.agents):
        if agent.name not in busy and spec.process in {"sequential", "parallel"} and not _is_asked(spec):
            message = f"No task is given to the agent “{agent.name}”."
            yield subject.found(
                "coherence.idle", Severity.WARNING, ("spec", "agents", number), message, "Give it one, or leave it out."
            )


def _is_asked(spec: CrewSpec) -> bool:
    """Whether somebody in the crew may hand work to an agent that has no task of its own."""
    users = dict(tool_users(spec))
    return any(agent.allow_delegation for agent in spec.agents) or any("ask_agent" in tools for tools in users.values())


def _evaluation(subject: Subject) -> Iterator[Finding]:
    if agents_of(subject.manifest.spec) and subject.manifest.evaluation is None:
        message = "No case shows what it does."
        fix = "Write at least one under evaluation.cases: inputs, and what must be true of the answer."
        yield subject.found("coherence.evaluation", Severity.INFO, ("evaluation",), message, fix)


CHECK = Check("coherence", CODES, look)
