"""Which test goes to which process; loaded with xdist only."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

from tests.servers.stacks import together


class Together(LoadFileScheduling):
    """As `--dist loadfile`, but files that share a live stack go to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return together(str(super()._split_scope(nodeid)))[0]
