"""The one address of the baseline."""

from __future__ import annotations

from django.db import models
from django.urls import path
from rest_framework import generics, pagination, serializers


class PlainRun(models.Model):
    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    subject_id = models.UUIDField()
    project_id = models.UUIDField()
    status = models.CharField(max_length=16)
    stop_reason = models.CharField(max_length=40)
    stop_detail = models.TextField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    prompt_tokens = models.IntegerField()
    completion_tokens = models.IntegerField()
    cost = models.DecimalField(max_digits=12, decimal_places=6)
    started_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "projects_run"

    def __str__(self) -> str:
        return self.title


class PlainRunOut(serializers.ModelSerializer[PlainRun]):
    class Meta:
        model = PlainRun
        fields = "__all__"


class Pages(pagination.CursorPagination):
    page_size = 24
    ordering = "-created_at"


class Runs(generics.ListAPIView[PlainRun]):
    queryset = PlainRun._base_manager.all()
    serializer_class = PlainRunOut
    pagination_class = Pages


urlpatterns = [path("runs/", Runs.as_view())]
