from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agents.runtimes.outcome import ToolFailed
from agents.tools.files import MOST_BYTES, MOST_FILES, FileRefused, RunFiles
from tests.tools.conftest import MakeBench

WRONG_NAMES = [
    "", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", ".hidden", "a\x00b", "a\nb", "x" * 101, "ü.txt", "a\u202egnp.exe", "a..b", "CON/", "-rf ", "a\r\nSet-Cookie: x",
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    return RunFiles(tmp_path / "run")


def test_what_was_written_is_listed_and_read(files: RunFiles) -> None:
    assert files.list() == []
    files.write("b.txt", b"hello")
    files.write("a 1.csv", b"x")
    files.write("b.txt", b"hello again")
    assert [(each.name, each.size) for each in files.list()] == [("a 1.csv", 1), ("b.txt", 11)]
    assert files.read("b.txt") == b"hello again"
    assert (files.folder.stat().st_mode & 0o777, (files.folder / "b.txt").stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_names_that_cannot_be(files: RunFiles, name: str) -> None:
    files.write("a.txt", b"")
    for act in (lambda: files.write(name, b"x"), lambda: files.read(name)):
        with pytest.raises(FileRefused, match="A file is called by"):
            act()
    assert [path.name for path in files.folder.parent.rglob("*") if path.is_file()] == ["a.txt"]


def test_links_lead_nowhere(files: RunFiles, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    files.write("a.txt", b"")
    (files.folder / "link").symlink_to(secret)
    (files.folder / "loop").symlink_to(files.folder)
    os.mkfifo(files.folder / "pipe")
    assert [each.name for each in files.list()] == ["a.txt"]
    for name in ("link", "loop", "pipe"):
        with pytest.raises(FileRefused, match=r"It has: a\.txt"):
            files.read(name)
    files.write("link", b"mine")
    assert (secret.read_text(), files.read("link")) == ("secret", b"mine")


def test_a_folder_that_is_a_link_is_not_written_to(files: RunFiles, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    files.folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="Not a directory"):
        files.write("a.txt", b"x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_space_of_a_run(files: RunFiles) -> None:
    files.write("a.bin", b"x" * (MOST_BYTES - 10))
    with pytest.raises(FileRefused, match="10 MB together"):
        files.write("b.bin", b"x" * 11)
    files.write("b.bin", b"x" * 10)
    files.write("a.bin", b"x" * (MOST_BYTES - 10))
    assert [each.name for each in files.list()] == ["a.bin", "b.bin"]


def test_agents_that_write_at_once_cannot_exceed_it(files: RunFiles) -> None:
    def write(n: int) -> bool:
        try:
            files.write(f"{n}.bin", b"x" * (MOST_BYTES // 4))
        except FileRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 4


def test_the_number_of_files(files: RunFiles) -> None:
    for n in range(MOST_FILES):
        files.write(f"{n}", b"")
    with pytest.raises(FileRefused, match="at most 100 files"):
        files.write("one-more", b"")
    files.write("7", b"again")


def test_as_tools(bench_of: MakeBench, db: None) -> None:
    bench = bench_of()
    assert bench.use("list_files") == "This run has no files yet."
    assert bench.use("write_file", name="a.txt", content="Grüße") == "a.txt is written: 7 bytes."
    assert bench.told == [("file.written", {"task": "t1", "agent": "anna", "name": "a.txt", "size": 7})]
    assert bench.use("list_files") == "a.txt (7 bytes)"
    assert bench.use("read_file", name="a.txt") == "Grüße"
    bench.context.files.write("b.bin", b"\xff\xfe")
    for name, said in (("b.txt", "no file “b.txt”"), ("b.bin", "is not text"), ("../a", "is called by")):
        with pytest.raises(ToolFailed, match=said):
            bench.use("read_file", name=name)
    with pytest.raises(ToolFailed, match="half of a character"):
        bench.use("write_file", name="c.txt", content="\ud800")
