from django.apps import AppConfig


class BrowsingConfig(AppConfig):
    name = "marketplace.browsing"
    label = "browsing"
    verbose_name = "Browsing the market"
