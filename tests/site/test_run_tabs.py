"""The tabs of a run's page, and the questions that it asks."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client, TestCase
from django.utils import timezone

from agents.tools.files import RunFiles
from projects.models import Effect, ModelCall, Question, Run
from projects.services import delete_run
from projects.timeline import timeline_of
from tenants.access import Member
from tenants.models import User
from tests.conftest import ClientOf
from tests.site.conftest import Furnished

TABS = ("timeline/", "log/", "output/", "costs/", "output.md", "output.json")


@pytest.fixture
def run(furnished: Furnished) -> Run:
    """A run that took 100 s: a model call in its second fifth, a tool that was refused in its last."""
    run = furnished.runs["succeeded"]
    began = timezone.now() - timedelta(seconds=100)
    Run.objects.filter(pk=run.pk).update(
        started_at=began, finished_at=began + timedelta(seconds=100), output_json={"a<b": 1}
    )
    call = ModelCall.objects.create(
        run=run,
        key="collect_facts/reader/m1",
        task="collect_facts",
        agent="reader",
        request_hash="",
        request={},
        reply={},
        provider="openai",
        model="<b>large</b>",
        prompt_tokens=1200,
        completion_tokens=34,
        cost=Decimal("0.0421"),
        seconds=20,
    )
    ModelCall.objects.filter(pk=call.pk).update(created_at=began + timedelta(seconds=40))
    use = Effect.objects.create(
        run=run, key="t1", task="write_brief", agent="writer", tool="http_request", arguments={}, state="refused"
    )
    Effect.objects.filter(pk=use.pk).update(
        created_at=began + timedelta(seconds=90), done_at=began + timedelta(seconds=91)
    )
    run.refresh_from_db()
    return run


def page_of(client: Client, run: Run, part: str) -> str:
    answer = client.get(f"/w/acme/runs/{run.pk}/{part}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_timeline_says_when_each_part_happened(run: Run, client_of: ClientOf, alice: User) -> None:
    bars = {bar.kind: bar for bar in timeline_of(run).bars if bar.kind != "task"}
    assert (bars["model"].begin, bars["model"].width, round(bars["model"].start)) == (200, 200, 20)
    assert (bars["tool"].begin, bars["tool"].width, bars["tool"].failed) == (900, 10, True)
    html = page_of(client_of(alice), run, "timeline/")
    assert '<rect x="200" y="0" width="200" height="12" data-kind="model" />' in html
    assert '<rect x="900" y="0" width="10" height="12" data-kind="failed" />' in html
    assert "&lt;b&gt;large&lt;/b&gt;" in html


def test_the_log_has_every_line_and_can_be_narrowed(run: Run, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    everything = page_of(client, run, "log/")
    assert "tool.call" in everything
    assert "run.status" in everything
    assert "&lt;script&gt;" in everything
    tools = page_of(client, run, "log/?kind=tool")
    assert "tool.answer" in tools
    assert "run.status" not in tools
    assert "18.4 MWh" in page_of(client, run, "log/?q=18.4+MWh")
    for nothing in ("log/?q=nowhere", "log/?after=99999", "log/?q=%00nowhere"):
        assert "No such lines" in page_of(client, run, nothing)
    assert page_of(client, run, "log/?kind=nonsense&after=x").count("<tr>") == everything.count("<tr>")


def test_the_costs_say_who_spent_them(run: Run, client_of: ClientOf, alice: User) -> None:
    html = page_of(client_of(alice), run, "costs/")
    assert "$0.04" in html
    assert "1,200 in, 34 out" in html
    assert "Collect facts" in html
    assert "Http request" in html


def test_the_output_can_be_taken_away(run: Run, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    assert ">Energy</h" in page_of(client, run, "output/")
    assert page_of(client, run, "output.md") == run.output
    answer = client.get(f"/w/acme/runs/{run.pk}/output.json")
    assert (json.loads(answer.content), answer["Content-Type"]) == ({"a<b": 1}, "application/json")
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.pk}.json"'


@pytest.mark.parametrize("part", TABS)
def test_nobody_else_sees_them(run: Run, client_of: ClientOf, mallory: User, part: str) -> None:
    assert client_of(mallory).get(f"/w/acme/runs/{run.pk}/{part}").status_code == 404
    assert Client().get(f"/w/acme/runs/{run.pk}/{part}").status_code == 302


@pytest.fixture
def question(furnished: Furnished, alice: User) -> Question:
    run = furnished.runs["running"]
    Run.objects.filter(pk=run.pk).update(status="waiting")
    return Question.objects.create(
        run=run,
        key="write_brief/review",
        kind="review",
        task="write_brief",
        agent="writer",
        text="Is <this> right?",
        draft="It stores **18 MWh**.",
        assignee_id=alice.pk,
        assignee="Alice Archer",
    )


def answer(client: Client, question: Question, **filled: str) -> object:
    return client.post(f"/w/acme/questions/{question.pk}/", filled)


def test_a_question_stands_on_the_runs_page_and_in_the_list(
    question: Question, client_of: ClientOf, alice: User
) -> None:
    client, link = client_of(alice), f"/w/acme/questions/{question.pk}/"
    assert link in page_of(client, question.run, "")
    listed = client.get("/w/acme/questions/").content.decode()
    assert listed.index("For you") < listed.index(link)
    assert "Is &lt;this&gt; right?" in listed
    assert "<strong>18 MWh</strong>" in client.get(link).content.decode()


@pytest.mark.parametrize(
    ("filled", "kept", "said"),
    [
        ({"action": "approve"}, {"action": "approve", "text": "", "data": None}, "Approve it as it is"),
        (
            {"action": "edit", "version": "It stores 18.4 MWh."},
            {"action": "edit", "text": "It stores 18.4 MWh.", "data": None},
            "Use my version",
        ),
        (
            {"action": "feedback", "words": "Say where."},
            {"action": "feedback", "text": "Say where.", "data": None},
            "Send it back; the agent does it again",
        ),
    ],
)
def test_an_answer_sets_the_run_going(
    question: Question, client_of: ClientOf, alice: User, filled: dict[str, str], kept: dict[str, object], said: str
) -> None:
    assert answer(client_of(alice), question, **filled).status_code == 302  # type: ignore[attr-defined]
    question.refresh_from_db()
    assert (question.status, question.answer, question.run.status) == ("answered", kept, "queued")
    page = client_of(alice).get(f"/w/acme/questions/{question.pk}/").content.decode()
    assert "Alice Archer answered" in page
    assert f"<strong>{said}</strong>" in page
    assert str(kept["text"]) in page


@pytest.mark.parametrize("filled", [{"action": "feedback"}, {"action": "edit"}, {"action": "value"}, {}])
def test_an_answer_that_lacks_something_is_kept_on_the_page(
    question: Question, client_of: ClientOf, alice: User, filled: dict[str, str]
) -> None:
    refused = answer(client_of(alice), question, **filled)
    assert refused.status_code == 422  # type: ignore[attr-defined]
    question.refresh_from_db()
    assert (question.status, question.run.status) == ("open", "waiting")


def test_leave_to_send_after_outside_content_shows_what_goes_out_and_presumes_nothing(
    question: Question, client_of: ClientOf, alice: User
) -> None:
    arguments = {"url": "https://erp.example/orders", "headers": {"X-From": "acme"}, "body": "one line\n  and another"}
    details = {"tool": "http_request", "outside": "fetch_web_page", "arguments": arguments}
    Question.objects.update(kind="approval", details=details, draft="")
    page = client_of(alice).get(f"/w/acme/questions/{question.pk}/").content.decode()
    assert ">{\n  &quot;X-From&quot;: &quot;acme&quot;\n}</pre>" in page
    assert ">one line\n  and another</pre>" in page
    assert "fetch_web_page; <a href=" in page
    assert "checked" not in page
    refused = answer(client_of(alice), question)
    assert "Choose one of these." in refused.content.decode()  # type: ignore[attr-defined]


def test_a_viewer_answers_only_what_was_given_to_them(question: Question, client_of: ClientOf, victor: User) -> None:
    client = client_of(victor)
    assert 'name="action"' not in client.get(f"/w/acme/questions/{question.pk}/").content.decode()
    assert answer(client, question, action="approve").status_code == 403  # type: ignore[attr-defined]
    Question.objects.update(assignee_id=victor.pk)
    assert answer(client, question, action="approve").status_code == 302  # type: ignore[attr-defined]


def test_nobody_else_answers(question: Question, client_of: ClientOf, mallory: User) -> None:
    assert answer(client_of(mallory), question, action="approve").status_code == 404  # type: ignore[attr-defined]
    question.refresh_from_db()
    assert question.status == "open"


def test_its_family_and_the_ways_to_go_off(run: Run, client_of: ClientOf, alice: User, victor: User) -> None:
    html = page_of(client_of(alice), run, "branches/")
    assert "This run" in html
    assert f"/w/acme/runs/{run.pk}/branch/write_brief/" in html
    assert f"/w/acme/runs/{run.pk}/replay/" in html
    assert "replay/" not in page_of(client_of(victor), run, "branches/")


def test_a_task_is_changed_on_a_form_and_only_that_is_sent(run: Run, client_of: ClientOf, alice: User) -> None:
    client, door = client_of(alice), f"/w/acme/runs/{run.pk}/branch/write_brief/"
    html = client.get(door).content.decode()
    assert "Answer {question}" in html
    filled = {
        "inputs.question": run.inputs["question"],
        "task.description": "Answer {question}\r\nIn one line.",
        "task.expected_output": "A page.",
        "agent.goal": "Write it down.",
    }
    answer = client.post(door, filled)
    fresh = Run.objects.latest("created_at")
    assert (answer.status_code, fresh.parent_id, fresh.branch_task) == (302, run.pk, "write_brief")
    assert fresh.edits == {"tasks": {"write_brief": {"description": "Answer {question}\r\nIn one line."}}}
    assert [step.task for step in fresh.steps.all()] == ["collect_facts"]
    refused = client.post(door, {**filled, "task.description": "Answer {nobody}"})
    assert refused.status_code == 422
    assert Run.objects.latest("created_at") == fresh
    assert client.get(f"/w/acme/runs/{run.pk}/branch/nothing/").status_code == 404


def test_a_link_is_made_read_and_taken_back(run: Run, client_of: ClientOf, alice: User, victor: User) -> None:
    client, door = client_of(alice), f"/w/acme/runs/{run.pk}/share/"
    made = client.post(door, {"days": "7"}).content.decode()
    path = made.partition("/shared/runs/")[2].partition("<")[0]
    shared = Client().get(f"/shared/runs/{path}")
    assert shared.status_code == 200
    assert "18.4 MWh" in shared.content.decode()
    assert path not in client.get(door).content.decode()
    client.post(f"{door}{run.share_links.get().pk}/revoke/")
    assert Client().get(f"/shared/runs/{path}").status_code == 404
    assert client_of(victor).post(door, {"days": "7"}).status_code == 403


@pytest.mark.parametrize("part", ["branches/", "share/", "branch/write_brief/"])
def test_a_stranger_goes_off_from_nothing(run: Run, client_of: ClientOf, mallory: User, part: str) -> None:
    assert client_of(mallory).get(f"/w/acme/runs/{run.pk}/{part}").status_code == 404
    assert client_of(mallory).post(f"/w/acme/runs/{run.pk}/replay/").status_code == 404


def test_its_files_are_listed_downloaded_and_deleted_with_it(
    run: Run, client_of: ClientOf, alice: User, mallory: User, alice_at_acme: Member
) -> None:
    files = RunFiles.of("t_acme", run.pk)
    files.write("notes.md", b"<b>12 MWh</b>")
    client = client_of(alice)
    assert f"/w/acme/runs/{run.pk}/files/notes.md" in page_of(client, run, "files/")
    answer = client.get(f"/w/acme/runs/{run.pk}/files/notes.md")
    assert (answer.content, answer["Content-Type"]) == (b"<b>12 MWh</b>", "application/octet-stream")
    assert answer["Content-Disposition"] == 'attachment; filename="notes.md"'
    for nowhere in ("files/nothing.md", "files/..%2Fnotes.md"):
        assert client.get(f"/w/acme/runs/{run.pk}/{nowhere}").status_code == 404
    assert client_of(mallory).get(f"/w/acme/runs/{run.pk}/files/notes.md").status_code == 404
    with TestCase.captureOnCommitCallbacks(execute=True):
        delete_run(run=run, by=alice_at_acme)
    assert files.list() == []
