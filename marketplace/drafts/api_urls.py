from django.urls import path

from marketplace.drafts import api

app_name = "api-drafts"
LISTING = "listings/<uuid:listing_id>/"
urlpatterns = [
    path("submissions/", api.SubmissionsView.as_view(), name="submissions"),
    path("submissions/<uuid:version_id>/", api.SubmissionView.as_view(), name="submission"),
    path("submissions/<uuid:version_id>/withdraw/", api.WithdrawView.as_view(), name="withdraw"),
    path("submissions/<uuid:version_id>/answer/", api.AnswerView.as_view(), name="answer"),
    path("listings/", api.OwnListingsView.as_view(), name="listings"),
    path(LISTING, api.OwnListingView.as_view(), name="listing"),
    path(f"{LISTING}visibility/", api.VisibilityView.as_view(), name="visibility"),
    path(f"{LISTING}retire/", api.RetireView.as_view(), name="retire"),
    path(f"{LISTING}deprecate/", api.DeprecateView.as_view(), name="deprecate"),
    path(f"{LISTING}yank/", api.YankView.as_view(), name="yank"),
    path(f"{LISTING}unyank/", api.UnyankView.as_view(), name="unyank"),
    path(f"{LISTING}shares/", api.SharesView.as_view(), name="shares"),
    path(f"{LISTING}shares/<slug:workspace>/", api.ShareView.as_view(), name="share"),
]
