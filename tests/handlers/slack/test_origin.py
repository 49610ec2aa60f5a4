"""Where something happened, read from what Slack sends about it."""

from __future__ import annotations

from typing import Any, Final

from handlers.slack.forms import Kept
from handlers.slack.origin import of_command, of_interaction, of_message
from handlers.slack.places import Place, parse_place
from handlers.slack.teams import Team

TEAM: Final = Team(id="T1", token="xoxb-1", bot_user="U0BOT", bot_id="B1")


def click(**more: Any) -> dict[str, Any]:
    container = {"type": "message", "message_ts": "17.3", "channel_id": "C1", **more.pop("container", {})}
    return {
        "user": {"id": "U1"},
        "trigger_id": "9.9",
        "response_url": "https://hooks.test/1",
        "channel": {"id": "C1"},
        "container": container,
        **more,
    }


def test_a_place_is_read_as_it_was_written() -> None:
    for place in (
        Place(team="T1", channel="C1"),
        Place(team="T1", channel="C1", ts="17.3"),
        Place(team="T1", channel="C1", ts="17.9", parent="17.3"),
    ):
        assert parse_place(str(place)) == place
    assert parse_place("T1/C1/17.9/17.3").thread == "17.3"
    assert parse_place("T1/C1/17.9").thread == "17.9"


def test_a_command_is_answered_by_its_url_even_between_two_people() -> None:
    origin = of_command(TEAM, {"user_id": "U1", "channel_id": "D9", "response_url": "https://hooks.test/1"})
    assert (origin.place, origin.thread_place, origin.private) == ("T1/D9", "", False)


def test_a_click_on_a_card_is_no_part_of_the_cards_own_thread() -> None:
    origin = of_interaction(TEAM, click(container={"thread_ts": "17.3"}))
    assert (origin.place, origin.thread_place, origin.answers_in) == ("T1/C1", "", "")


def test_a_click_in_a_thread_is_answered_there() -> None:
    origin = of_interaction(TEAM, click(container={"thread_ts": "17.1"}))
    assert (origin.thread_place, origin.answers_in) == ("T1/C1/17.1", "17.1")


def test_a_click_on_a_whisper_is_answered_over_it() -> None:
    origin = of_interaction(TEAM, click(container={"is_ephemeral": True}))
    assert origin.whispered
    assert not origin.private


def test_a_click_in_their_own_conversation_is_private() -> None:
    origin = of_interaction(TEAM, click(channel={"id": "D1"}))
    assert origin.private


def test_a_form_remembers_where_it_was_asked_for() -> None:
    kept = Kept(action="cd:1:edit:1:1:-", channel="T1/C1", thread="T1/C1/17.3").encode()
    origin = of_interaction(TEAM, {"user": {"id": "U1"}, "view": {"type": "modal", "private_metadata": kept}})
    assert (origin.place, origin.thread_place) == ("T1/C1", "T1/C1/17.3")


def test_the_home_tab_and_a_global_shortcut_have_no_channel_until_one_is_named() -> None:
    home = of_interaction(TEAM, {"user": {"id": "U1"}, "view": {"type": "home"}})
    anywhere = of_interaction(TEAM, {"user": {"id": "U1"}, "trigger_id": "9.9"})

    assert home.home
    assert [o.channel for o in (home, anywhere)] == ["", ""]
    assert home.within("D1").place == "T1/D1"
    assert home.within("D1").private
    assert home.within("D1").within("D2").channel == "D1"


def test_the_first_mention_begins_a_thread_that_a_whisper_could_not_be_seen_in() -> None:
    event = {"user": "U1", "channel": "C1", "ts": "17.3"}
    first, later = of_message(TEAM, event), of_message(TEAM, {**event, "thread_ts": "17.1"})

    assert (first.thread_place, first.answers_in) == ("T1/C1/17.3", "")
    assert (later.thread_place, later.answers_in) == ("T1/C1/17.1", "17.1")


def test_a_message_to_the_desk_is_private_and_in_no_thread() -> None:
    origin = of_message(TEAM, {"user": "U1", "channel": "D1", "channel_type": "im", "ts": "17.3"})
    assert (origin.private, origin.thread) == (True, "")
