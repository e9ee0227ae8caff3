"""How this app's own families of errors are read: which category each belongs to."""

from __future__ import annotations

from agents.crewfiles.problems import CrewFilesInvalid
from agents.knowledge.parsing.errors import ParseError
from agents.llm.types import LLMError
from agents.runtimes.outcome import CrewFailed, ToolFailed
from agents.runtimes.outcome import RunStopped as StoppedByHost
from agents.runtimes.spec import SpecInvalid
from projects.faults.classifying import Classified, register
from projects.faults.models import Category

_OF_MODELS = {
    "rate_limited": Category.RATE_LIMIT,
    "credential_refused": Category.AUTH,
    "content_policy": Category.PERMISSION,
    "request_refused": Category.VALIDATION,
    "context_length": Category.VALIDATION,
    "model_not_found": Category.VALIDATION,
}
_MEANWHILE = "a second provider under Settings, Providers, would answer meanwhile."
_ADVICE = {
    "rate_limited": f"Go on in a while; {_MEANWHILE}",
    "provider_unreachable": f"Go on once it answers again; {_MEANWHILE}",
    "provider_overloaded": f"Go on once it answers again; {_MEANWHILE}",
    "circuit_open": f"Go on once it answers again; {_MEANWHILE}",
    "credential_refused": "Check its key, and the credit of its account, under Settings, Providers.",
    "model_not_found": "Choose a model that it has, at the agent or under Settings, Providers.",
    "context_length": "Give it less to read, or choose a model that reads more.",
    "content_policy": "Ask in other words, or choose another provider.",
    "bad_reply": "Another model may do better.",
}
_OF_CREWS = {"budget": Category.BUDGET, "permission": Category.PERMISSION, "tool": Category.TOOL}


def of_model(code: str) -> Category:
    """The category of a code of LLMError; what is not said otherwise is the provider's."""
    return _OF_MODELS.get(code, Category.PROVIDER)


def advised(code: str, detail: str) -> str:
    """The sentence of an error of a model, and what the person who reads it can do."""
    advice = _ADVICE.get(code, "")
    if not advice or "Settings, Providers" in detail:
        return detail
    return f"{detail}{'' if detail.endswith(('.', '!', '?', '…')) else '.'} {advice}"


def register_families() -> None:
    register(LLMError, lambda error: Classified(of_model(error.code), error.code, error.detail))
    register(CrewFailed, lambda error: Classified(_OF_CREWS.get(error.code, Category.DATA), error.code, error.detail))
    register(StoppedByHost, lambda error: Classified(Category.INTERNAL, error.reason, "Its run was stopped."))
    register(ToolFailed, lambda error: Classified(Category.TOOL, "tool_failed", str(error)))
    register(SpecInvalid, lambda error: Classified(Category.VALIDATION, "definition", str(error)))
    register(CrewFilesInvalid, lambda error: Classified(Category.VALIDATION, "crew_files", str(error)))
    register(ParseError, lambda error: Classified(Category.DATA, error.code, str(error)))
