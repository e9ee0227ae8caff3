from django.urls import path

from marketplace.reviews import views

app_name = "reviews"
HERE = "market/<slug:publisher>/<slug:slug>/reviews/"
ONE = f"{HERE}<uuid:review_id>/"
urlpatterns = [
    path(HERE, views.Reviews.as_view(), name="list"),
    path(f"{HERE}write/", views.Write.as_view(), name="write"),
    path(f"{ONE}vote/", views.Vote.as_view(), name="vote"),
    path(f"{ONE}reply/", views.Reply.as_view(), name="reply"),
    path(f"{ONE}remove/", views.Remove.as_view(), name="remove"),
    path(f"{ONE}report/", views.Report.as_view(), name="report"),
]
