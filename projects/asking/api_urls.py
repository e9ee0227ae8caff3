from django.urls import path

from projects.asking import api

app_name = "api-questions"
urlpatterns = [
    path("questions/", api.QuestionsView.as_view(), name="questions"),
    path("questions/<uuid:question_id>/", api.QuestionView.as_view(), name="question"),
    path("questions/<uuid:question_id>/assign/", api.AssignQuestionView.as_view(), name="assign"),
    path("runs/<uuid:run_id>/questions/", api.RunQuestionsView.as_view(), name="of-run"),
    path("runs/<uuid:run_id>/input/", api.AnswerRunView.as_view(), name="input"),
]
