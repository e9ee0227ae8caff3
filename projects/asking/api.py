"""Questions for programs: list them, answer them, give them to somebody else."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import get_run
from projects.asking import access, queries, services
from projects.asking.serializers import AssignIn, DecisionIn, QuestionOut
from projects.asking.words import Answer
from projects.models import Question
from projects.serializers import RunOut
from tenants.access import get_membership
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid

MINE = "me"


class QuestionsView(WorkspaceView):
    """What the runs of this workspace ask, newest first; `assignee=me` shows what waits for you."""

    @extend_schema(
        operation_id="questions_list",
        responses=QuestionOut(many=True),
        parameters=[
            OpenApiParameter("status", str, enum=Question.Status.values),
            OpenApiParameter("kind", str, enum=Question.Kind.values),
            OpenApiParameter("assignee", str, enum=[MINE]),
        ],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"status", "kind", "assignee"})
        for name, known in (("status", Question.Status.values), ("kind", Question.Kind.values), ("assignee", [MINE])):
            _check_choice(name, given.get(name), known)
        mine = self.member.user_id if "assignee" in given else None
        return self.page(
            queries.questions(status=given.get("status"), kind=given.get("kind"), assignee=mine), QuestionOut
        )


class QuestionView(WorkspaceView):
    @extend_schema(operation_id="questions_read", responses=QuestionOut)
    def get(self, request: Request, question_id: UUID) -> Response:
        return self.answer(access.get_question(self.member, question_id), QuestionOut)


class AssignQuestionView(WorkspaceView):
    """Give a question to another member; they may answer it, also as a viewer."""

    @extend_schema(operation_id="questions_assign", request=AssignIn, responses=QuestionOut)
    def post(self, request: Request, question_id: UUID) -> Response:
        question = access.get_question(self.member, question_id)
        to = get_membership(self.member, self.read(AssignIn)["member"])
        return self.answer(services.assign_question(question=question, to=to, by=self.member), QuestionOut)


class RunQuestionsView(WorkspaceView):
    @extend_schema(operation_id="runs_questions", responses=QuestionOut(many=True))
    def get(self, request: Request, run_id: UUID) -> Response:
        self.filters(())
        return self.page(queries.questions_of(get_run(self.member, run_id)), QuestionOut)


class AnswerRunView(WorkspaceView):
    """Answer what a run asks. It goes on at once; of two answers the first counts."""

    @extend_schema(operation_id="runs_input", request=DecisionIn, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        run = get_run(self.member, run_id)
        given = self.read(DecisionIn)
        question = access.get_question(self.member, given["question"], run=run)
        answer = Answer(given["action"], given["text"], given["data"])
        return self.answer(services.answer_question(question=question, answer=answer, by=self.member), RunOut, 202)


def _check_choice(name: str, value: str | None, known: list[str]) -> None:
    if value is not None and value not in known:
        detail = f"One of {', '.join(known)}."
        raise Invalid(detail, errors=[FieldError(name, "choice", detail)])
