from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "marketplace.moderation"
    label = "moderation"
    verbose_name = "Moderation"

    def ready(self) -> None:
        from marketplace.models import ListingVersion
        from marketplace.moderation import following, services

        following.follow(ListingVersion.ReviewState.WITHDRAWN, services.close_of_version)
