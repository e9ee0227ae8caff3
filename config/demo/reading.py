"""The crew's job: a document is uploaded, a question is asked, and the answer is held against the document."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path
from typing import Any

from config.demo.client import Client, DidNotSucceed
from config.demo.installing import install

CREW = "guildhall/document-analyst"
DOCUMENTS = Path(__file__).parent / "documents"
DOCUMENT = DOCUMENTS / "harbour-battery-study.md"
QUESTION = "How large a battery does the study recommend, what does it cost and when does it pay for itself?"
_ENDED = {"succeeded", "failed", "cancelled", "timed_out", "over_budget"}
_READING_SECONDS = 900
_RUN_SECONDS = 900


def ask(client: Client, workspace: str) -> dict[str, Any]:
    """Install the crew, give it the document, run it. Returns the run as the API shows it."""
    crew = install(client, workspace, CREW)["crew"]
    _upload(client, workspace)
    run = client.post(workspace, "runs/", {"crew": crew, "inputs": {"question": QUESTION}})
    print(f"\nDocument analyst is asked: {QUESTION}")
    _watch(client, workspace, run["id"])
    run = client.get(workspace, f"runs/{run['id']}/")
    if run["status"] != "succeeded":
        raise DidNotSucceed(
            f"The run ended as {run['status']}: {run['stop_detail'] or run['stop_reason'] or 'no reason given'}"
        )
    _print_result(client, workspace, run)
    return dict(run)


def _upload(client: Client, workspace: str) -> None:
    known = [row for row in client.all(workspace, "knowledge/documents/") if row["name"] == DOCUMENT.name]
    document = known[0] if known else client.upload(workspace, "knowledge/documents/", DOCUMENT)
    document = _read(client, workspace, document)
    verb = "is here already" if known else "is uploaded and read"
    print(f"{DOCUMENT.name} {verb}: {document['size'] // 1024} kB, {document['passage_count']} passages to search in.")


def _read(client: Client, workspace: str, document: dict[str, Any]) -> dict[str, Any]:
    """Wait until the worker has read it."""
    end = time.monotonic() + _READING_SECONDS
    while document["state"] not in {"ready", "failed"}:
        if time.monotonic() > end:
            raise DidNotSucceed(f"{document['name']} was not read within {_READING_SECONDS} seconds.")
        time.sleep(0.2)
        document = client.get(workspace, f"knowledge/documents/{document['id']}/")
    if document["state"] == "failed":
        raise DidNotSucceed(f"{document['name']} could not be read: {document['error']}")
    return document


def _watch(client: Client, workspace: str, run: str) -> None:
    """Print what happens, as the WebSocket tells it."""
    for message in client.watch(workspace, f"run:{run}", seconds=_RUN_SECONDS):
        if line := _line(message["type"], message.get("data", {})):
            print(f"  {line}", flush=True)
        if message["type"] == "run.status" and message["data"]["status"] in _ENDED:
            return


def _line(kind: str, data: dict[str, Any]) -> str:
    if kind == "run.status":
        return f"run is {data['status']}"
    if kind == "agent.task" and data["status"] in {"running", "succeeded", "failed"}:
        return f"{data['agent']:<18} {data['task']:<16} {data['status']}"
    if kind == "tool.call":
        return f"{data['agent']:<18} {data['task']:<16} calls {data['tool']}"
    return ""


def _print_result(client: Client, workspace: str, run: dict[str, Any]) -> None:
    print(
        "\nIts answer"
        + (
            " (no language model is set up: the offline provider quotes what the document says)"
            if run["offline"]
            else ""
        )
    )
    print(textwrap.indent(run["output"].strip(), "  "))
    print(f"\n{_citations(client, workspace, run['output'])}")
    usage = run["usage"]
    by = " ".join(word for word in (run["provider"], run["model"]) if word)
    print(f"{len(run['agent_runs'])} steps by {by}; {usage['total_tokens']} tokens, {float(usage['cost']):.4f} USD.")


def _citations(client: Client, workspace: str, text: str) -> str:
    """Hold every quotation against the document."""
    checked = client.post(workspace, "knowledge/citations/", {"text": text})["citations"]
    wrong = [each for each in checked if each["status"] != "verified"]
    if not checked:
        raise DidNotSucceed("The answer quotes nothing.")
    if wrong:
        raise DidNotSucceed(
            f"Of {len(checked)} citations {len(wrong)} do not stand in the documents, first: “{wrong[0]['quote']}”"
        )
    return f"Citations: all {len(checked)} stand word for word in {DOCUMENT.name}."
