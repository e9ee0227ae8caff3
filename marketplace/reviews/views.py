"""The reviews of a listing, and what one does with them. All of it works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketplace import access as market
from marketplace.browsing.listing_page import ListingPage
from marketplace.models import Listing
from marketplace.moderation import services as moderation
from marketplace.moderation.models import ReasonCode
from marketplace.reviews import access, queries, services
from marketplace.reviews.forms import ORDERINGS, ReplyForm, ReportForm, ReviewForm, ordering_of, score_of
from marketplace.reviews.models import Review
from marketplace.reviews.rating import rating
from marketplace.reviews.services import hiding
from marketplace.reviews.services.answering import speaks_for
from tenants.errors import DomainError
from tenants.forms import show_refusal
from tenants.models import User
from tenants.views import SignedInPage

ON_A_PAGE = 10


class Reviews(ListingPage):
    """The tab: how the scores lie, and what people say."""

    tab = "reviews"

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        version, score, ordering = request.GET.get("version", ""), score_of(request.GET), ordering_of(request.GET)
        found = queries.shown(self.listing, version=version.replace("\x00", ""), score=score, ordering=ordering)
        page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
        return self.show(
            rating=rating(self.listing),
            page=page,
            prefix=urlencode({"sort": ordering.value, "version": version, "score": score or ""}),
            orderings=[(each.value, label) for each, label in ORDERINGS.items()],
            versions=queries.versions_reviewed(self.listing),
            chosen={"sort": ordering.value, "version": version, "score": score},
            **self._of_reader(list(page.object_list)),
        )

    def _of_reader(self, reviews: list[Review]) -> dict[str, Any]:
        """What somebody who is signed in may do here, and why not."""
        user = self.request.user
        if not isinstance(user, User):
            return {}
        return {
            "standing": access.where_may(user, self.listing),
            "own": access.get_own(user, self.listing),
            "voted": queries.voted(user, reviews),
            "may_reply": speaks_for(self.listing.publisher, user),
            "report_form": ReportForm(),
        }


class Write(ListingPage):
    """Write a review, or change one's own. Whoever may not is told why, and what to do."""

    tab = "reviews"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(request.user, User):
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
        self.user = request.user
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def own(self) -> Review | None:
        return access.get_own(self.user, self.listing)

    def get(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        return self._form(ReviewForm.of(self.own) if self.own else ReviewForm())

    def post(self, request: HttpRequest, publisher: str, slug: str) -> HttpResponse:
        form = ReviewForm(request.POST)
        if form.is_valid():
            try:
                review = self._write(form)
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Your review is on the market.")
                return redirect(_address(self.listing, review))
        return self._form(form, status=422)

    def _write(self, form: ReviewForm) -> Review:
        if self.own is not None:
            return services.edit_review(review=self.own, words=form.words, by=self.user)
        return services.write_review(listing=self.listing, words=form.words, by=self.user)

    def _form(self, form: ReviewForm, *, status: int = 200) -> HttpResponse:
        return self.show(status=status, form=form, own=self.own, standing=access.where_may(self.user, self.listing))


class ReviewDeed(SignedInPage):
    """One button under a review: does its work and leads back to it."""

    def post(self, request: HttpRequest, publisher: str, slug: str, review_id: UUID) -> HttpResponse:
        listing = market.get_listing(publisher, slug, tenants=market.workspaces_of(self.user))
        review = access.get_review(listing, review_id, for_user=self.user)
        try:
            messages.success(request, self.act(review))
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return redirect(_address(listing, review))

    def act(self, review: Review) -> str:
        raise NotImplementedError

    def filled(self, form: type[Form]) -> dict[str, Any]:
        """What was sent, or a refusal with the first thing that is wrong."""
        given = form(self.request.POST)
        if not given.is_valid():
            raise DomainError(next(str(texts[0]) for texts in given.errors.values()))
        return given.cleaned_data


class Vote(ReviewDeed):
    def act(self, review: Review) -> str:
        back = self.request.POST.get("back") == "1"
        do: Callable[..., Review] = services.unvote if back else services.vote
        do(review=review, by=self.user)
        return "Your vote is taken back." if back else "Thank you; it counts as helpful."


class Reply(ReviewDeed):
    def act(self, review: Review) -> str:
        services.reply(review=review, text=self.filled(ReplyForm)["text"], by=self.user)
        return "Your answer stands below the review."


class Remove(ReviewDeed):
    def act(self, review: Review) -> str:
        services.remove_review(review=review, by=self.user)
        return "Your review is gone."


class Report(ReviewDeed):
    def act(self, review: Review) -> str:
        given = self.filled(ReportForm)
        about, reason = hiding.find(review.pk), ReasonCode(given["reason"])
        moderation.report(about, reason=reason, text=given["text"], by=self.user)
        return "A moderator reads it. You will be told what came of it."


def _address(listing: Listing, review: Review) -> str:
    return f"{reverse('reviews:list', args=[listing.publisher.namespace, listing.slug])}#r-{review.pk}"
