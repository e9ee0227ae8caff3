from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "marketplace.reviews"
    label = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from marketplace.moderation import targets
        from marketplace.reviews.services import hiding

        targets.keep_reviews(targets.Shelf(find=hiding.find, hide=hiding.hide, show=hiding.show))
