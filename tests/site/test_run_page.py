"""A run's page: its story for members, nothing for strangers, deeds for those who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from projects import events
from projects.events import Line, line
from projects.models import Run
from projects.work import leases, queue
from tenants.models import User
from tests.conftest import ClientOf
from tests.site.conftest import QUOTED, Furnished


def url(run: Run, part: str = "") -> str:
    return f"/w/acme/runs/{run.pk}/{part}"


def page_of(client: Client, run: Run, part: str = "") -> str:
    answer = client.get(url(run, part))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_story_of_a_run_that_is_over(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    html = page_of(client_of(alice), furnished.runs["succeeded"])
    passage = f"/w/acme/documents/{furnished.document.pk}/?passage=0#passage-0"
    assert "Searched the documents for “energy”" in html
    assert "Offline provider: quotes your documents, no language model" in html
    assert "1,234" in html
    assert "$0.0012" in html
    assert f'data-verdict="verified" title="quotation found in the document" href="{passage}"' in html
    assert f'data-verdict="not_found" title="quotation not found there" href="{passage}"' in html
    assert "What it wrote is the result above." in html
    assert "How much &lt;i&gt;energy&lt;/i&gt;?" in html


def test_what_came_from_elsewhere_and_why_is_said(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    run = furnished.runs["succeeded"]
    run.steps.filter(task="collect_facts").update(edited=True, taken_over=True)
    chosen = {
        "next": "write_brief",
        "agent": "",
        "reason": "The <b>facts</b> are there.",
        "round": 2,
        "fallback": False,
    }
    claimed = {"task": "write_brief", "agent": "writer", "status": "note", "text": "“calculator” was not called."}
    events.append(run.pk, [line("router.decided", **chosen), line("agent.task", **claimed)])
    events.append(run.pk, [line("agent.task", task="write_brief", agent="writer", status="skipped", reason="No.")])
    html = page_of(client_of(alice), run)
    assert "It stands as a person wrote it." in html
    assert "It was taken over from the run that this one goes off from." in html
    assert "The router chose it: The &lt;b&gt;facts&lt;/b&gt; are there." in html
    assert "“calculator” was not called." in html
    assert "It was skipped: its condition does not hold." in html


def test_streamed_text_is_text(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    html = page_of(client_of(alice), furnished.runs["running"], "story/")
    assert "The station &lt;script&gt;alert(1)&lt;/script&gt; stores" in html
    assert "Task 2 of 2, Write brief: Brief writer is at work." in html
    assert f'data-rendered-seq="{Run.objects.get(pk=furnished.runs["running"].pk).last_seq}"' in html
    assert "<html" not in html
    assert 'data-verdict="unchecked"' in html


def test_what_a_dead_worker_wrote_is_not_told_twice(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    run = furnished.runs["running"]
    events.append(
        run.pk, [Line("run.output", {"task": "write_brief", "text": "Half a"}, timezone.now() - timedelta(hours=1))]
    )
    html = page_of(client_of(alice), run)
    assert "Half a" not in html
    assert "The station" in html


def test_an_answer_that_was_sent_back_stands_apart_from_the_next(
    furnished: Furnished, client_of: ClientOf, alice: User
) -> None:
    run = furnished.runs["running"]
    at = {"task": "write_brief", "agent": "writer"}
    sent_back = line("agent.task", **at, status="guardrail_failed", attempt=1, feedback="It has 4 words, not 50.")
    events.append(run.pk, [line("model.call", **at), sent_back, line("run.output", **at, text="Second answer.")])
    void = line("run.output", **at, text="", restart=True, dropped=len("answer."))
    events.append(run.pk, [void, line("run.output", **at, text="try.")])
    events.append(run.pk, [line("model.call", **at), line("run.output", **at, text="A third.")])
    html = page_of(client_of(alice), run)
    assert "Answer 1 did not pass the check: It has 4 words, not 50." in html
    assert '<div class="stream">The station &lt;script&gt;alert(1)&lt;/script&gt; stores</div>' in html
    assert '<div class="stream" data-stream>Second try.\n\nA third.</div>' in html


@pytest.mark.parametrize(("assignee", "word"), [("Bob", "Waiting for Bob"), ("", "Waiting for a person")])
def test_a_task_that_asks_somebody_waits_for_them(
    furnished: Furnished, client_of: ClientOf, alice: User, assignee: str, word: str
) -> None:
    run = furnished.runs["running"]
    Run.objects.filter(pk=run.pk).update(status="waiting", waiting_since=timezone.now())
    run.questions.create(key="write_brief/q1", kind="input", task="write_brief", text="For whom?", assignee=assignee)
    html = page_of(client_of(alice), run, "story/")
    card = html.split('data-task="write_brief"')[1].split("</header>")[0]
    assert 'data-state="waiting"' in card
    assert word in card
    assert "Running" not in card
    assert "/questions/" in html.split("data-task")[0]


def test_only_who_may_answer_finds_the_way(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    run = furnished.runs["running"]
    Run.objects.filter(pk=run.pk).update(status="waiting", waiting_since=timezone.now())
    asked = run.questions.create(key="write_brief/q1", kind="input", task="write_brief", text="For whom?")
    assert f'id="answer-{asked.pk}"' not in page_of(client_of(victor), run)
    run.questions.update(assignee_id=victor.pk, assignee="Victor")
    assert f'id="answer-{asked.pk}"' in page_of(client_of(victor), run)


def test_a_task_rests_in_the_queue_with_its_run(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    run = furnished.runs["running"]
    Run.objects.filter(pk=run.pk).update(status="queued")
    run.agent_runs.filter(task="write_brief").update(status="interrupted", finished_at=timezone.now())
    assert 'data-task="write_brief"\n         data-state="queued"' in page_of(client_of(alice), run)


def test_a_failed_run_says_why_and_what_to_do(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    html = page_of(client_of(alice), furnished.runs["failed"])
    assert "It did not answer." in html
    assert url(furnished.runs["failed"], "resume/") in html
    assert url(furnished.runs["failed"], "retry/") in html


def test_a_viewer_reads_but_finds_no_buttons(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    for run in furnished.runs.values():
        html = page_of(client_of(victor), run)
        assert QUOTED in html or run.status == Run.Status.QUEUED
        assert not any(part in html for part in ("cancel/", "retry/", "resume/"))


@pytest.mark.parametrize("part", ["", "story/"])
def test_nobody_else_sees_it(furnished: Furnished, client_of: ClientOf, mallory: User, part: str) -> None:
    assert client_of(mallory).get(url(furnished.runs["succeeded"], part)).status_code == 404
    assert (
        Client()
        .get(url(furnished.runs["succeeded"], part))
        .headers["Location"]
        .startswith("/accounts/login/?next=/w/acme/")
    )


def test_cancel_asks_once_and_goes_back(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    run = furnished.runs["queued"]
    answer = client_of(alice).post(url(run, "cancel/"))
    assert (answer.status_code, answer.headers["Location"]) == (302, url(run))
    run.refresh_from_db()
    assert (run.status, run.stop_detail) == (Run.Status.CANCELLED, "Cancelled by Alice Archer.")
    again = client_of(alice).post(url(run, "cancel/"))
    assert again.status_code == 409
    assert "there is nothing to cancel" in again.content.decode()


@pytest.mark.parametrize("part", ["cancel/", "retry/", "resume/"])
def test_a_viewer_changes_nothing(furnished: Furnished, client_of: ClientOf, victor: User, part: str) -> None:
    run = furnished.runs["running" if part == "cancel/" else "failed"]
    before = Run.objects.count(), run.status
    answer = client_of(victor).post(url(run, part))
    assert answer.status_code == 403
    assert "takes the role operator" in answer.content.decode()
    run.refresh_from_db()
    assert (Run.objects.count(), run.status, run.cancel_requested_at) == (*before, None)


def test_run_again_makes_a_new_run(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    old = furnished.runs["failed"]
    answer = client_of(alice).post(url(old, "retry/"))
    new = Run.objects.order_by("-created_at", "-id")[0]
    assert answer.headers["Location"] == url(new)
    assert (new.inputs, new.status) == (old.inputs, Run.Status.QUEUED)
    resumed = client_of(alice).post(url(old, "resume/")).headers["Location"]
    assert "What it wrote" in client_of(alice).get(resumed).content.decode()


def test_the_list_shows_what_was_asked_for(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    shown = {
        tab: client.get(f"/w/acme/runs/?show={tab}").content.decode().count("/w/acme/runs/01")
        for tab in ("", "live", "succeeded", "x")
    }
    assert shown == {"": 5, "live": 2, "succeeded": 1, "x": 5}
    assert "No such runs" in client.get("/w/acme/runs/?page=7").content.decode()
    assert client.get("/w/acme/runs/?page=-1&show=%00").status_code == 200


def test_the_list_asks_the_database_no_more_for_more_runs(
    furnished: Furnished, client_of: ClientOf, alice: User, django_assert_max_num_queries: object
) -> None:
    client = client_of(alice)
    client.get("/w/acme/runs/")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get("/w/acme/runs/")


def test_a_queued_run_says_where_it_stands(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    running, queued = furnished.runs["running"], furnished.runs["queued"]
    now = timezone.now()
    Run.objects.filter(status__in=Run.ENDED).update(started_at=now - timedelta(seconds=75), finished_at=now)
    queue.enqueue(kind=running.kind, object_id=running.pk, queue="crews", priority=9)
    leases.claim(["crews"])
    assert "Number 1, begins in about 1 min 15 s" in page_of(client_of(alice), queued, "story/")
    assert "In the queue" not in page_of(client_of(alice), running)
