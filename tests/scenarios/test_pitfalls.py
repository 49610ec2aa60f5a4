"""What is known to go wrong with chats, each with the tests that prove it does not here; some of them are below.

The list is the one of the first study of both chats' documents and libraries (2026-11).
"""

from __future__ import annotations

import ast
import asyncio
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from services.domain.actor import Role
from tests.scenarios.conftest import CHATS, a_stage
from tests.scenarios.discord_stage import DiscordPerson
from tests.scenarios.house import House, a_house
from tests.scenarios.slack_stage import SlackPerson
from tests.scenarios.stage import Stage
from tests.scenarios.test_decisions import written

ROOT: Final = Path(__file__).parents[1]
LOUD: Final = "Ships <!channel> <!here|here> @everyone @here <@U0FK000005> <@&1> <#C1> [x](https://evil.test) & `b`"
CROWD: Final = 50
PITFALLS: Final = {
    "lazy listeners over a shared session never acknowledge": (
        "scenarios/test_pitfalls.py::test_fifty_people_at_once_are_all_acknowledged",
        "scenarios/test_pitfalls.py::test_no_listener_is_lazy",
    ),
    "an event comes twice": (
        "handlers/slack/test_bad_days.py::test_an_event_that_comes_twice_counts_once",
        "handlers/discord/test_flows.py::test_the_same_thing_told_twice_is_done_once",
        "e2e/test_chats_on_the_wire.py::test_an_event_that_slack_delivers_twice_makes_one_draft",
    ),
    "the sixth answer to a response URL is refused without an error": (
        "handlers/slack/test_bad_days.py::test_an_answer_that_the_response_url_does_not_take_comes_another_way",
        "fakes/slack/test_flows.py::test_a_response_url_works_five_times_and_thirty_minutes",
    ),
    "a picture is not ready when its card goes up": (
        "handlers/slack/test_flow.py::test_an_own_picture_goes_from_the_form_into_the_card",
        "handlers/slack/test_failures.py::test_a_picture_that_is_not_ready_is_known_by_slacks_words",
        "handlers/chat/test_copies.py::test_a_card_whose_picture_was_not_taken_in_yet_is_drawn_again_with_it",
        "scenarios/test_news.py::test_the_digest_of_the_morning_comes_once_with_its_pictures",
    ),
    "a stale or a double click": (
        "scenarios/test_decisions.py::test_a_card_that_is_old_does_nothing_says_so_and_is_refreshed",
        "scenarios/test_decisions.py::test_of_two_who_approve_at_once_the_slower_is_told_by_whom",
        "handlers/slack/test_bad_days.py::test_two_clicks_approve_once_and_the_second_is_told",
    ),
    "the connection is closed, politely or not, during work": (
        "scenarios/test_restarts.py::test_a_connection_that_breaks_loses_nothing",
        "handlers/slack/test_bad_days.py::test_slack_asks_for_a_new_socket_and_gets_one",
        "handlers/slack/test_bad_days.py::test_the_socket_closes_mid_work_and_the_work_is_done",
        "handlers/discord/test_connection.py::test_a_session_is_resumed_and_what_happened_meanwhile_is_heard",
        "handlers/discord/test_connection.py::test_a_lost_session_is_begun_anew_after_the_wait_discord_wants",
    ),
    "a redraw is asked to wait": (
        "scenarios/test_restarts.py::test_a_redraw_that_is_refused_for_a_moment_is_made_up_for",
        "handlers/slack/test_bad_days.py::test_a_pause_that_slack_asks_for_is_kept_and_changes_meanwhile_cost_one_update",
        "handlers/discord/test_bad_days.py::test_a_long_pace_limit_is_the_desks_business",
        "handlers/chat/test_copies.py::test_many_changes_while_one_redraw_is_under_way_become_one_more",
    ),
    "a loading modal changed before it is filled in": (
        "handlers/slack/test_bad_days.py::test_a_hash_conflict_on_the_loading_modal_still_shows_the_form",
        "handlers/slack/test_bad_days.py::test_a_modal_that_was_closed_while_it_loaded_stays_closed",
    ),
    "Discord: a modal after a defer": (
        "handlers/discord/test_windows.py::test_a_window_is_always_the_first_answer",
        "handlers/discord/test_windows.py::test_a_window_that_takes_too_long_is_offered_by_a_button",
    ),
    "Discord: a token that is older than a quarter of an hour": (
        "handlers/discord/test_bad_days.py::test_a_card_older_than_its_interaction_is_redrawn_with_the_bots_own_token",
        "handlers/discord/test_bad_days.py::test_an_answer_that_comes_too_late_is_a_direct_message",
    ),
    "Discord: the bot hears itself": (
        "handlers/discord/test_words.py::test_the_bot_answers_no_machine_and_never_itself",
        "handlers/slack/test_flow.py::test_the_desk_is_spoken_to_in_its_own_conversation_and_never_answers_itself",
    ),
    "Discord: an intent is not allowed": (
        "handlers/discord/test_connection.py::test_what_only_the_operator_can_cure_is_told_once",
    ),
    "Discord: somebody takes no direct messages": (
        "handlers/discord/test_words.py::test_who_takes_no_direct_messages_is_told_how_else",
        "handlers/discord/test_bad_days.py::test_whom_the_bot_can_not_write_to_is_refused",
    ),
    "words of a model call everybody": (
        "scenarios/test_pitfalls.py::test_loud_words_are_shown_to_the_letter_and_ring_nobody",
        "handlers/slack/test_bad_days.py::test_a_models_words_ring_nobody",
        "handlers/discord/test_words.py::test_nothing_a_person_or_model_writes_rings_anybody",
    ),
    "a restart with cards on the screen": (
        "scenarios/test_restarts.py::test_after_a_restart_every_button_of_an_old_card_works",
        "e2e/test_chats_on_the_wire.py::test_after_kill_and_restart_the_old_card_works_and_nothing_goes_out_twice",
    ),
    "a proxy in the environment": ("scenarios/test_pitfalls.py::test_a_proxy_in_the_environment_keeps_no_chat_away",),
    "errors in a form lose what was typed": (
        "scenarios/test_input.py::test_a_wrong_network_in_the_form_is_an_error_at_its_field",
        "scenarios/test_input.py::test_a_file_that_is_no_picture_is_refused_at_its_field_and_its_words_are_kept",
        "scenarios/test_decisions.py::test_whoever_edits_what_changed_meanwhile_loses_no_word",
    ),
    "a guest presses Approve": (
        "scenarios/test_decisions.py::test_a_guest_may_look_and_nothing_else",
        "handlers/slack/test_bad_days.py::test_a_guest_and_somebody_of_another_organisation_press_approve_in_vain",
        "handlers/discord/test_words.py::test_somebody_from_outside_may_only_look",
    ),
}


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, made) and node.name.startswith("test_"))


@pytest.mark.parametrize("pitfall", PITFALLS)
def test_every_pitfall_has_its_tests(pitfall: str) -> None:
    for named in PITFALLS[pitfall]:
        where, _, name = named.partition("::")
        assert name in names_in(ROOT / where), named


def test_no_listener_is_lazy() -> None:
    for path in (ROOT.parent / "handlers" / "slack").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "lazy" not in {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}, path.name


async def test_fifty_people_at_once_are_all_acknowledged(chat: Stage, house: House) -> None:
    crowd = [await chat.person(f"p{number}") for number in range(CROWD)]
    await asyncio.gather(*(ask(person) for person in crowd))
    await house.settle()
    for person in crowd:
        assert [told.title for told in await person.heard()] == ["What you can type"]


async def ask(person: object) -> None:
    """Help; a client that sees no acknowledgement within three seconds raises."""
    if isinstance(person, SlackPerson):
        await person.client.slash("/desk help", "desk")
    elif isinstance(person, DiscordPerson):
        await person.client.slash("desk help", "desk")


async def test_loud_words_are_shown_to_the_letter_and_ring_nobody(stage: Stage, house: House) -> None:
    """That nothing rang is looked at by the stand-in of each chat, whose problems fail the stage."""
    ada = await stage.person("ada", Role.ADMIN)
    card = await written(ada)
    await ada.press(card, "Edit")
    assert await ada.fill({"Mastodon": LOUD}) is None
    card = await ada.card("draft 1")
    assert card.texts == (LOUD,)
    assert "Approve" not in card.offered
    await ada.press(card, "Reject")
    assert await ada.fill({"Why?": LOUD}) is None
    assert LOUD[:60] in (await ada.card("draft 1")).words
    assert stage.problems() == []


@pytest.mark.parametrize("kind", CHATS)
async def test_a_proxy_in_the_environment_keeps_no_chat_away(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "WS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with a_house() as house, a_stage(kind, house) as stage:
        ada = await stage.person("ada", Role.ADMIN)
        assert (await written(ada)).state == "Waits for approval"
