"""What may be sent (`In`) and what is shown (`Out`) of installations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.difference_shapes import ChangeOut, NamesOut, PermissionChangesOut
from marketplace.installs.blocks import standing_of
from marketplace.installs.models import Grant, Installation, Pin, UpdatePolicy
from marketplace.installs.services import Wish
from marketplace.manifest.reading import read_json

MOST = 200


class WishIn(serializers.Serializer[Any]):
    """`grants` are permission codes; `bindings` say which provider, host or server of this workspace fills a credential slot."""

    grants = serializers.ListField(child=serializers.CharField(max_length=300), max_length=MOST)
    bindings = serializers.DictField(child=serializers.UUIDField(), required=False)
    override = serializers.CharField(
        max_length=400, required=False, help_text="Why it shall come though the platform blocks it softly. Admins only."
    )


class InstallIn(WishIn):
    """`listing` is publisher/slug or an id; `version` empty means the newest."""

    listing = serializers.CharField(max_length=101)
    version = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    update_policy = serializers.ChoiceField(UpdatePolicy.choices, required=False)


class UpdateIn(WishIn):
    """`grants` name what the version may do more than the present one. `edits` says what becomes of changes made here."""

    version = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    edits = serializers.ChoiceField(["keep", "replace"], required=False)


class RollBackIn(WishIn):
    """`number` is the pin to go back to, as in the installation's `history`."""

    number = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    edits = serializers.ChoiceField(["keep", "replace"], required=False)


class InstallationChange(serializers.Serializer[Any]):
    update_policy = serializers.ChoiceField(UpdatePolicy.choices)


def wish_of(given: dict[str, Any]) -> Wish:
    return Wish(
        grants=frozenset(given["grants"]),
        bindings={slot: str(row_id) for slot, row_id in given.get("bindings", {}).items()},
        edits=given.get("edits", ""),
        override=given.get("override", ""),
        update_policy=given.get("update_policy", ""),
    )


class GrantOut(serializers.ModelSerializer[Grant]):
    class Meta:
        model = Grant
        fields = ("code", "by_name", "created_at")
        read_only_fields = fields


class PinOut(serializers.ModelSerializer[Pin]):
    version = serializers.CharField(source="semver", read_only=True)
    grants = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Pin
        fields = ("number", "how", "version", "digest", "lock_digest", "grants", "by_name", "created_at")
        read_only_fields = fields


class BlockOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["warn", "soft", "hard"])
    reason = serializers.CharField()
    since = serializers.DateTimeField()
    url = serializers.CharField()
    advice = serializers.CharField()


class InstallationOut(serializers.ModelSerializer[Installation]):
    listing = serializers.CharField(source="ref", read_only=True)
    version = serializers.CharField(source="semver", read_only=True)
    offered = serializers.CharField(source="offered_semver", read_only=True, help_text="A newer version, or empty.")
    crew = serializers.UUIDField(source="crew_id", read_only=True, allow_null=True)
    agent = serializers.UUIDField(source="agent_id", read_only=True, allow_null=True)
    tool = serializers.UUIDField(source="tool_id", read_only=True, allow_null=True)
    scenario = serializers.UUIDField(source="scenario_id", read_only=True, allow_null=True)

    class Meta:
        model = Installation
        fields = (
            "id", "listing", "listing_id", "version", "version_id", "digest", "lock_digest", "title", "kind", "state", "crew",
            "agent", "tool", "scenario", "update_policy", "offered", "by_name", "created_at", "removed_at", "undo_until",
        )  # fmt: skip
        read_only_fields = fields


class InstallationPageOut(InstallationOut):
    """One installation whole: what was granted, what it was pinned to and when, and the manifest it was copied from."""

    grants = GrantOut(many=True, read_only=True)
    history = PinOut(source="pins", many=True, read_only=True)
    block = serializers.SerializerMethodField(
        help_text="Why the platform stops it or warns of it; null where it does not."
    )

    class Meta:
        model = Installation
        fields = (
            *InstallationOut.Meta.fields, "number", "bindings", "offer_note", "override_reason", "override_by", "grants",
            "history", "block", "lock", "manifest",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(BlockOut(allow_null=True))
    def get_block(self, installation: Installation) -> dict[str, Any] | None:
        manifest = read_json(installation.manifest)
        block = standing_of(installation.version_id, installation.digest, manifest)
        return None if block is None else dict(BlockOut(block).data)


class ConsentOut(serializers.Serializer[Any]):
    """One thing to say yes to: send its code in `grants`."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    why = serializers.CharField()
    before = serializers.CharField(help_text="What was allowed so far under the code.")


class ObstacleOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")
    overridable = serializers.BooleanField()


class UpdateDifferenceOut(serializers.Serializer[Any]):
    """Permissions first, then prompts, tools, inputs, limits and words."""

    version = serializers.CharField(source="subject.semver")
    digest = serializers.CharField(source="subject.digest")
    level = serializers.ChoiceField(["major", "minor", "patch"], source="difference.level")
    widens = serializers.BooleanField(source="difference.widens")
    consents = ConsentOut(many=True)
    obstacles = ObstacleOut(many=True)
    is_edited = serializers.BooleanField(help_text="People here changed it since; say keep or replace.")
    permissions = PermissionChangesOut(source="difference.permissions")
    prompts = ChangeOut(many=True, source="difference.prompts")
    tools = NamesOut(source="difference.tools")
    inputs = ChangeOut(many=True, source="difference.inputs")
    limits = ChangeOut(many=True, source="difference.limits")
    settings = ChangeOut(many=True, source="difference.settings")
    words = ChangeOut(many=True, source="difference.words")


class DeviationOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    then = serializers.CharField()
    now = serializers.CharField()
    sentence = serializers.CharField()


class VerdictOut(serializers.Serializer[Any]):
    """`lock_digest` is computed anew; it equals the installation's where nothing of the lock differs."""

    holds = serializers.BooleanField()
    lock_digest = serializers.CharField()
    deviations = DeviationOut(many=True)
