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
_OF_CREWS = {"budget": Category.BUDGET, "permission": Category.PERMISSION, "tool": Category.TOOL}


def of_model(code: str) -> Category:
    """The category of a code of LLMError; what is not said otherwise is the provider's."""
    return _OF_MODELS.get(code, Category.PROVIDER)


def register_families() -> None:
    register(LLMError, lambda error: Classified(of_model(error.code), error.code, error.detail))
    register(CrewFailed, lambda error: Classified(_OF_CREWS.get(error.code, Category.DATA), error.code, error.detail))
    register(StoppedByHost, lambda error: Classified(Category.INTERNAL, error.reason, "Its run was stopped."))
    register(ToolFailed, lambda error: Classified(Category.TOOL, "tool_failed", str(error)))
    register(SpecInvalid, lambda error: Classified(Category.VALIDATION, "definition", str(error)))
    register(CrewFilesInvalid, lambda error: Classified(Category.VALIDATION, "crew_files", str(error)))
    register(ParseError, lambda error: Classified(Category.DATA, error.code, str(error)))
