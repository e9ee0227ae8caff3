from django.urls import path

from projects.webhooks import api

app_name = "api-webhooks"
urlpatterns = [
    path("webhooks/", api.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", api.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/rotate/", api.RotateSecretView.as_view(), name="rotate"),
    path("webhooks/<uuid:webhook_id>/test/", api.TestWebhookView.as_view(), name="test"),
    path("webhooks/<uuid:webhook_id>/deliveries/", api.DeliveriesView.as_view(), name="deliveries"),
    path("webhook-deliveries/<uuid:delivery_id>/", api.DeliveryView.as_view(), name="delivery"),
    path("webhook-deliveries/<uuid:delivery_id>/replay/", api.ReplayView.as_view(), name="replay"),
    path("webhook-deliveries/<uuid:delivery_id>/try-now/", api.TryNowView.as_view(), name="try-now"),
]
