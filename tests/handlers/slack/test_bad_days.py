"""Everything that goes wrong between the desk and Slack, each by its name: nothing is lost, doubled or left unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import structlog

from handlers.slack.render import LIMITS
from handlers.surface import Link
from handlers.views.notice import notice
from handlers.views.sheet import sheet
from services.domain.errors import NeedsOperator, NotFound, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.domain.ids import DraftId
from tests.cards import LOUD
from tests.fakes.slack import AppConfig, Message
from tests.fakes.slack.world import SCOPES
from tests.handlers.slack.driving import SlackDesk, a_desk, labels, newest, said, value_of
from tests.handlers.slack.test_flow import field, form
from tests.handlers.world import a_png

NOTICE: Final = sheet(notice("test", "Only a test", "Nothing else."), LIMITS)


def place(message: Message, desk: SlackDesk) -> str:
    return f"{desk.slack.world.team_id}/{message.channel}/{message.ts}"


def channel(desk: SlackDesk, name: str = "desk") -> str:
    return f"{desk.slack.world.team_id}/{desk.slack.world.channel(name).id}"


async def approve(desk: SlackDesk, card: Message) -> None:
    """Press it, and wait until that is true whatever Slack shows."""
    before = len(desk.world.bus.events)
    await desk.ada.click(card, "Approve")
    await desk.until(lambda: len(desk.world.bus.events) > before)


# Redrawing a card


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 500, "times": 3}, {"error": "internal_error"}])
async def test_a_card_that_slack_could_not_redraw_is_redrawn_later(fault: dict[str, Any]) -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("chat.update", **fault)
        await approve(desk, card)
        await desk.later(lambda: "Status: Approved" in said(card))


async def test_a_pause_that_slack_asks_for_is_kept_and_changes_meanwhile_cost_one_update() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("chat.update", status=429, retry_after=7)
        began = desk.world.clock.now()
        await approve(desk, card)
        await desk.until(lambda: desk.slack.world.transcript.named("chat.update refused"))
        await desk.later(lambda: "Status: Approved" in said(card))

        assert (desk.world.clock.now() - began).total_seconds() >= 7
        assert len(desk.slack.world.transcript.named("chat.update")) == 2


async def test_the_answer_to_a_redraw_is_lost_and_it_is_drawn_again_without_harm() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("chat.update", status=500, after=True)
        await approve(desk, card)
        await desk.later(lambda: len(desk.slack.world.transcript.named("chat.update")) == 2)
        assert "Status: Approved" in said(card)


async def test_a_card_that_somebody_deleted_is_forgotten() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        del desk.slack.world.channel("desk").messages[card.ts]
        assert (await desk.world.press(value_of(card, "Approve"))).status == 200
        before = desk.world.store.commits
        await desk.until(lambda: desk.slack.world.transcript.named("chat.update refused"))
        await desk.until(lambda: desk.world.store.commits > before)
        up = await desk.world.store.read(lambda tx: tx.cards.places(DraftId("1")))
        assert up == []
        assert len(desk.slack.world.transcript.named("chat.update")) == 1


# What the surface says of a call


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 429, "retry_after": 3}, RateLimited),
        ({"status": 503}, OutcomeUnknown),
        ({"status": 500, "after": True}, OutcomeUnknown),
        ({"error": "is_archived"}, NotFound),
        ({"error": "not_in_channel"}, NotFound),
        ({"error": "channel_not_found"}, NotFound),
        ({"error": "missing_scope"}, NeedsOperator),
        ({"error": "token_revoked"}, NeedsOperator),
        ({"error": "restricted_action"}, Refused),
    ],
)
async def test_a_message_that_is_not_put_up_is_named_by_what_follows(
    fault: dict[str, Any], kind: type[Exception]
) -> None:
    async with a_desk() as desk:
        desk.slack.inject("chat.postMessage", **fault)
        with pytest.raises(kind):
            await desk.surface.send(channel(desk), NOTICE)


async def test_a_redraw_that_failed_did_nothing() -> None:
    async with a_desk() as desk:
        sent = await desk.surface.send(channel(desk), NOTICE)
        desk.slack.inject("chat.update", status=503)
        with pytest.raises(Unavailable):
            await desk.surface.update(sent.place, NOTICE)
        assert (await desk.surface.update(sent.place, NOTICE)).whole


async def test_slack_can_not_be_reached_at_all() -> None:
    async with a_desk() as desk:
        await desk.slack.stop()
        with pytest.raises(Unavailable):
            await desk.surface.send(channel(desk), NOTICE)


async def test_a_person_who_left_takes_no_messages() -> None:
    async with a_desk() as desk:
        gone = desk.slack.join("gone", deleted=True)
        with pytest.raises(Refused, match="left the workspace"):
            await desk.surface.tell(desk.slack.world.team_id, gone.id, NOTICE)


async def test_somebody_is_told_in_their_conversation_and_the_message_has_an_address() -> None:
    async with a_desk() as desk:
        sent = await desk.surface.tell(desk.slack.world.team_id, desk.ana.id, NOTICE)
        (message,) = desk.ana.inbox
        assert sent.place.endswith(message.ts)
        assert await desk.surface.permalink(sent.place) == (
            f"https://acme.slack.test/archives/{message.channel}/p{message.ts.replace('.', '')}"
        )
        assert await desk.surface.permalink(f"{channel(desk)}/1.1") is None
        assert desk.surface.channel_of(sent.place) == f"{desk.slack.world.team_id}/{message.channel}"


# The connection


async def test_the_socket_closes_mid_work_and_the_work_is_done() -> None:
    async with a_desk() as desk:
        desk.world.model.gate = asyncio.Event()
        await desk.ana.slash("/desk draft Ships today picture=no", "desk")
        await desk.slack.drop_socket()
        desk.world.model.gate.set()
        card = await desk.card("Approve")
        await desk.slack.connected()
        await approve(desk, card)
        assert desk.surface.link is Link.CONNECTED


async def test_slack_asks_for_a_new_socket_and_gets_one() -> None:
    async with a_desk() as desk:
        await desk.slack.disconnect()
        await desk.until(lambda: any(not link.leaving for link in desk.slack.hub.links))
        await desk.ana.slash("/desk help", "desk")
        await desk.whispered(desk.ana, "What you can type")


async def test_slack_is_gone_for_minutes_and_the_desk_is_back_by_itself() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk() as desk:
            port = urlsplit(desk.slack.world.base).port
            await desk.slack.stop()
            await desk.later(lambda: desk.surface.link is Link.CONNECTING)
            await desk.world.clock.advance(300)
            await desk.slack.start(port or 0)
            await desk.later(lambda: desk.surface.link is Link.CONNECTED, step=10)
            await desk.ana.slash("/desk help", "desk")
            await desk.whispered(desk.ana, "What you can type")
    assert not any(e["log_level"] == "error" for e in logs)


@asynccontextmanager
async def in_trouble(**settings: str) -> AsyncIterator[tuple[SlackDesk, list[Any]]]:
    with structlog.testing.capture_logs() as logs:
        async with a_desk(settings=settings, connect=False) as desk:
            yield desk, logs
        assert not any("xox" in str(e) or "xapp" in str(e) for e in logs)


def told(logs: list[Any]) -> list[str]:
    return [f"{e['what']}: {e['reason']}" for e in logs if e["event"] == "slack needs the operator"]


async def test_a_wrong_token_is_one_sentence_and_the_desk_goes_on() -> None:
    async with in_trouble(bot_token="xoxb-wrong") as (desk, logs):
        await desk.later(lambda: desk.surface.link is Link.IN_TROUBLE)
        with pytest.raises(NeedsOperator):
            await desk.surface.send(channel(desk), NOTICE)
        await desk.world.clock.advance(300)
        await desk.until(lambda: len(desk.slack.world.transcript.named("auth.test")) > 2)
        said_ = "Slack does not take the token (invalid_auth). Copy it from the app's page into the settings."
        assert told(logs) == [f"SLACK_BOT_TOKEN: {said_}"]
        assert (await desk.world.command("draft Ships today picture=no")).status == 200


async def test_a_token_of_two_lines_is_told_and_the_desk_goes_on() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk(settings={"bot_token": "xoxb-one\ntwo"}, connect=False) as desk:
            await desk.until(lambda: desk.surface.link is Link.IN_TROUBLE)
            assert (await desk.world.draft("Ships today picture=no"))["title"]
    assert [e for e in logs if e["log_level"] == "error"]


async def test_after_its_end_the_surface_opens_nothing_again() -> None:
    async with a_desk() as desk:
        sent = await desk.surface.send(channel(desk), NOTICE)
        await desk.surface.stop()
        with pytest.raises(Unavailable):
            await desk.surface.update(sent.place, NOTICE)
        assert desk.surface.wire._session is None or desk.surface.wire._session.closed


async def test_while_slack_wants_a_pause_it_is_not_asked_again() -> None:
    async with a_desk() as desk:
        sent = await desk.surface.send(channel(desk), NOTICE)
        desk.slack.inject("chat.update", status=429, retry_after=7)
        for _ in range(3):
            with pytest.raises(RateLimited):
                await desk.surface.update(sent.place, NOTICE)
        assert len(desk.slack.world.transcript.named("chat.update refused")) == 1
        await desk.surface.send(channel(desk), NOTICE)
        await desk.world.clock.advance(8)
        await desk.surface.update(sent.place, NOTICE)


async def test_a_wrong_app_token_is_one_sentence_and_cards_still_go_out() -> None:
    async with in_trouble(app_token="xapp-wrong") as (desk, logs):
        await desk.later(lambda: desk.surface.link is Link.IN_TROUBLE)
        await desk.world.clock.advance(300)
        await desk.surface.send(channel(desk), NOTICE)
        assert [line.partition(":")[0] for line in told(logs)] == ["SLACK_APP_TOKEN"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"app_token": ""}, "SLACK_APP_TOKEN is missing"),
        ({"bot_token": ""}, "SLACK_BOT_TOKEN is missing"),
        ({"app_token": "", "bot_token": "", "signing_secret": "s"}, "Set it, or SLACK_CLIENT_ID"),
        (
            {"app_token": "", "signing_secret": "s", "client_id": "1", "client_secret": "2"},
            "COPYDESK_PUBLIC_URL is missing",
        ),
    ],
)
async def test_a_setting_that_is_missing_is_one_sentence(settings: dict[str, str], sentence: str) -> None:
    async with in_trouble(**settings) as (desk, logs):
        assert desk.surface.link is Link.IN_TROUBLE
        (line,) = told(logs)
        assert sentence in line
        assert "docs/how-to/slack.md" in line


async def test_a_missing_scope_is_told_once_by_its_name_and_the_card_goes_up_without_the_picture() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk(app=AppConfig(scopes=SCOPES - {"files:write"})) as desk:
            desk.world.painter.gate = None
            await desk.ana.slash("/desk draft Ships today picture=minimal for mastodon", "desk")
            await desk.card("Picture is being taken in …")
            await desk.world.clock.advance(30)
    assert len([e for e in logs if "files:write" in str(e)]) == 1


# People


async def test_a_guest_and_somebody_of_another_organisation_press_approve_in_vain() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        guest = desk.slack.join("gus", is_restricted=True)
        partner = desk.slack.join("pat", team_id="T0OTHER0001", is_admin=True)
        for person in (guest, partner):
            desk.slack.world.channel("desk").members.add(person.id)
            await person.click(card, "Approve")
            await desk.whispered(person, "Your role here is viewer")
        assert "Status: Waits for approval" in said(card)


async def test_a_command_where_the_desk_is_not_says_how_to_invite_it_and_loses_nothing() -> None:
    app = AppConfig(scopes=SCOPES - {"chat:write.public"})
    async with a_desk(app=app) as desk:
        desk.slack.channel("away", "ana", bot=False)
        await desk.ana.slash("/desk draft Ships today picture=no", "away")
        await desk.whispered(desk.ana, "The desk is not in this channel.", "/invite")
        await desk.whispered(desk.ana, "Ships today on Mastodon", "Edit")
        assert desk.slack.messages("away") == []


async def test_who_somebody_is_can_not_be_asked_and_nothing_is_done() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("users.info", status=503)
        await desk.ada.click(card, "Approve")
        await desk.whispered(desk.ada, "Slack did not answer.", "Nothing changed.")
        assert "Status: Waits for approval" in said(card)


async def test_a_bug_of_ours_is_told_in_words() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk() as desk:
            desk.world.model.fail = RuntimeError("a bug")
            desk.slack.inject("chat.postMessage", error="some_new_error")
            await desk.ana.slash("/desk draft Ships today picture=no", "desk")
            await desk.until(lambda: desk.ana.ephemerals)
    assert any(e["event"] == "slack refused a call" for e in logs)


# Clicks and forms


async def test_a_shortcut_whose_trigger_is_too_old_becomes_a_button_too() -> None:
    async with a_desk() as desk:
        desk.slack.inject("views.open", error="expired_trigger_id", times=3)
        message = await desk.ada.say("desk", "We ship on Monday")
        await desk.ana.message_shortcut("draft_from_message", message)
        told_ = await desk.whispered(desk.ana, "Open the form")
        await desk.ana.click(told_, "Open the form")
        await form(desk)


async def test_a_trigger_that_is_too_old_becomes_a_button_that_opens_the_form() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        desk.slack.inject("views.open", error="expired_trigger_id", times=2)
        await desk.ana.click(card, "Edit")
        told_ = await desk.whispered(desk.ana, "Open the form")
        await desk.ana.click(told_, "Open the form")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): "Another text"})
        await desk.until(lambda: "Another text" in said(card))


async def test_the_loading_modal_is_open_before_anything_is_looked_up() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        before = len(desk.slack.world.transcript.entries)
        desk.slack.inject("views.open", status=503)
        await desk.ada.click(card, "Edit")
        await desk.until(lambda: desk.slack.world.transcript.named("views.open refused"))
        calls = [e.what for e in desk.slack.world.transcript.entries[before:] if e.way == "app" and "ack" not in e.what]
        assert calls[0] == "views.open"
        await form(desk, desk.ada)
        calls = [e.what for e in desk.slack.world.transcript.entries[before:] if e.way == "app"]
        assert calls.index("views.open") < calls.index("users.info")


async def test_a_hash_conflict_on_the_loading_modal_still_shows_the_form() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("views.update", error="hash_conflict")
        await desk.ana.click(card, "Edit")
        await form(desk)


async def test_a_modal_that_was_closed_while_it_loaded_stays_closed() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("views.update", error="not_found", times=2)
        await desk.ana.click(card, "Edit")
        await desk.until(lambda: len(desk.slack.world.transcript.named("views.update refused")) == 2)
        assert desk.ana.ephemerals == []


async def test_a_form_that_could_not_be_filled_in_is_offered_again() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        desk.slack.inject("views.update", status=503)
        await desk.ana.click(card, "Edit")
        await desk.whispered(desk.ana, "Open the form")


async def test_an_old_card_never_acts() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        old = card.snapshot()
        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): "Another text"})
        await desk.until(lambda: "Another text" in said(card))
        await desk.ada.click(old, "Approve", stale=True)
        await desk.until(lambda: desk.ada.ephemerals)
        assert "Status: Waits for approval" in said(card)


async def test_two_clicks_approve_once_and_the_second_is_told() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        await asyncio.gather(desk.ada.click(card, "Approve"), desk.ada.click(card, "Approve"))
        await desk.until(lambda: "Status: Approved" in said(card))
        await desk.until(lambda: desk.ada.ephemerals)
        (shot,) = await desk.world.services.board.drafts(limit=1)
        assert [e.verb for e in shot.audit].count("approved") == 1


async def test_a_form_that_takes_long_says_so_and_then_how_it_went() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        file = desk.ana.upload("own.png", b"\x89PNG but no picture")
        desk.slack.slow("files.info", 5)

        async def sent() -> None:
            await desk.ana.submit(modal, {"Or files of your own": [file]})

        sending = asyncio.create_task(sent())
        await desk.later(lambda: "Saving …" in said(modal))
        await sending
        await desk.later(lambda: modal.content.get("submit"))
        assert "This file is not a picture" in said(modal)


async def test_a_file_that_is_too_large_is_told_at_its_field_and_the_words_stay() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        file = desk.ana.upload("own.png", b"\x89PNG" + bytes(20_000_001))
        await desk.ana.submit(modal, {"Or files of your own": [file], "Description of the picture": "A sea"})
        (wrong,) = modal.errors.items()
        assert wrong[0].startswith("upload#")
        assert "This file has 20.0 MB; 20 MB is the most." in wrong[1]
        assert desk.ana.modal is modal


async def test_the_one_of_several_files_that_is_lost_is_named_and_the_words_stay() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        files = [desk.ana.upload(f"{n}.png", a_png(8, n)) for n in (1, 2, 3)]
        told = {"Or files of your own": files, "Description of the picture": "One\nTwo\nThree"}
        desk.slack.inject("download")
        desk.slack.inject("download", status=503)
        await desk.ana.submit(modal, told)
        (wrong,) = modal.errors.items()
        assert wrong[0].startswith("upload#")
        assert wrong[1].startswith("File 2 of 3: Slack did not hand over the file.")
        assert not list(desk.world.files.workplace().iterdir())
        await desk.ana.submit(modal, {})
        await desk.later(lambda: len([b for b in card.blocks if b["type"] == "image"]) == 3)
        shown = [(b["title"]["text"], b["alt_text"]) for b in card.blocks if b["type"] == "image"]
        assert shown == [(f"Picture {n} of 3", word) for n, word in enumerate(("One", "Two", "Three"), start=1)]


async def test_files_that_take_long_do_not_keep_slack_waiting() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        files = [desk.ana.upload(f"{n}.png", a_png(8, n)) for n in (1, 2)]
        desk.slack.slow("download", 20, times=2)
        sending = asyncio.create_task(desk.ana.submit(modal, {"Or files of your own": files}))
        await desk.later(lambda: "Saving …" in said(modal))
        await sending
        assert max(desk.slack.latencies) < 3
        await desk.later(lambda: len([b for b in card.blocks if b["type"] == "image"]) == 2, step=1.0)
        await desk.later(lambda: "Done. You can close this." in said(modal))


async def test_a_form_that_never_reached_the_desk_comes_back_with_what_was_typed() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        stranger = desk.slack.join("eve")
        desk.slack.world.modals[stranger.id] = desk.slack.world.modals.pop(desk.ana.id)
        modal.user = stranger.id
        desk.slack.inject("users.info", status=503)
        await stranger.submit(modal, {field(modal): "Typed with care"})
        assert "Slack did not answer. Nothing changed." in said(modal)
        (typed,) = [b["element"]["initial_value"] for b in modal.blocks if b["type"] == "input"]
        assert typed == "Typed with care"
        await stranger.submit(modal)
        await desk.until(lambda: "Typed with care" in said(card))


# Events


async def test_an_event_that_comes_twice_counts_once() -> None:
    async with a_desk() as desk:
        desk.slack.duplicate_next_event()
        await desk.ana.mention("desk", "draft Ships today picture=no for mastodon")
        await desk.card("Approve")
        await desk.ana.mention("desk", "help")
        await desk.whispered(desk.ana, "What you can type")
        assert len(await desk.world.services.board.drafts(limit=9)) == 1


async def test_other_bots_edits_and_joins_are_no_words_to_the_desk() -> None:
    async with a_desk() as desk:
        im = desk.slack.world.im(desk.ana.id)
        for odd in ({"subtype": "message_changed"}, {"bot_id": "B0OTHER"}, {"subtype": "channel_join"}):
            event = {"type": "message", "channel": im.id, "channel_type": "im", "user": desk.ana.id, "ts": "1.1"}
            desk.slack.happen({**event, "text": "help", **odd})
        await desk.slack.settle()
        await desk.ana.dm("queue")
        await desk.until(lambda: newest(desk.ana.inbox, "The queue"))
        assert newest(desk.ana.inbox, "What you can type") is None


async def test_what_is_not_for_us_is_acknowledged_all_the_same() -> None:
    app = AppConfig(
        shortcuts={"draft_from_message": "message", "new_draft": "global"}, events=frozenset({"app_mention"})
    )
    async with a_desk(app=app) as desk:
        desk.slack.happen({"type": "app_context_changed", "user": desk.ana.id, "event_ts": "1.1"})
        await desk.slack.settle()
        assert desk.slack.world.problems == []


# Answers


async def test_an_answer_that_the_response_url_does_not_take_comes_another_way() -> None:
    async with a_desk() as desk:
        urls = desk.slack.world.response_urls
        answer = asyncio.create_task(desk.ana.slash("/desk help", "desk"))
        await desk.until(lambda: urls)
        next(iter(urls.values())).uses = 5
        await answer
        await desk.whispered(desk.ana, "What you can type")
        assert desk.slack.world.transcript.named("response_url refused")
        assert desk.slack.world.transcript.named("chat.postEphemeral")


async def test_when_nothing_else_works_a_person_is_written_to() -> None:
    async with a_desk() as desk:
        desk.slack.inject("chat.postEphemeral", status=503, times=2)
        await desk.ana.mention("desk", "help")
        await desk.until(lambda: newest(desk.ana.inbox, "What you can type"))


async def test_a_models_words_ring_nobody() -> None:
    async with a_desk() as desk:
        await desk.world.command(f"draft {LOUD} picture=no for mastodon")
        await desk.ana.slash("/desk show 1", "desk")
        card = await desk.card("<!channel>")
        await desk.ana.click(card, "Edit")
        await form(desk)
        assert desk.slack.world.problems == []


async def test_cards_work_after_a_restart() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.surface.stop()
        await desk.until(lambda: not desk.slack.hub.links)
        await desk.restart()
        await desk.ada.click(card, "Approve")
        await desk.until(lambda: "Status: Approved" in said(card))
        assert "Publish now" in labels(card)


async def test_a_proxy_in_the_environment_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with a_desk() as desk:
        await desk.draft()


async def test_names_of_bolts_own_in_the_environment_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "other")
    async with a_desk() as desk:
        await desk.draft()


async def test_the_app_is_taken_out_of_the_workspace() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk() as desk:
            await desk.draft()
            await desk.slack.uninstall()
            with pytest.raises(NeedsOperator):
                await desk.surface.send(channel(desk), NOTICE)
            assert desk.surface.link is Link.IN_TROUBLE
    assert len(told(logs)) == 1


async def test_a_home_tab_that_slack_has_no_more_is_published_anew() -> None:
    async with a_desk() as desk:
        await desk.ana.open_home()
        await desk.until(lambda: desk.ana.home)
        desk.slack.world.homes.clear()  # as when the app was taken out and installed again
        await desk.ana.open_home()
        await desk.until(lambda: desk.ana.home)
