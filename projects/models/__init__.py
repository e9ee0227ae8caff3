"""The tables of this app."""

from projects.models.questions import Question
from projects.models.records import AgentMessage, Effect, ModelCall
from projects.models.runs import AgentRun, Project, Run, RunEvent, StepOutput

__all__ = ["AgentMessage", "AgentRun", "Effect", "ModelCall", "Project", "Question", "Run", "RunEvent", "StepOutput"]
