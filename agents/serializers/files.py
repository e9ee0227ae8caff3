"""CrewAI's two files and our third, coming in and going out."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agents.models import Crew
from agents.serializers.crews import CrewOut

LONGEST_FILE = 1_000_000


@extend_schema_field(OpenApiTypes.STR)
class FileText(serializers.Field[Any, Any, Any, Any]):
    """The text of a file, sent as text or as an uploaded file."""

    def to_internal_value(self, data: Any) -> str | bytes:
        if isinstance(data, UploadedFile):
            content: bytes = data.read(LONGEST_FILE + 1)
            return content
        if not isinstance(data, str):
            raise serializers.ValidationError("Send the text of the file.", code="not_text")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ImportIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    process = serializers.ChoiceField(Crew.Process.choices, required=False, default=Crew.Process.SEQUENTIAL)
    agents = FileText(help_text="The content of agents.yaml.")
    tasks = FileText(help_text="The content of tasks.yaml.")
    crew = FileText(
        required=False,
        help_text="The content of crew.yaml from an export: process, inputs, limits, conditions, people. It goes before `process`.",
    )


class NoticeOut(serializers.Serializer[Any]):
    """Something that was read differently from how CrewAI reads it, or left out."""

    file = serializers.CharField(source="place.file")
    line = serializers.IntegerField(source="place.line")
    column = serializers.IntegerField(source="place.column")
    detail = serializers.CharField()


class ImportOut(serializers.Serializer[Any]):
    crew = CrewOut()
    notices = NoticeOut(many=True)


class ExportOut(serializers.Serializer[Any]):
    agents = serializers.CharField(help_text="The content of agents.yaml.")
    tasks = serializers.CharField(help_text="The content of tasks.yaml.")
    crew = serializers.CharField(
        help_text="What CrewAI's files cannot say, as crew.yaml; empty where there is nothing."
    )
