from django.urls import path

from marketplace.installs.views import changing, installed, installing, letting

app_name = "installs"
urlpatterns = [
    path("installed/", installed.Installed.as_view(), name="list"),
    path("installed/new/<slug:publisher>/<slug:slug>/", installing.Install.as_view(), name="new"),
    path("installed/policy/", letting.Policy.as_view(), name="policy"),
    path("installed/requests/", letting.Approvals.as_view(), name="approvals"),
    path("installed/requests/<uuid:approval_id>/", letting.Decide.as_view(), name="decide"),
    path("installed/<uuid:installation_id>/", installed.InstallationPage.as_view(), name="installation"),
    path("installed/<uuid:installation_id>/verify/", installed.Verify.as_view(), name="verify"),
    path("installed/<uuid:installation_id>/policy/", installed.SetUpdatePolicy.as_view(), name="update-policy"),
    path("installed/<uuid:installation_id>/update/", changing.Update.as_view(), name="update"),
    path("installed/<uuid:installation_id>/back/<int:number>/", changing.RollBack.as_view(), name="rollback"),
    path("installed/<uuid:installation_id>/remove/", installed.Remove.as_view(), name="remove"),
    path("installed/<uuid:installation_id>/restore/", installed.Restore.as_view(), name="restore"),
]
