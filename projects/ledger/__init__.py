"""The worker's side of runs. `Ledger` is the door; everything it writes is grouped with what other runs write."""

from projects.ledger.closing import close_run
from projects.ledger.entries import Alongside, Answered, Message, Spent, Step, Use
from projects.ledger.ledger import Ledger
from projects.ledger.recorded import Recorded
from projects.ledger.stops import RunStopped, Waiting
from projects.ledger.watcher import announce

__all__ = [
    "Alongside",
    "Answered",
    "Ledger",
    "Message",
    "Recorded",
    "RunStopped",
    "Spent",
    "Step",
    "Use",
    "Waiting",
    "announce",
    "close_run",
]
