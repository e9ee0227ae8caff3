"""`make bench`, `make bench ONLY=name,name`: every module of this folder that can measure, one after the other.

A module measures with `measure()`, which returns one figure or a list of them (see `bench.report.Entry`). Its figures are named in
`NAMES`; without that its only figure has the module's name. Measure the baseline interleaved with the value, in the same call.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time
from collections.abc import Sequence
from types import ModuleType

import bench
from bench import report
from bench.report import Entry
from config.stack import paths


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    wanted = {name for name in parser.parse_args().only.replace(" ", "").split(",") if name}
    modules = _modules()
    unknown = wanted - {name for module in modules for name in _names(module)}
    if unknown:
        known = ", ".join(sorted(name for module in modules for name in _names(module)))
        print(f"There is no measurement called {', '.join(sorted(unknown))}. Known: {known}.")
        return 2
    entries = [one for module in modules if not wanted or wanted & set(_names(module)) for one in _measure(module)]
    print()
    print(report.table(entries))
    target = paths.data_dir() / "bench.json"
    report.write(entries, target)
    print(f"\nWritten to {target}.")
    return 0


def _modules() -> Sequence[ModuleType]:
    found = [
        importlib.import_module(f"bench.{info.name}")
        for info in pkgutil.iter_modules(bench.__path__)
        if info.name != "__main__"
    ]
    return [module for module in found if hasattr(module, "measure")]


def _names(module: ModuleType) -> Sequence[str]:
    return getattr(module, "NAMES", (module.__name__.rpartition(".")[2],))


def _measure(module: ModuleType) -> list[Entry]:
    began = time.monotonic()
    print(f"{', '.join(_names(module))} …", end=" ", flush=True)
    measured = module.measure()
    print(f"{time.monotonic() - began:.0f} s")
    return [report.entry(one) for one in (measured if isinstance(measured, list) else [measured])]


if __name__ == "__main__":
    sys.exit(main())
