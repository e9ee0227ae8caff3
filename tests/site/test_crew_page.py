"""A crew's page: what it does, who would answer, and running it."""

from __future__ import annotations

from agents import services
from agents.runtimes.spec import CrewSpec
from projects.models import Run
from tenants.access import Member
from tenants.models import User
from tests.conftest import ClientOf
from tests.site.conftest import Furnished


def url(furnished: Furnished) -> str:
    return f"/w/acme/crews/{furnished.crew.pk}/"


def test_it_says_what_it_does_and_who_answers(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    html = client_of(victor).get(url(furnished)).content.decode()
    assert "Collect facts" in html
    assert "Searches the documents" in html or "Search the documents" in html
    assert "Offline provider: quotes your documents, no language model." in html
    assert 'name="input-question"' in html
    assert 'value="the board"' in html
    assert "Running takes the role operator" in html


def test_run_starts_with_what_was_filled_in(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    answer = client_of(alice).post(url(furnished), {"input-question": "Why?", "input-audience": ""})
    run = Run.objects.order_by("-created_at", "-id")[0]
    assert answer.headers["Location"] == f"/w/acme/runs/{run.pk}/"
    assert (run.inputs, run.subject_id, run.status) == ({"question": "Why?"}, furnished.crew.pk, Run.Status.QUEUED)


def test_a_run_may_go_before_the_others(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    client = client_of(alice)
    assert '<option value="9">before the others</option>' in client.get(url(furnished)).content.decode()
    client.post(url(furnished), {"input-question": "Now?", "priority": "9"})
    client.post(url(furnished), {"input-question": "Then?", "priority": ""})
    found = {run.inputs["question"]: run.priority for run in Run.objects.all()}
    assert (found["Now?"], found["Then?"]) == (9, 5)
    refused = client.post(url(furnished), {"input-question": "When?", "priority": "12"})
    assert (refused.status_code, Run.objects.filter(inputs__question="When?").exists()) == (422, False)


def test_a_missing_input_is_named_at_its_field(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    before = Run.objects.count()
    answer = client_of(alice).post(url(furnished), {"input-question": " ", "input-audience": "all"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_input-question_error"' in html
    assert 'value="all"' in html
    assert Run.objects.count() == before


def test_too_long_an_input_is_refused_in_words(furnished: Furnished, client_of: ClientOf, alice: User) -> None:
    answer = client_of(alice).post(url(furnished), {"input-question": "x" * 1_000_000})
    assert answer.status_code == 422
    assert "at most 100000 characters" in answer.content.decode()


def test_a_crew_without_tasks_says_so(
    furnished: Furnished, client_of: ClientOf, alice: User, alice_at_acme: Member
) -> None:
    empty = services.create_crew(spec=CrewSpec(name="Empty", agents=(), tasks=()), by=alice_at_acme)
    client, address = client_of(alice), f"/w/acme/crews/{empty.pk}/"
    assert "This crew has no tasks" in client.get(address).content.decode()
    answer = client.post(address, {})
    assert answer.status_code == 422
    assert "Add at least one task." in answer.content.decode()


def test_a_viewer_starts_nothing(furnished: Furnished, client_of: ClientOf, victor: User) -> None:
    before = Run.objects.count()
    assert client_of(victor).post(url(furnished), {"input-question": "Why?"}).status_code == 403
    assert Run.objects.count() == before


def test_nobody_else_sees_it(furnished: Furnished, client_of: ClientOf, mallory: User) -> None:
    assert client_of(mallory).get(url(furnished)).status_code == 404
    assert client_of(mallory).get(url(furnished).replace("acme", "globex")).status_code == 404
