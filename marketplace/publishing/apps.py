from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "marketplace.publishing"
    label = "publishing"
    verbose_name = "Publishing"

    def ready(self) -> None:
        from marketplace.models import ListingVersion
        from marketplace.moderation import following
        from marketplace.publishing import background, execution, market
        from projects.work import queue

        states = ListingVersion.ReviewState
        following.follow(states.APPROVED, market.publish)
        following.follow(states.IN_REVIEW, market.came_back)
        queue.register_async(background.WORK, execution.carry_out, give_up=execution.give_up)
