from django.urls import path

from projects.webhooks import pages

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", pages.WebhooksPage.as_view(), name="list"),
    path("webhooks/<uuid:webhook_id>/", pages.WebhookPage.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/rotate/", pages.RotateSecretPage.as_view(), name="rotate"),
    path("webhooks/<uuid:webhook_id>/test/", pages.SendTestPage.as_view(), name="test"),
    path("webhooks/<uuid:webhook_id>/switch/", pages.SwitchPage.as_view(), name="switch"),
    path("webhooks/<uuid:webhook_id>/delete/", pages.DeleteWebhookPage.as_view(), name="delete"),
    path("webhook-deliveries/<uuid:delivery_id>/", pages.DeliveryPage.as_view(), name="delivery"),
]
