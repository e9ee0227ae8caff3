"""CrewAI as a guest in a server process: what it does on its own account is switched off before it loads.

Measured with crewai 1.15.30. Left alone it sends telemetry, installs signal handlers, reads `.env` files, keeps every task's text in one shared
SQLite file, unpickles a file from the working directory, takes a machine-wide lock, writes a key below HOME and cannot start where HOME is read-only.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

_lock = Lock()
SAME_CALLS = 3  # CrewAI waits for the fifth: two calls of a model and of a tool more, paid for nothing
_SWITCHES = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TESTING": "true",  # no consent prompt, no file about the first run
    "CREWAI_TRAINED_AGENTS_FILE": "/nonexistent/trained.pkl",
    "PYTHON_DOTENV_DISABLED": "1",
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
}


class VendorMismatch(RuntimeError):
    """The installed CrewAI is not the one that this code was measured with."""


def load() -> None:
    """Import CrewAI hardened; idempotent. Raises VendorMismatch when someone imported it before."""
    with _lock:
        if getattr(sys.modules.get("crewai"), "guildhall_hardened", False):
            return
        if "crewai" in sys.modules:
            raise VendorMismatch(
                "crewai was imported before agents.runtimes.harden; its side effects cannot be undone."
            )
        os.environ.update(_SWITCHES)  # read by CrewAI whenever it runs, so they stay
        with _private_home(), _own_warnings():
            _drop_shop_window()
            crewai = import_module("crewai")
            import_module("crewai.events.event_listener")  # registers the listeners that _silence removes
            _silence()
        crewai.guildhall_hardened = True  # type: ignore[attr-defined]


@contextmanager
def _private_home() -> Iterator[None]:
    """CrewAI writes a key below HOME while it is imported, and nowhere else afterwards."""
    before, scratch = os.environ.get("HOME"), Path(tempfile.mkdtemp(prefix="guildhall-"))
    os.environ.update(HOME=str(scratch), CREWAI_STORAGE_DIR=str(scratch / "storage"))
    try:
        yield
    finally:
        os.environ.pop("HOME") if before is None else os.environ.update(HOME=before)
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _own_warnings() -> Iterator[None]:
    warn = warnings.warn
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        warnings.warn = warn  # CrewAI replaces it


def _drop_shop_window() -> None:
    """8 MB of text about the applications of CrewAI's own platform, of which it keeps slugs and names. Emptied before the rest loads into the room."""
    import_module("crewai_core.platform_apps")
    import_module("crewai_core.platform_catalog").PLATFORM_CATALOG.clear()


def _silence() -> None:
    _drop_listeners()
    _drop_stores()
    _drop_locks()
    _drop_price_list()
    _notice_loops()


def _drop_listeners() -> None:
    """Without listeners an event never touches CrewAI's thread pool, on which all runs of a process would wait for each other."""
    from crewai.events.event_bus import crewai_event_bus as bus
    from crewai.events.listeners.tracing.trace_listener import TraceCollectionListener

    for event, handlers in list(bus._sync_handlers.items()):  # noqa: SLF001 - no public way to list them
        for handler in list(handlers):
            bus.off(event, handler)
    TraceCollectionListener._listeners_setup = True  # noqa: SLF001 - it would register 92 handlers on the first run


def _drop_stores() -> None:
    from crewai.agent.core import Agent
    from crewai.memory.storage.kickoff_task_outputs_storage import (
        KickoffTaskOutputsSQLiteStorage as Store,
    )
    from crewai.utilities import file_store

    Agent._use_trained_data = _unchanged  # type: ignore[assignment, method-assign]  # noqa: SLF001 - it unpickles a file
    for name in ("__init__", "add", "update", "delete_all"):
        setattr(Store, name, _nothing)
    Store.load = _no_rows  # type: ignore[assignment, method-assign]
    if file_store._file_store is None:  # noqa: SLF001 - absent without aiocache; each look-up would start an event loop
        file_store._run_sync = _closed  # type: ignore[assignment]  # noqa: SLF001


def _drop_locks() -> None:
    from crewai_core.lock_store import set_lock_backend

    set_lock_backend(_unlocked)


def _drop_price_list() -> None:
    """LiteLLM's list of all models, after CrewAI has taken the sizes of their contexts from it. The gateway has prices of its own."""
    from crewai.llms import context_window

    context_window._CATALOG.clear()  # noqa: SLF001 - nobody reads it again


def _notice_loops() -> None:
    """Its executor and ours ask the same function whether an agent turns in a circle; the number is also in the words of the failure."""
    from crewai.utilities import agent_utils

    agent_utils.MAX_REPEATED_TOOL_CALLS = SAME_CALLS


def _unchanged(_agent: Any, task_prompt: str) -> str:
    return task_prompt


def _nothing(_store: Any, *_args: Any, **_kwargs: Any) -> None:
    return None


def _no_rows(_store: Any) -> list[dict[str, Any]]:
    return []


def _closed(coroutine: Any) -> None:
    coroutine.close()


def _unlocked(_name: str, _timeout: float | None = None) -> AbstractContextManager[None]:
    return nullcontext()
