"""What may be sent (`In`) and what is shown (`Out`) about providers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.connections.models import Connection, Credential
from agents.connections.queries import ProviderState, Spent
from agents.connections.testing import Finding
from tenants.access import Role

KEY_HELP = "The provider's API key. It is kept sealed, never shown again, and sent to this address only."
PRICES_HELP = 'USD per million tokens by model, as in {"my-model": {"prompt": 0.5, "completion": 1.5}}.'


class PriceField(serializers.Serializer[Any]):
    prompt = serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0, coerce_to_string=False)
    completion = serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0, coerce_to_string=False)


class ProviderIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    provider = serializers.ChoiceField(Connection.Provider.choices)
    base_url = serializers.CharField(
        max_length=400, required=False, allow_blank=True, help_text="Empty for the provider's own address."
    )
    model = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Asked for where an agent names none."
    )
    models = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        source="mapping",
        help_text="Asked-for model to served model.",
    )
    is_enabled = serializers.BooleanField(required=False)
    is_private = serializers.BooleanField(
        required=False, help_text="A machine in the house: no call jumps over it to a later provider that it names."
    )
    requests_per_minute = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)
    tokens_per_minute = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000_000)
    prices = serializers.DictField(child=PriceField(), required=False, help_text=PRICES_HELP)
    credential = serializers.CharField(
        max_length=400, required=False, allow_blank=True, write_only=True, help_text=KEY_HELP
    )


class CredentialOut(serializers.ModelSerializer[Credential]):
    """What is left to see of a key. Both are empty for who is no admin."""

    given_at = serializers.DateTimeField(source="updated_at")
    last_four = serializers.SerializerMethodField()
    fingerprint = serializers.SerializerMethodField()

    class Meta:
        model = Credential
        fields = ("last_four", "fingerprint", "given_at")

    def get_last_four(self, credential: Credential) -> str:
        return credential.last_four if self._is_for_admin() else ""

    def get_fingerprint(self, credential: Credential) -> str:
        return credential.fingerprint if self._is_for_admin() else ""

    def _is_for_admin(self) -> bool:
        return bool(self.context["view"].member.may(Role.ADMIN))


class ProviderOut(serializers.ModelSerializer[Connection]):
    """One provider of the chain; `position` 1 is asked first. `credential` is null where there is no key."""

    provider = serializers.ChoiceField(Connection.Provider.choices)
    models = serializers.DictField(child=serializers.CharField(), source="mapping")
    prices = serializers.DictField(child=PriceField())
    credential = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = (
            "id", "name", "provider", "base_url", "model", "models", "position", "is_enabled", "is_private",
            "requests_per_minute", "tokens_per_minute", "prices", "credential", "created_at", "updated_at",
        )  # fmt: skip

    @extend_schema_field(CredentialOut(allow_null=True))
    def get_credential(self, connection: Connection) -> dict[str, Any] | None:
        if not hasattr(connection, "credential"):
            return None
        return dict(CredentialOut(connection.credential, context=self.context).data)


class OrderIn(serializers.Serializer[Any]):
    order = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=100,
        help_text="Every provider of the workspace once, the first first.",
    )


class FindingOut(serializers.Serializer[Finding]):
    """`detail` says what to do where `ok` is false; `models` are the first fifty that the provider lists."""

    ok = serializers.BooleanField()
    detail = serializers.CharField()
    seconds = serializers.FloatField()
    models = serializers.ListField(child=serializers.CharField())


class ProviderStateOut(serializers.Serializer[ProviderState]):
    """The last 24 hours of one provider. `circuit` is open while it is left alone because it fails."""

    id = serializers.UUIDField(source="connection.pk")
    name = serializers.CharField(source="connection.name")
    is_enabled = serializers.BooleanField(source="connection.is_enabled")
    circuit = serializers.ChoiceField(["closed", "half_open", "open"])
    retry_seconds = serializers.FloatField()
    problem = serializers.CharField()
    calls = serializers.IntegerField(source="doing.calls")
    failed = serializers.IntegerField(source="doing.failed")
    failures = serializers.DictField(child=serializers.IntegerField(), source="doing.errors", help_text="By code.")
    p50_seconds = serializers.FloatField(source="doing.p50")
    p95_seconds = serializers.FloatField(source="doing.p95")
    tokens = serializers.IntegerField(source="doing.tokens")
    spend = serializers.DecimalField(max_digits=14, decimal_places=6, source="doing.spend")


class SpentOut(serializers.Serializer[Spent]):
    """What runs of the last 24 hours recorded of one model, answers from a cache left out."""

    provider = serializers.CharField()
    model = serializers.CharField()
    calls = serializers.IntegerField()
    tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=14, decimal_places=6)


class StatesOut(serializers.Serializer[Any]):
    providers = ProviderStateOut(many=True)
    spent = SpentOut(many=True)


class ForgetIn(serializers.Serializer[Any]):
    """Nothing given means every answer."""

    model = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="As provider/model."
    )
    prompt_version = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
