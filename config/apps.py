from django.apps import AppConfig
from django.contrib.admin import apps as stock


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Wiring"
    default = True


class StaffAdminConfig(stock.AdminConfig):
    """Django's admin with our own site in place of the stock one."""

    default = False
    default_site = "config.staff_site.StaffSite"
