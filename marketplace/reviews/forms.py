"""What people fill in about a review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from marketplace.moderation.models import ReasonCode
from marketplace.reviews.models import LONGEST_BODY, LONGEST_POINT, LONGEST_REPLY, LONGEST_TITLE, Review
from marketplace.reviews.queries import Ordering
from marketplace.reviews.services import Words

SCORES = (
    (5, "5 – it does what it says, well"),
    (4, "4 – good"),
    (3, "3 – all right"),
    (2, "2 – poor"),
    (1, "1 – it does not work"),
)
ORDERINGS = {
    Ordering.HELPFUL: "Most helpful",
    Ordering.NEWEST: "Newest",
    Ordering.HIGHEST: "Highest score",
    Ordering.LOWEST: "Lowest score",
}
REASONS = ("spam", "misleading", "tenant_data", "illegal", "other")


class ReviewForm(forms.Form):
    score = forms.TypedChoiceField(label="Score", choices=SCORES, coerce=int, widget=forms.RadioSelect)
    title = forms.CharField(label="In a sentence", max_length=LONGEST_TITLE)
    pros = forms.CharField(label="What is good", max_length=LONGEST_POINT, required=False)
    cons = forms.CharField(label="What is not", max_length=LONGEST_POINT, required=False)
    body = forms.CharField(
        label="More about it",
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea,
        help_text="What you used it for, and how it went. Nothing of your workspace's own: everybody reads this.",
    )

    @classmethod
    def of(cls, review: Review) -> ReviewForm:
        return cls(initial={name: getattr(review, name) for name in cls.base_fields})

    @property
    def words(self) -> Words:
        given: dict[str, Any] = self.cleaned_data
        return Words(**given)


class ReplyForm(forms.Form):
    text = forms.CharField(label="Your answer", max_length=LONGEST_REPLY, widget=forms.Textarea)


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label="What is wrong", choices=[(code, ReasonCode(code).label) for code in REASONS])
    text = forms.CharField(label="In your words", max_length=2000, widget=forms.Textarea)


def ordering_of(query: QueryDict) -> Ordering:
    """The sort in the address; what is none is the most helpful first."""
    given = query.get("sort", "")
    return Ordering(given) if given in set(Ordering) else Ordering.HELPFUL


def score_of(query: QueryDict) -> int:
    given = query.get("score", "")
    return int(given) if given in {"1", "2", "3", "4", "5"} else 0
