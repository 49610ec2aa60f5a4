"""Events inside the process: everybody hears everything, in order, and no listener can hurt the teller."""

from __future__ import annotations

from bot.bus import InProcessBus
from services.domain.events import DraftChanged, Event
from services.domain.ids import DraftId

ONE, TWO = DraftChanged(draft_id=DraftId("1")), DraftChanged(draft_id=DraftId("2"))


def test_everybody_hears_every_event_in_order() -> None:
    bus, heard, also = InProcessBus(), list[Event](), list[Event]()
    bus.subscribe(heard.append)
    bus.subscribe(also.append)

    bus.publish(ONE, TWO)
    bus.publish()

    assert heard == also == [ONE, TWO]


def test_a_listener_that_fails_keeps_nobody_from_hearing() -> None:
    bus, heard = InProcessBus(), list[Event]()

    def broken(event: Event) -> None:
        raise ZeroDivisionError

    bus.subscribe(broken)
    bus.subscribe(heard.append)

    bus.publish(ONE, TWO)

    assert heard == [ONE, TWO]


def test_who_subscribes_while_an_event_is_told_hears_the_next_one() -> None:
    bus, heard = InProcessBus(), list[Event]()
    bus.subscribe(lambda event: bus.subscribe(heard.append) if event == ONE else None)

    bus.publish(ONE)
    bus.publish(TWO)

    assert heard == [TWO]
