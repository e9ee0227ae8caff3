"""What a worker's log says of model calls: nothing, unless somebody of ours does."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from tests.llm.conftest import KEY, ProviderAt, ask
from tests.servers.llm import FakeLLM, Fault


async def test_calls_leave_no_line_and_no_key(
    provider_at: ProviderAt, server: FakeLLM, soon: Callable[..., float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # of the root, as Celery sets it
    provider = provider_at(server)
    server.set_script(["fine", Fault(status=500)])
    await provider.complete(ask(), deadline=soon())
    with pytest.raises(Exception, match="500"):
        await provider.complete(ask(), deadline=soon())
    logging.getLogger("guildhall.test").info("ours is heard")
    assert [record.getMessage() for record in caplog.records] == ["ours is heard"]
    assert KEY not in repr(provider) + repr(vars(provider).keys())
