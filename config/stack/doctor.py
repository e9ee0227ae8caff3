"""What `manage.py doctor` looks at. Every check answers with one sentence, and a bad one says what to do."""

from __future__ import annotations

import http.client
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from packaging.requirements import Requirement

from config.stack import accounts, paths, postgres, valkey
from config.stack.lock import AlreadyRunning, DataLock
from config.stack.ports import listen

_LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    text: str
    is_bad: bool = False

    @property
    def mark(self) -> str:
        return "✗" if self.is_bad else "✓"


def python(_data: Path) -> Finding:
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", f"{version} on {platform.system()} {platform.machine()}")
    return Finding(
        "Python", f"{version} is not supported; make the environment with Python 3.11, 3.12 or 3.13.", is_bad=True
    )


def packages(_data: Path) -> Finding:
    """Whether what pyproject.toml asks for is installed, in a version it allows."""
    project = tomllib.loads((paths.CHECKOUT / "pyproject.toml").read_text())["project"]
    wrong = [text for text in project["dependencies"] if not _is_met(Requirement(text))]
    if wrong:
        return Finding(
            "Packages", f"missing or in another version: {', '.join(wrong)}. Run `make up` again.", is_bad=True
        )
    return Finding("Packages", f"all {len(project['dependencies'])} that the project asks for are here")


def _is_met(requirement: Requirement) -> bool:
    try:
        return importlib.metadata.version(requirement.name) in requirement.specifier
    except importlib.metadata.PackageNotFoundError:
        return False


def data_directory(data: Path) -> Finding:
    place = next(folder for folder in (data, *data.parents) if folder.exists())
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return Finding(
            "Data directory", f"{place} cannot be written; set GUILDHALL_DATA to a place that can.", is_bad=True
        )
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE_BYTES:
        return Finding(
            "Data directory",
            f"{data} has only {free // 1024**2} MB left; make room, or set GUILDHALL_DATA.",
            is_bad=True,
        )
    return Finding("Data directory", f"{data}, {free // 1024**3} GB free")


def running(data: Path) -> Finding:
    if not (data / "lock").exists():
        return Finding("Running", "not yet started here")
    try:
        DataLock(data).release()
    except AlreadyRunning as owner:
        return Finding("Running", f"yes, process {owner.pid} {owner.url}".rstrip())
    except PermissionError:
        return Finding(
            "Running", f"{data} belongs to another account; use that one, or set GUILDHALL_DATA.", is_bad=True
        )
    return Finding("Running", "no; `make up` starts it")


def database(data: Path) -> Finding:
    if url := os.environ.get("DATABASE_URL"):
        return _named_database(url)
    try:
        server = postgres.installed() / "bin" / "postgres"
    except postgres.CannotStart as refusal:
        return Finding("PostgreSQL", str(refusal), is_bad=True)
    account = accounts.unprivileged()
    where = paths.current(data).postgres
    return Finding(
        "PostgreSQL", f"embedded, {server}" + (f", as account {account.uid} in {where}" if account else f", in {where}")
    )


def _named_database(url: str) -> Finding:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            vector = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone()
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as refusal:
        return Finding("PostgreSQL", f"DATABASE_URL does not answer: {str(refusal).strip()}", is_bad=True)
    if not vector:
        return Finding(
            "PostgreSQL",
            f"version {version} of DATABASE_URL, without pgvector: documents are searched by words alone.",
        )
    return Finding("PostgreSQL", f"version {version} of DATABASE_URL, with pgvector")


def hints(_data: Path) -> Finding:
    if os.environ.get("REDIS_URL"):
        return Finding("Valkey", "the server of REDIS_URL")
    try:
        return Finding("Valkey", f"embedded, {valkey.binary()}")
    except valkey.NoValkey as refusal:
        return Finding("Valkey", str(refusal), is_bad=True)


def port(_data: Path) -> Finding:
    with listen(8000) as door:
        free = door.getsockname()[1]
    return Finding("Port", "8000 is free" if free == 8000 else f"8000 is taken; {free} would be used")


def model(_data: Path) -> Finding:
    if os.environ.get("OPENAI_API_KEY"):
        return Finding("Model", "OPENAI_API_KEY is set")
    url = os.environ.get("OLLAMA_URL", "http://localhost:11434")
    if _answers(url):
        return Finding("Model", f"Ollama answers at {url}")
    return Finding(
        "Model",
        f"none: Ollama does not answer at {url} and there is no OPENAI_API_KEY. Crews will quote documents, offline.",
    )


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "localhost", parts.port, timeout=2)
    try:
        connection.request("GET", "/api/version")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


CHECKS: Sequence[Callable[[Path], Finding]] = (python, packages, data_directory, database, hints, running, port, model)
