"""Where the processes of this host keep their figures. The settings import this before anything that counts."""

from __future__ import annotations

import os
import socket
from pathlib import Path

NAME = "metrics"
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def establish(data: Path) -> Path:
    """A directory for this host in the data directory: containers that share it do not share process numbers.

    The client library reads the variable when it is first imported, and each process then writes a file of its own.
    """
    place = Path(os.environ.get(VARIABLE) or data / NAME / socket.gethostname())
    place.mkdir(parents=True, exist_ok=True)
    os.environ[VARIABLE] = str(place)
    return place
