from django.urls import path

from marketplace.installs.api import installations, moving, policies

app_name = "api-installs"
urlpatterns = [
    path("installations/", installations.InstallationsView.as_view(), name="installations"),
    path("installations/policy/", policies.PolicyView.as_view(), name="policy"),
    path("installations/approvals/", policies.ApprovalsView.as_view(), name="approvals"),
    path("installations/approvals/<uuid:approval_id>/", policies.ApprovalView.as_view(), name="approval"),
    path("installations/approvals/<uuid:approval_id>/approve/", policies.ApproveView.as_view(), name="approve"),
    path("installations/approvals/<uuid:approval_id>/refuse/", policies.RefuseView.as_view(), name="refuse"),
    path("installations/approvals/<uuid:approval_id>/withdraw/", policies.WithdrawView.as_view(), name="withdraw"),
    path("installations/<uuid:installation_id>/", installations.InstallationView.as_view(), name="installation"),
    path("installations/<uuid:installation_id>/difference/", installations.DifferenceView.as_view(), name="difference"),
    path("installations/<uuid:installation_id>/verify/", installations.VerifyView.as_view(), name="verify"),
    path("installations/<uuid:installation_id>/update/", moving.UpdateView.as_view(), name="update"),
    path("installations/<uuid:installation_id>/rollback/", moving.RollBackView.as_view(), name="rollback"),
    path("installations/<uuid:installation_id>/remove/", moving.RemoveView.as_view(), name="remove"),
    path("installations/<uuid:installation_id>/restore/", moving.RestoreView.as_view(), name="restore"),
]
