"""What may be sent (`In`) and what is shown (`Out`)."""

from agents.serializers.agents import AgentIn, AgentOut
from agents.serializers.crews import CrewChange, CrewIn, CrewLineOut, CrewOut
from agents.serializers.files import ExportOut, ImportIn, ImportOut
from agents.serializers.runs import RunFormIn, RunIn
from agents.serializers.shelf import LibraryAgentIn, LibraryAgentOut, LibraryOut, LibraryProblemOut
from agents.serializers.tasks import TaskChange, TaskIn, TaskOut
from agents.serializers.versions import VersionLineOut, VersionOut

__all__ = [
    "AgentIn",
    "AgentOut",
    "CrewChange",
    "CrewIn",
    "CrewLineOut",
    "CrewOut",
    "ExportOut",
    "ImportIn",
    "ImportOut",
    "LibraryAgentIn",
    "LibraryAgentOut",
    "LibraryOut",
    "LibraryProblemOut",
    "RunFormIn",
    "RunIn",
    "TaskChange",
    "TaskIn",
    "TaskOut",
    "VersionLineOut",
    "VersionOut",
]
