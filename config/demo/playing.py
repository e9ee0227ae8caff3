"""The scenario's job: one play of Schelling's town, beside what was published about it."""

from __future__ import annotations

import time
from typing import Any

from config.demo.client import Client, DidNotSucceed
from config.demo.installing import install

SCENARIO = "guildhall/schelling-segregation"
_SECONDS = 300
_SEED = 1971  # the year of the paper; most towns settle in 20 steps, but one of sixty never does


def play(client: Client, workspace: str) -> dict[str, Any]:
    """Install the scenario and play it to its end in a worker. Returns the simulation as the API shows it."""
    scenario = install(client, workspace, SCENARIO)["scenario"]
    simulation = client.post(workspace, "simulations/", {"scenario": scenario, "seed": _SEED})
    print(f"Playing {simulation['title']}: at most {simulation['steps']} steps …", flush=True)
    end = time.monotonic() + _SECONDS
    while simulation["status"] not in {"completed", "failed", "stopped"}:
        if time.monotonic() > end:
            raise DidNotSucceed(f"The simulation was not over after {_SECONDS} seconds.")
        time.sleep(0.3)
        simulation = client.get(workspace, f"simulations/{simulation['id']}/")
    if simulation["status"] != "completed":
        raise DidNotSucceed(
            f"The simulation ended as {simulation['status']}: {simulation['stop_detail'] or simulation['stop_reason']}"
        )
    _print_metrics(simulation)
    return dict(simulation)


def _print_metrics(simulation: dict[str, Any]) -> None:
    print(f"It ended after {simulation['step']} steps:")
    published = {row["metric"]: row for row in simulation["published"]}
    for name, value in simulation["metrics"].items():
        print(f"  {name:<12} {value:<10.4g} {_beside(published.get(name))}".rstrip())


def _beside(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    verdict = "within" if row["holds"] else "OUTSIDE"
    return f"{verdict} the published {row['low']:g} to {row['high']:g} ({row['source']})"
