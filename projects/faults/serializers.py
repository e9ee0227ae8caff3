"""What is shown of an error."""

from __future__ import annotations

from rest_framework import serializers

from projects.faults.models import Fault


class FaultOut(serializers.ModelSerializer[Fault]):
    run = serializers.UUIDField(source="run_id", allow_null=True)

    class Meta:
        model = Fault
        fields = (
            "id", "category", "code", "detail", "recovered", "how", "run", "agent", "task", "request_id", "created_at",
        )  # fmt: skip
