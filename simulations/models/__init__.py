"""The tables of this app."""

from simulations.models.decisions import Answer, Decision, PaidCall
from simulations.models.frames import Checkpoint, Frame
from simulations.models.hellos import Hello
from simulations.models.people import Bookmark, Intervention, Seat, SimulationLink
from simulations.models.plays import Simulation
from simulations.models.said import PlayMessage
from simulations.models.scenarios import Scenario
from simulations.models.turns import Turn

__all__ = [
    "Answer",
    "Bookmark",
    "Checkpoint",
    "Decision",
    "Frame",
    "Hello",
    "Intervention",
    "PaidCall",
    "PlayMessage",
    "Scenario",
    "Seat",
    "Simulation",
    "SimulationLink",
    "Turn",
]
