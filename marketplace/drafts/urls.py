from django.urls import path

from marketplace.drafts.views import home, offers, status, tasks

app_name = "drafts"
DRAFT = "publish/drafts/<uuid:draft_id>/"
VERSION = "publish/versions/<uuid:version_id>/"
LISTING = "publish/listings/<uuid:listing_id>/"
OFFER = f"{LISTING}versions/<str:semver>/"
urlpatterns = [
    path("publish/", home.Published.as_view(), name="home"),
    path("publish/new/", home.NewDraft.as_view(), name="new"),
    path(DRAFT, tasks.TaskList.as_view(), name="draft"),
    path(f"{DRAFT}what/", home.ChangeSource.as_view(), name="what"),
    path(f"{DRAFT}delete/", home.DeleteDraft.as_view(), name="delete"),
    path(f"{DRAFT}try/", tasks.TryDraft.as_view(), name="try"),
    path(f"{DRAFT}<slug:part>/", tasks.TaskPage.as_view(), name="task"),
    path(VERSION, status.VersionPage.as_view(), name="version"),
    path(f"{VERSION}answer/", status.Answer.as_view(), name="answer"),
    path(f"{VERSION}withdraw/", status.Withdraw.as_view(), name="withdraw"),
    path(f"{VERSION}correct/", status.Correct.as_view(), name="correct"),
    path(LISTING, offers.ListingPage.as_view(), name="listing"),
    path(f"{LISTING}update/", home.UpdateListing.as_view(), name="update"),
    path(f"{LISTING}visibility/", offers.SetVisibility.as_view(), name="visibility"),
    path(f"{LISTING}share/", offers.Share.as_view(), name="share"),
    path(f"{LISTING}unshare/", offers.Unshare.as_view(), name="unshare"),
    path(f"{LISTING}retire/", offers.Retire.as_view(), name="retire"),
    path(f"{OFFER}deprecate/", offers.Deprecate.as_view(), name="deprecate"),
    path(f"{OFFER}yank/", offers.Yank.as_view(), name="yank"),
    path(f"{OFFER}unyank/", offers.Unyank.as_view(), name="unyank"),
]
