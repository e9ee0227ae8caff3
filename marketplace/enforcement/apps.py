from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "marketplace.enforcement"
    label = "enforcement"
    verbose_name = "Enforcement"

    def ready(self) -> None:
        from marketplace.enforcement.covering import cover
        from marketplace.models import ListingVersion
        from marketplace.moderation.following import follow

        follow(ListingVersion.ReviewState.PUBLISHED, cover)
