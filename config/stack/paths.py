"""Where a running Guildhall keeps its things. Standard library only: the settings import this module and nothing else of the stack.

The places are decided once per data directory and written to `layout.json`, so that a shell with another `TMPDIR`
or another account finds the same server. Everything else of a data directory hangs below it.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "guildhall"
POSTGRES_SECRET = "postgres.secret"  # noqa: S105  (the name of a file)
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
LONGEST_SOCKET_PATH = 103  # macOS allows 104 bytes with the closing zero, Linux 108


class CannotWrite(RuntimeError):
    """The data directory cannot be made."""


class NoRoomForSockets(RuntimeError):
    """No directory with a short enough name can be written."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one stack."""

    data: Path
    postgres: Path
    sockets: Path

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def mail(self) -> Path:
        """What would be sent lies here while no mail server is set: links that reset passwords."""
        return self.data / "mail"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / VALKEY_SOCKET

    def database_url(self, name: str = DATABASE) -> str:
        password = read_secret(self.data, POSTGRES_SECRET)
        return f"postgresql://postgres:{quote(password)}@/{name}?host={quote(str(self.sockets), safe='')}"

    def redis_url(self, db: int = 0) -> str:
        return f"unix://{quote(str(self.valkey_socket))}?db={db}"


def data_dir() -> Path:
    """`GUILDHALL_DATA`, or `.guildhall` in the checkout."""
    return Path(os.environ.get("GUILDHALL_DATA") or CHECKOUT / ".guildhall").expanduser().resolve()


def take_data_dir(argv: Sequence[str]) -> None:
    """Make `--data-dir D` of a command line count from the first import on: the settings are read before the command."""
    for index, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name == "--data-dir" and (equals or index + 1 < len(argv)):
            os.environ["GUILDHALL_DATA"] = str(Path(value if equals else argv[index + 1]).expanduser().resolve())


def current(data: Path | None = None) -> Layout:
    """The layout of a data directory as it was established, or as it would be in the plain case. Writes nothing."""
    data = data or data_dir()
    return _recorded(data) or Layout(data=data, postgres=data / "postgres", sockets=data / "run")


def establish(data: Path, *, home: Callable[[Path], Path] | None = None) -> Layout:
    """Decide where the stack of `data` lives, make the directories and write it down.

    `home` makes a place for PostgreSQL's files when its account cannot reach `data`; it is asked once.
    """
    make_private(data, mode=0o711)
    layout = _recorded(data)
    if layout is None or not layout.sockets.is_dir():
        place = layout.postgres.parent if layout else home(data) if home else data
        layout = Layout(data=data, postgres=place / "postgres", sockets=_socket_dir(place))
        _record(layout)
    for directory in (layout.logs, layout.valkey, layout.mail):
        make_private(directory)
    return layout


def make_private(directory: Path, *, mode: int = 0o700) -> None:
    """Make a directory of our own; one that exists keeps the permissions its owner chose."""
    if directory.is_dir():
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(mode)
    except OSError as refusal:
        raise CannotWrite(
            f"{directory} cannot be made ({refusal.strerror}). Set GUILDHALL_DATA to a place that can be written."
        ) from refusal


def read_secret(data: Path, name: str) -> str:
    """Empty before the first start."""
    try:
        return (data / name).read_text()
    except FileNotFoundError:
        return ""


def ensure_secret(data: Path, name: str) -> str:
    """The secret in the file `name`, made on first use; two processes that ask at once get the same one."""
    make_private(data, mode=0o711)
    target = data / name
    if not target.exists():
        with tempfile.NamedTemporaryFile("w", dir=data, prefix=f".{name}.", delete=False) as fresh:
            fresh.write(secrets.token_urlsafe(36))
        try:
            os.link(fresh.name, target)  # fails when another process was first
        except FileExistsError:
            pass
        finally:
            Path(fresh.name).unlink()
    return read_secret(data, name)


def _recorded(data: Path) -> Layout | None:
    try:
        record = json.loads((data / "layout.json").read_text())
    except FileNotFoundError:
        return None
    known = {key: Path(record[key]) for key in ("data", "postgres", "sockets")}
    if known["data"] == data:
        return Layout(**known)
    return _after_a_move(data, known)


def _after_a_move(data: Path, known: dict[str, Path]) -> Layout | None:
    """The checkout was renamed: what lay inside moved along; what lay outside is ours unless the old place still stands."""
    inside = known["postgres"].is_relative_to(known["data"])
    if not inside and known["data"].exists():
        return None
    postgres = data / known["postgres"].relative_to(known["data"]) if inside else known["postgres"]
    return Layout(data=data, postgres=postgres, sockets=data / "no-longer-there")


def _record(layout: Layout) -> None:
    record = {"data": str(layout.data), "postgres": str(layout.postgres), "sockets": str(layout.sockets)}
    draft = layout.data / "layout.json.draft"
    draft.write_text(json.dumps(record, indent=2) + "\n")
    draft.replace(layout.data / "layout.json")


def _socket_dir(base: Path) -> Path:
    if _fits(base / "run"):
        make_private(base / "run")
        return base / "run"
    for place in _short_places():
        if os.access(place, os.W_OK | os.X_OK) and _fits(place / "guildhall-xxxxxxxx"):
            return Path(tempfile.mkdtemp(prefix="guildhall-", dir=place))
    raise NoRoomForSockets(
        f"The path {base} is too long for a socket and no temporary directory can be written. Set GUILDHALL_DATA to a shorter path."
    )


def _short_places() -> Iterator[Path]:
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime)
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")  # noqa: S108  (mkdtemp makes a private directory in it)
    yield Path("/var/tmp")  # noqa: S108


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH
