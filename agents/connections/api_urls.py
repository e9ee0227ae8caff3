from django.urls import path

from agents.connections import api

app_name = "api-connections"
urlpatterns = [
    path("providers/", api.ProvidersView.as_view(), name="providers"),
    path("providers/order/", api.OrderView.as_view(), name="order"),
    path("providers/state/", api.StatesView.as_view(), name="states"),
    path("providers/forget-answers/", api.ForgetAnswersView.as_view(), name="forget-answers"),
    path("providers/<uuid:connection_id>/", api.ProviderView.as_view(), name="provider"),
    path("providers/<uuid:connection_id>/test/", api.TestProviderView.as_view(), name="test-provider"),
]
