from django.urls import path

from marketplace.reviews import api

app_name = "api-reviews"
HERE = "marketplace/listings/<slug:publisher>/<slug:slug>/reviews/"
ONE = f"{HERE}<uuid:review_id>/"
urlpatterns = [
    path(HERE, api.ReviewsView.as_view(), name="list"),
    path(ONE, api.ReviewView.as_view(), name="one"),
    path(f"{ONE}vote/", api.VoteView.as_view(), name="vote"),
    path(f"{ONE}reply/", api.ReplyView.as_view(), name="reply"),
    path(f"{ONE}reports/", api.ReportView.as_view(), name="report"),
]
