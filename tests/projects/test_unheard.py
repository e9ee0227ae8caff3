"""Live messages are sent to those who listen, and to nobody else."""

from __future__ import annotations

import redis
from django.conf import settings

from projects.realtime.publishing import channel_of, group_name, publish_all
from tests.servers.storage import Storage

TOPICS = [("run:heard", {"type": "run.status", "seq": 1}), ("run:unheard", {"type": "run.status", "seq": 1})]


def test_what_nobody_listens_to_is_not_sent(storage: Storage) -> None:
    with redis.Redis.from_url(settings.LIVE_REDIS_URL) as client, client.pubsub() as listening:
        listening.subscribe(channel_of(group_name("run:heard", "t_acme")))
        assert listening.get_message(timeout=120)["type"] == "subscribe"
        client.config_resetstat()
        publish_all(TOPICS, schema="t_acme")
        assert b"run.status" in listening.get_message(timeout=120)["data"]
        assert client.info("commandstats")["cmdstat_publish"]["calls"] == 1
        publish_all(TOPICS[1:] * 50, schema="t_acme")
        assert client.info("commandstats")["cmdstat_publish"]["calls"] == 1
