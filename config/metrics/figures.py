"""What the processes counted, and what is read from the stores when somebody asks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.metrics import places
from projects.faults.recovery import latest
from projects.work.tasks import QUEUES

log = logging.getLogger("guildhall.metrics")

_CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"""
_DEPTHS = (
    "SELECT queue, count(*) FROM public.work_workitem WHERE state = 'queued' AND queued_at <= now() GROUP BY queue"
)


class CountedFigures(Collector):
    """Of all processes of this host, and of other hosts that keep their files in the same data directory.

    What is open right now (sockets) is of this host alone: whether a process elsewhere still lives cannot be told.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def collect(self) -> Iterator[Metric]:
        files = [str(path) for path in self._place.glob("*.db")]
        if self._place.parent.name == places.NAME:
            files += [str(path) for path in self._place.parent.glob("*/*.db") if self._is_elsewhere(path)]
        yield from MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]

    def _is_elsewhere(self, path: Path) -> bool:
        return path.parent != self._place and not path.name.startswith("gauge")


class StoredFigures(Collector):
    """While the database is away there are none; what the processes counted is shown all the same."""

    def collect(self) -> Iterator[Metric]:
        try:
            yield from (self._connections(), self._queues(), self._recovery(), self._disturbed())
        except DatabaseError:
            log.warning("The database is away; its figures are missing", exc_info=True)

    def _connections(self) -> Metric:
        with connection.cursor() as cursor:
            cursor.execute(_CONNECTIONS)
            return GaugeMetricFamily(
                "database_connections_active",
                "Connections to our database, from all hosts.",
                value=cursor.fetchone()[0],
            )

    def _queues(self) -> Metric:
        family = GaugeMetricFamily("run_queue_depth", "Work that waits for a worker.", labels=["queue"])
        with connection.cursor() as cursor:
            cursor.execute(_DEPTHS)
            found = dict(cursor.fetchall())
        for queue in sorted({*QUEUES, *found}):
            family.add_metric([queue], found.get(queue, 0))
        return family

    def _recovery(self) -> Metric:
        family = GaugeMetricFamily(
            "automatic_recovery_ratio",
            "Of the runs that something disturbed, the share that succeeded.",
            labels=["window"],
        )
        for window, share in latest().windows():
            if share.rate is not None:
                family.add_metric([window], share.rate)
        return family

    def _disturbed(self) -> Metric:
        family = GaugeMetricFamily("disturbed_runs", "Ended runs that something disturbed.", labels=["window"])
        for window, share in latest().windows():
            family.add_metric([window], share.disturbed)
        return family
