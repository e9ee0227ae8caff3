"""What runs ask people: all that is open, and answering one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from projects.asking import access, queries, services
from projects.cards import pretty
from projects.forms import FIELD, WORDS, AnswerForm
from projects.models import Question
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage

MOST = 100


class QuestionsPage(WorkspacePage):
    """Open questions, those for the reader first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = list(queries.questions(status=Question.Status.OPEN).order_by("created_at", "id")[:MOST])
        mine = [question for question in found if question.assignee_id == self.member.user_id]
        others = [question for question in found if question.assignee_id != self.member.user_id]
        return self.render("projects/questions.html", groups=(("For you", mine), ("For others", others)))


class QuestionPage(WorkspacePage):
    def get(self, request: HttpRequest, question_id: UUID) -> HttpResponse:
        question = access.get_question(self.member, question_id)
        return self._answer(question, AnswerForm(question))

    def post(self, request: HttpRequest, question_id: UUID) -> HttpResponse:
        question = access.get_question(self.member, question_id)
        form = AnswerForm(question, request.POST)
        if form.is_valid():
            try:
                services.answer_question(question=question, answer=form.answer(), by=self.member)
            except Invalid as refusal:
                _show(form, refusal)
            else:
                return redirect("projects:run", question.run_id)
        return self._answer(question, form, status=422)

    def _answer(self, question: Question, form: AnswerForm, *, status: int = 200) -> HttpResponse:
        may_answer = self.member.may(Role.OPERATOR) or question.assignee_id == self.member.user_id
        return self.render(
            "projects/question.html",
            status=status,
            question=question,
            run=question.run,
            form=form,
            arguments=_arguments(question),
            answered=WORDS[question.kind].get((question.answer or {}).get("action", ""), ""),
            may_answer=may_answer,
        )


def _arguments(question: Question) -> list[tuple[str, str, bool]]:
    """What a tool would be called with: name, text (what is no text as JSON), whether it has lines."""
    arguments = question.details.get("arguments") or {}
    shown = [(name, value if isinstance(value, str) else pretty(value)) for name, value in arguments.items()]
    return [(name, text, "\n" in text) for name, text in shown]


def _show(form: AnswerForm, refusal: Invalid) -> None:
    """Put each refusal at the field that it is about."""
    action = form.cleaned_data.get("action")
    for error in refusal.errors:
        name = error.field.removeprefix("data.")
        if f"{FIELD}{name}" in form.fields:
            form.add_error(f"{FIELD}{name}", error.detail)
        elif action == "edit":
            form.add_error("version", error.detail)
        else:
            form.add_error("action" if error.field == "action" else "words", error.detail)
