"""What a person may do with agents, tasks and crews, and how they run them."""

from agents.services.bringing import bring_agent, copy_agent, copy_crew, replace_agent, replace_crew
from agents.services.crews import Brought, create_crew, delete_crew, export_crew, import_crew, update_crew
from agents.services.origins import Origin
from agents.services.runs import answered_by, check_schedule, start_agent_run, start_crew_run
from agents.services.shelf import class_called, take_agent
from agents.services.tasks import create_task, delete_task, update_task
from agents.services.unattended import why_attended
from agents.services.versions import differences, get_version, number_of, restore_crew
from agents.services.workers import create_agent, delete_agent, update_agent

__all__ = [
    "Brought",
    "Origin",
    "answered_by",
    "bring_agent",
    "check_schedule",
    "class_called",
    "copy_agent",
    "copy_crew",
    "create_agent",
    "create_crew",
    "create_task",
    "delete_agent",
    "delete_crew",
    "delete_task",
    "differences",
    "export_crew",
    "get_version",
    "import_crew",
    "number_of",
    "replace_agent",
    "replace_crew",
    "restore_crew",
    "start_agent_run",
    "start_crew_run",
    "take_agent",
    "update_agent",
    "update_crew",
    "update_task",
    "why_attended",
]
