from __future__ import annotations

import asyncio

import pytest

from agents.runtimes.outcome import ToolFailed
from agents.tools.querying import QueryFailed, ask
from tests.tools.conftest import Bench, MakeBench

SALES = b"region,net sales,day\nnorth,10,2026-01-02\nsouth,2.5,2026-01-03\nnorth,,2026-01-04\n"


def csv(question: str, data: bytes = SALES) -> str:
    return asyncio.run(ask("csv", question, data))


def tree(question: str, data: bytes) -> str:
    return asyncio.run(ask("json", question, data))


def test_sums() -> None:
    asked = 'SELECT region, SUM("net sales") AS total FROM data GROUP BY region ORDER BY 2 DESC'
    assert csv(asked) == "region,total\nnorth,10.0\nsouth,2.5\n[2 rows]"
    assert (
        csv("SELECT COUNT(*) AS n, typeof(region) AS t FROM data", SALES.replace(b",", b";")) == "n,t\n3,text\n[1 row]"
    )


def test_columns_that_share_a_name_and_lines_that_are_short() -> None:
    assert (
        csv("SELECT * FROM data", "a,A,,ü\n1,2\n007,x,y,z,more\n".encode())
        == "a,A 2,column 3,ü\n1,2,,\n007,x,y,z\n[2 rows]"
    )


def test_a_number_that_is_too_long_to_reckon_with_keeps_its_digits() -> None:
    data = b"account,n\n12345678901234567890,9223372036854775807\n1,-9223372036854775807\n"
    assert csv("SELECT *, typeof(account) AS t, typeof(n) AS k FROM data", data).splitlines()[1:3] == [
        "12345678901234567890,9223372036854775807,text,integer",
        "1,-9223372036854775807,text,integer",
    ]


def test_wide_rows_are_cut_before_they_fill_the_memory() -> None:
    columns = ", ".join(f"replace(printf, 'x', 'yyyyyyyyyy') AS c{n}" for n in range(100))
    data = b"printf\n" + b"\n".join([b"x" * 200] * 50)
    answer = csv(f"SELECT {columns} FROM data", data)
    assert answer.splitlines()[-1] == "[There are more rows; these are the first 1.]"


def test_many_rows_are_cut() -> None:
    answer = csv("SELECT n FROM data", b"n\n" + b"\n".join(b"%d" % n for n in range(1_000)))
    assert answer.splitlines()[-2:] == ["199", "[There are more rows; these are the first 200.]"]


@pytest.mark.parametrize(
    "question",
    [
        "DELETE FROM data",
        "INSERT INTO data VALUES (1, 2, 3)",
        "DROP TABLE data",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH DATABASE '/etc/passwd' AS x",
        "PRAGMA writable_schema = 1",
        "PRAGMA database_list",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT randomblob(1000000000)",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%1000000000d', 1)",
        "SELECT sql FROM sqlite_master",
        "SELECT * FROM pragma_database_list",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c",
        "SELECT 1; DROP TABLE data",
        "VACUUM INTO '/tmp/stolen.db'",
        "BEGIN",
        "",
        "nonsense",
    ],
)
def test_only_reading(question: str) -> None:
    with pytest.raises(QueryFailed, match="The table data has the columns"):
        csv(question)


def test_a_question_without_end() -> None:
    question = "SELECT COUNT(*) FROM " + ", ".join(f"data d{n}" for n in range(20))
    with pytest.raises(QueryFailed, match=r"does not work|takes too long"):
        asyncio.run(ask("csv", question, SALES, cpu_seconds=1))


def test_json() -> None:
    data = b'{"items": [{"name": "bolt", "price": 3}, {"name": "nut", "price": 12}]}'
    assert tree("items[?price > `10`].name | [0]", data) == '"nut"'
    assert tree("sum(items[].price)", data) == "15"
    with pytest.raises(QueryFailed, match="The document is an object with items"):
        tree("items[", data)
    with pytest.raises(QueryFailed, match="This is not JSON"):
        tree("a", b"{")


@pytest.mark.parametrize(
    "question",
    [
        "|".join(["[@,@][]"] * 60),
        "{x: %s, y: %s} | x == y" % (("|".join(["[@,@]"] * 40),) * 2),
    ],
    ids=["flatten", "compare"],
)  # fmt: skip
def test_a_small_expression_that_blows_up(question: str) -> None:
    with pytest.raises(QueryFailed, match=r"too long|too much memory|does not work"):
        asyncio.run(ask("json", question, b'{"a": 1}', cpu_seconds=1))


def test_a_small_value_that_is_long_when_written() -> None:
    answer = tree("|".join(["[@,@]"] * 40), b"1")
    assert len(answer) < 101_000
    assert answer.endswith("[The answer is longer; this is its beginning.]")


def test_deep_json() -> None:
    with pytest.raises(QueryFailed):
        tree("a", b"[" * 100_000)


def test_the_process_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.tools.querying.sandbox import _environment

    monkeypatch.setenv("SECRET_KEY", "s3cret")
    assert set(_environment()) <= {
        "PATH",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONIOENCODING",
        "PYTHONDONTWRITEBYTECODE",
    }


def failure(bench: Bench, name: str, /, **arguments: object) -> str:
    with pytest.raises(ToolFailed) as refusal:
        bench.use(name, **arguments)
    return str(refusal.value)


def test_over_a_file_of_the_run(bench_of: MakeBench, db: None) -> None:
    bench = bench_of()
    bench.context.files.write("sales.csv", SALES)
    assert bench.use("query_csv", file="sales.csv", query="SELECT COUNT(*) AS n FROM data") == "n\n3\n[1 row]"
    assert "no file “x.csv”" in failure(bench, "query_csv", file="x.csv", query="SELECT 1")
    assert failure(bench, "query_json", query="a") == "Name either a document of the workspace or a file of this run."
    assert failure(bench, "query_json", query="a", file="a", document="b").startswith("Name either")
