"""The tables of this app."""

from projects.models.keeping import KeptRun, Trial
from projects.models.questions import Question
from projects.models.records import AgentMessage, Effect, ModelCall
from projects.models.runs import AgentRun, Project, Run, RunEvent, StepOutput
from projects.models.sharing import Link, ShareLink
from projects.models.violations import PermissionViolation

__all__ = [
    "AgentMessage",
    "AgentRun",
    "Effect",
    "KeptRun",
    "Link",
    "ModelCall",
    "PermissionViolation",
    "Project",
    "Question",
    "Run",
    "RunEvent",
    "ShareLink",
    "StepOutput",
    "Trial",
]
