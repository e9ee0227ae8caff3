"""The bus of a play: who hears what in which order, what does not arrive, and that it can be kept."""

from __future__ import annotations

import orjson
import pytest

from agents.protocol.errors import BadMessage, NotAllowed
from agents.protocol.filters import Filter
from agents.protocol.steps.bus import Circle, StepBus
from agents.protocol.steps.names import id_of, mark_of, member_of, moment_of
from agents.protocol.steps.notes import AROUND
from agents.protocol.steps.recent import Recent, Said
from agents.protocol.terms import Terms

URGENT = Filter.of({"field": "content", "contains": "urgent"})
BUYERS = Circle("buyer", Terms(topics=("market.*",), capacity=3, overflow="drop_oldest"), 0)
SELLERS = Circle("seller", Terms(where=URGENT, capacity=2), 1)


class Town:
    """Members 0 to 3 are buyers, 4 and 5 sellers."""

    gone: tuple[int, ...] = ()

    def circle_of(self, member: int) -> int:
        return int(member > 3)

    def is_there(self, member: int) -> bool:
        return member not in self.gone

    def of(self, circle: int) -> list[int]:
        return [each for each in range(6) if self.circle_of(each) == circle and self.is_there(each)]


@pytest.fixture
def told() -> Recent:
    return Recent(20)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def bus(told: Recent, town: Town) -> StepBus:
    bus = StepBus(mark_of("town", 1), (BUYERS, SELLERS), town, told)
    bus.begin(1)
    return bus


def heard(bus: StepBus) -> dict[int, list[object]]:
    return {member: [each.content for each in bus.waiting(member)] for member in sorted(bus)}


def records(said: Said) -> list[tuple[object, str, str, bool, int]]:
    return [(each.message.content, each.state, each.note, each.is_new, each.heard) for each in said.records]


def test_each_message_goes_to_whom_it_is_for(bus: StepBus, told: Recent) -> None:
    bus.send("to one", sender=0, to=5)
    bus.publish("market.news", "prices rise", sender=1)
    bus.publish("weather", "urgent: rain", sender=1)
    bus.broadcast("hello", sender=4)
    bus.broadcast("urgent: hello", sender=4, among=("neighbors", [3, 5]))
    assert heard(bus) == {
        0: ["prices rise", "hello"],
        1: ["hello"],
        2: ["prices rise", "hello"],
        3: ["prices rise", "hello", "urgent: hello"],
        4: ["urgent: rain"],
        5: ["to one", "urgent: rain"],
    }
    said = told.take()
    kinds = [(each.message.kind, each.message.sender, each.message.recipient, each.heard) for each in said.records]
    assert kinds == [
        ("direct", "buyer 0", "seller 5", 1),
        ("topic", "buyer 1", "", 3),
        ("topic", "buyer 1", "", 2),
        ("broadcast", "seller 4", "", 4),
        ("broadcast", "seller 4", "", 1),
    ]
    assert said.records[-1].note == "Missed by seller 5 (full)"
    assert said.count == 5
    assert told.take() == Said()


def test_urgent_is_read_first_then_what_was_said_first(bus: StepBus) -> None:
    bus.send("later", sender=0, to=3, priority=1)
    bus.broadcast("one", sender=0)
    bus.send("now", sender=1, to=3, priority=9)
    assert heard(bus)[3] == ["now", "one", "later"]
    bus.read([3, 0])
    assert heard(bus) == {1: ["one"], 2: ["one"]}


def test_a_full_inbox_drops_or_refuses_and_it_is_told(bus: StepBus, told: Recent) -> None:
    for word in ("a", "b", "c"):
        bus.broadcast(word, sender=0)
    bus.send("d", sender=None, to=3)
    bus.send("unimportant", sender=None, to=3, priority=1)
    for word in ("x", "y", "z"):
        bus.send(word, sender=0, to=5)
    assert heard(bus) == {1: ["a", "b", "c"], 2: ["a", "b", "c"], 3: ["b", "c", "d"], 5: ["x", "y"]}
    assert records(told.take())[3:] == [
        ("a", "sent", "dropped: Dropped from the inbox of buyer 3 to make room.", False, 0),
        ("d", "sent", "", True, 1),
        ("unimportant", "dead", "dropped: Dropped from the inbox of buyer 3 to make room.", True, 0),
        ("x", "sent", "", True, 1),
        ("y", "sent", "", True, 1),
        ("z", "dead", "full: The inbox of seller 5 is full.", True, 0),
    ]
    assert dict(bus.dead) == {"dropped": 2, "full": 1}


def test_lives_are_counted_in_steps(bus: StepBus, told: Recent) -> None:
    bus.broadcast("brief", sender=0, ttl=1)
    bus.broadcast("longer", sender=0, ttl=2)
    bus.send("for ever", sender=0, to=1)
    bus.begin(2)
    assert heard(bus) == {1: ["brief", "longer", "for ever"], 2: ["brief", "longer"], 3: ["brief", "longer"]}
    bus.read([2])
    told.take()
    bus.begin(3)
    assert heard(bus) == {1: ["longer", "for ever"], 3: ["longer"]}
    assert records(told.take()) == [
        ("brief", "sent", "expired: Nobody at buyer 1 and another one took it in time.", False, 0)
    ]
    bus.begin(4)
    assert heard(bus) == {1: ["for ever"]}


def test_who_has_left_is_not_reached(bus: StepBus, town: Town, told: Recent) -> None:
    bus.send("still there?", sender=0, to=5)
    town.gone = (5,)
    bus.leave(5)
    receipt = bus.send("hello?", sender=0, to=5)
    assert heard(bus) == {}
    assert (receipt.delivered, receipt.dead[0].detail) == (0, "Nobody called seller 5 has an inbox here.")
    assert [note for _, _, note, _, _ in records(told.take())] == [
        "",
        "closed: seller 5 left before reading it.",
        "undeliverable: Nobody called seller 5 has an inbox here.",
    ]


def test_what_waits_can_be_kept_and_goes_on_alike(bus: StepBus, town: Town, told: Recent) -> None:
    bus.broadcast("a", sender=0, ttl=3)
    bus.send("b", sender=None, to=1, priority=9)
    bus.publish("market.news", "c", sender=2, priority=1)
    kept = orjson.loads(orjson.dumps(bus.snapshot()))
    other = StepBus(mark_of("town", 1), (BUYERS, SELLERS), town, Recent())
    other.restore(kept)
    assert [list(bus.waiting(member)) for member in range(6)] == [list(other.waiting(member)) for member in range(6)]
    told.take()
    for one in (bus, other):
        one.send("d", sender=0, to=3)
        one.begin(5)
    assert orjson.dumps(other.snapshot()) == orjson.dumps(bus.snapshot())
    assert heard(bus) == {0: ["c"], 1: ["b", "c"], 3: ["d", "c"]}
    bus.read(range(6))
    assert bus.snapshot() == {}


def test_what_is_kept_is_what_waited_then_whenever_it_is_asked_for(bus: StepBus) -> None:
    bus.send("a", sender=0, to=1, ttl=1)
    bus.broadcast("b", sender=2)
    kept, then = bus.kept(), orjson.dumps(bus.snapshot())
    bus.send("c", sender=3, to=1)
    bus.read([0])
    bus.begin(3)
    assert (orjson.dumps(kept()), then == orjson.dumps(bus.snapshot())) == (then, False)


def test_all_inboxes_together_are_bounded(told: Recent) -> None:
    class Crowd(Town):
        def circle_of(self, member: int) -> int:
            return 0

    one = AROUND + len('"hello"')
    bus, other = (StepBus(1, (Circle("one", Terms()),), Crowd(), told, most_bytes=20 * one) for _ in range(2))
    assert sum(bus.send("hello", sender=None, to=member).delivered for member in range(25)) == 20
    assert bus.dead == {"full": 5}
    assert bus.broadcast("hello", sender=None).dead[0].detail == "The inbox of one 0 and 5 others is full."
    other.restore(orjson.loads(orjson.dumps(bus.snapshot())))
    assert other.send("hello", sender=None, to=0).delivered == 0
    bus.read([7])
    assert bus.send("hello", sender=None, to=0).delivered == 1


def test_what_waits_is_weighed_whatever_becomes_of_it(bus: StepBus, town: Town) -> None:
    def weighed() -> int:
        other = StepBus(mark_of("town", 1), (BUYERS, SELLERS), town, Recent())
        other.restore(orjson.loads(orjson.dumps(bus.snapshot())))
        return other.size

    one = AROUND + len('"a"')
    bus.broadcast("a", sender=None, ttl=2)
    assert bus.size == one
    bus.broadcast("b", sender=0)
    assert bus.size == weighed() == 3 * one
    for _ in range(4):
        bus.send("c", sender=0, to=3)
        bus.send("urgent", sender=1, to=5, ttl=1)
    assert bus.size == weighed()
    bus.leave(3)
    bus.begin(3)
    assert bus.size == weighed() == one * 3
    bus.begin(4)
    assert bus.size == weighed() == one
    bus.read(range(6))
    assert bus.size == 0


def test_a_word_to_all_is_put_down_once(told: Recent) -> None:
    class Crowd(Town):
        def circle_of(self, member: int) -> int:
            return 0

        def of(self, circle: int) -> list[int]:
            return list(range(10_000))

    bus = StepBus(1, (Circle("one", Terms()),), Crowd(), told)
    for word in ("a", "b"):
        bus.broadcast(word, sender=7)
    bus.broadcast("c", sender=8)
    kept = bus.snapshot()
    assert len(kept["messages"]) == 3
    assert sorted((len(members), places) for members, places in kept["queues"]) == [
        (1, [0, 1]),
        (1, [2]),
        (9_998, [0, 1, 2]),
    ]


def test_ids_follow_from_play_step_and_number() -> None:
    mark = mark_of("play", 5)
    assert id_of(mark, 12, 3) == id_of(mark_of("play", 5), 12, 3) != id_of(mark, 12, 4)
    assert moment_of(id_of(mark, 12, 3)) == (12, 3)
    assert (id_of(mark, 12, 3).version, member_of("buyer 17"), member_of("system")) == (8, 17, None)


def test_what_is_no_message_is_refused(bus: StepBus) -> None:
    with pytest.raises(BadMessage, match="at most 65,536 bytes"):
        bus.send("x" * 70_000, sender=0, to=1)
    with pytest.raises(NotAllowed, match="Only the host speaks"):
        bus.publish("system.commands", "stop", sender=0)
    assert heard(bus) == {}


def test_more_than_is_kept_is_counted(bus: StepBus, told: Recent) -> None:
    for number in range(25):
        bus.send(number, sender=0, to=1)
    said = told.take()
    assert (said.count, [each.message.content for each in said.records if each.is_new]) == (25, list(range(20)))
