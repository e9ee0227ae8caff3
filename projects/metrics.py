"""What this app counts for the operator. No name of a workspace is ever a label. docs/operating.md says what each means."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

ERRORS = Counter(
    "errors_total", "Errors by category, and whether they were put right without a person.", ["category", "recovered"]
)
RUNS = Counter("runs_total", "Runs that ended.", ["kind", "status"])
AGENT_EXECUTIONS = Counter(
    "agent_executions_total", "Tasks that an agent worked on, by how it ended.", ["agent_type", "status"]
)
PERMISSION_VIOLATIONS = Counter(
    "permission_violations_total", "What agents from the marketplace tried without leave.", ["kind"]
)
QUEUE_WAIT = Histogram(
    "run_queue_wait_seconds",
    "From putting a run into the queue to its first worker.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
SOCKETS = Gauge("websocket_connections", "Open sockets of signed-in members.", multiprocess_mode="livesum")
DELIVERY = Histogram(
    "websocket_delivery_seconds",
    "From sending a live message to handing it to the sockets of a web process.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
