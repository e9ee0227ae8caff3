"""What may be sent and what is shown about reviews."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.moderation.models import ReasonCode
from marketplace.reviews.forms import REASONS
from marketplace.reviews.models import (
    HIGHEST,
    LONGEST_BODY,
    LONGEST_POINT,
    LONGEST_REPLY,
    LONGEST_TITLE,
    LOWEST,
    Review,
    ReviewEdit,
    ReviewReply,
)

SAID = ("score", "title", "body", "pros", "cons")


class ReviewIn(serializers.Serializer[Any]):
    score = serializers.IntegerField(min_value=LOWEST, max_value=HIGHEST)
    title = serializers.CharField(max_length=LONGEST_TITLE)
    body = serializers.CharField(max_length=LONGEST_BODY, required=False, allow_blank=True, default="")
    pros = serializers.CharField(max_length=LONGEST_POINT, required=False, allow_blank=True, default="")
    cons = serializers.CharField(max_length=LONGEST_POINT, required=False, allow_blank=True, default="")


class NewReviewIn(ReviewIn):
    workspace = serializers.CharField(
        max_length=40,
        required=False,
        help_text="The slug of the workspace that ran it; without it, whichever of yours ran it most.",
    )


class ReviewReplyIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST_REPLY)


class ReviewReportIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField([(code, ReasonCode(code).label) for code in REASONS])
    text = serializers.CharField(max_length=2000)


class ReviewReportedOut(serializers.Serializer[Any]):
    detail = serializers.CharField()


class ReviewReplyOut(serializers.ModelSerializer[ReviewReply]):
    class Meta:
        model = ReviewReply
        fields = ("text", "created_at", "edited_at")
        read_only_fields = fields


class ReviewEditOut(serializers.ModelSerializer[ReviewEdit]):
    """What a review said until `until`."""

    version = serializers.CharField(source="version.semver", read_only=True)
    until = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = ReviewEdit
        fields = (*SAID, "version", "until")
        read_only_fields = fields


class ReviewOut(serializers.ModelSerializer[Review]):
    """`verified_runs` is how many runs had succeeded in the author's workspace; `reply` is the publisher's."""

    version = serializers.CharField(source="version.semver", read_only=True)
    author = serializers.SerializerMethodField()
    reply = serializers.SerializerMethodField()
    edits = ReviewEditOut(many=True, read_only=True)

    class Meta:
        model = Review
        fields = (
            "id", *SAID, "version", "author", "verified_runs", "helpful", "reply", "edits", "created_at", "edited_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_author(self, review: Review) -> str:
        return review.author.name or "Somebody"

    @extend_schema_field(ReviewReplyOut(allow_null=True))
    def get_reply(self, review: Review) -> dict[str, Any] | None:
        return ReviewReplyOut(review.reply).data if hasattr(review, "reply") else None
