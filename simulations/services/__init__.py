"""What may be done with scenarios and simulations."""

from simulations.services.beginning import create_simulation
from simulations.services.offspring import Branch, branch_simulation, replay_simulation
from simulations.services.plays import (
    delete_simulation,
    go_on,
    pause_simulation,
    resume_simulation,
    set_pace,
    step_simulation,
    stop_simulation,
)
from simulations.services.scenarios import (
    NewScenario,
    add_scenario,
    change_scenario,
    remove_scenario,
    rewrite_scenario,
    write_scenario,
)
from simulations.services.settling import MOST_PACE, MOST_SEED, MOST_STEPS, Settings

__all__ = [
    "MOST_PACE",
    "MOST_SEED",
    "MOST_STEPS",
    "Branch",
    "NewScenario",
    "Settings",
    "add_scenario",
    "branch_simulation",
    "change_scenario",
    "create_simulation",
    "delete_simulation",
    "go_on",
    "pause_simulation",
    "remove_scenario",
    "replay_simulation",
    "resume_simulation",
    "rewrite_scenario",
    "set_pace",
    "step_simulation",
    "stop_simulation",
    "write_scenario",
]
