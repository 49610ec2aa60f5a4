"""Everything people do on Slack, over a real socket with unmodified slack-bolt, against a strict stand-in."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from handlers.manifest import PROMPTS, manifest
from services.domain.account import VideoLimits
from services.domain.actor import Role
from tests.fakes.slack import AppConfig, View
from tests.fakes.slack.basics import ACK_SECONDS
from tests.handlers.slack.driving import SlackDesk, a_desk, labels, newest, said
from tests.handlers.world import MASTODON, a_png, takes
from tests.media_samples import tiny_video

ALL: Final = frozenset({"app_mention", "message.im", "app_home_opened", "member_joined_channel", "app_uninstalled"}) | {
    "tokens_revoked"
}


async def form(desk: SlackDesk, person: object = None) -> View:
    """The form in front of Ana, once the desk filled the modal."""
    who = desk.ana if person is None else desk.ada
    return await desk.until(lambda: who.modal if who.modal and who.modal.content.get("submit") else None)


def field(view: View, number: int = 0) -> str:
    inputs = [b for b in view.blocks if b["type"] == "input"]
    return str(inputs[number]["label"]["text"])


async def test_a_draft_is_written_edited_approved_and_planned() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no")
        assert card.channel == desk.slack.world.channel("desk").id
        assert "Ships today on Mastodon" in said(card)

        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): "Ships today, twice as fast"})
        await desk.until(lambda: "twice as fast" in said(card))
        assert desk.ana.modal is None

        await desk.ada.click(card, "Approve")
        await desk.until(lambda: "Status: Approved" in said(card))
        assert "Publish now" in labels(card)

        await desk.ada.click(card, "Schedule")
        modal = await form(desk, desk.ada)
        await desk.ada.submit(modal, {field(modal, -1): "2027-01-31T09:00+01:00"})
        await desk.until(lambda: "Status: Scheduled" in said(card))
        assert "<!date^1801382400^{date_long} at {time}|" in said(card)
        assert card.edited is None


async def test_what_can_not_be_taken_back_is_asked_by_slack_itself() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        await desk.ada.click(card, "Approve")
        await desk.until(lambda: "Publish now" in labels(card))
        await desk.ada.click(card, "Publish now", confirm=True)
        await desk.until(lambda: "Undo" in labels(card))


async def test_a_choice_behind_more_is_asked_about_by_the_desk() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        await desk.ana.choose(card, "cd.more", "Archive")
        question = await desk.whispered(desk.ana, "Archive this draft?")
        assert "Status: Archived" not in said(card)
        await desk.ana.click(question, "Archive")
        await desk.until(lambda: "Status: Archived" in said(card))
        done = await desk.whispered(desk.ana, "Archived")
        assert question.gone or done is question


@pytest.mark.parametrize("command", ["/desk", "/newsroom"])
async def test_the_command_may_have_any_name(command: str) -> None:
    async with a_desk(app=AppConfig(commands={"/desk": True, "/newsroom": False})) as desk:
        await desk.ana.slash(f"{command} help", "desk")
        told = await desk.whispered(desk.ana, "What you can type")
        assert desk.slack.messages("desk") == []
        assert "Write a draft" in labels(told)


async def test_a_word_that_was_mistyped_is_offered_as_it_was_meant() -> None:
    async with a_desk() as desk:
        await desk.ana.slash("/desk qeue", "desk")
        told = await desk.whispered(desk.ana, "Did you mean “queue”?")
        await desk.ana.click(told, "Run it")
        await desk.whispered(desk.ana, "The queue")


async def test_a_command_without_a_brief_opens_the_form() -> None:
    async with a_desk() as desk:
        await desk.ana.slash("/desk draft", "desk")
        modal = await form(desk)
        await desk.ana.submit(modal, {"What is the post about?": "From the form", "Picture": "Without a picture"})
        await desk.card("From the form on Mastodon")


async def test_a_form_that_is_wrong_keeps_what_was_typed_and_says_so_at_the_field() -> None:
    async with a_desk() as desk:
        await desk.ana.slash("/desk draft", "desk")
        modal = await form(desk)
        await desk.ana.submit(modal, {"What is the post about?": "Ships today", "Networks": "nosuchnetwork"})
        assert desk.ana.modal is modal
        (wrong,) = modal.errors.items()
        assert wrong[0].startswith("networks#")
        assert "nosuchnetwork" in wrong[1]
        assert modal.state()["values"][modal.blocks[0]["block_id"]]["cd.textarea"]["value"] == "Ships today"
        await desk.ana.submit(modal, {"Networks": "mastodon"})
        await desk.card("Ships today on Mastodon")


async def test_two_people_edit_at_once_and_the_slower_one_sees_both_texts() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Edit")
        hers = await form(desk)
        await desk.ada.click(card, "Edit")
        other = await form(desk, desk.ada)
        await desk.ada.submit(other, {field(other): "Ada was faster"})
        await desk.until(lambda: "Ada was faster" in said(card))

        await desk.ana.submit(hers, {field(hers): "Ana's words"})
        assert hers.content["submit"]["text"] == "Save mine over it"
        assert "Ada was faster" in said(hers)
        (typed,) = [b["element"]["initial_value"] for b in hers.blocks if b["type"] == "input"]
        assert typed == "Ana's words"
        await desk.ana.submit(hers)
        await desk.until(lambda: "Ana's words" in said(card))


async def test_earlier_versions_are_listed_above_the_choice() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): "Another text"})
        await desk.until(lambda: "Another text" in said(card))
        await desk.ana.choose(card, "cd.more", "Earlier versions")
        modal = await form(desk)
        assert "Ships today on Mastodon" in said(modal)
        assert desk.ana.ephemerals == []


async def test_a_button_that_may_not_be_pressed_says_so_in_the_modal_that_waits() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        await desk.ana.choose(card, "cd.more", "Reject")
        modal = await desk.until(
            lambda: desk.ana.modal if desk.ana.modal and "author" in said(desk.ana.modal) else None
        )
        assert "Your role here is author" in said(modal)
        assert "submit" not in modal.content
        assert "Status: Waits for approval" in said(card)


async def test_an_own_picture_goes_from_the_form_into_the_card() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        file = desk.ana.upload("own.png", a_png())
        await desk.ana.submit(modal, {"Or files of your own": [file], "Description of the picture": "A quiet sea"})
        await desk.later(lambda: any(b["type"] == "image" for b in card.blocks))
        (image,) = [b for b in card.blocks if b["type"] == "image"]
        assert image["alt_text"] == "A quiet sea"
        assert desk.slack.world.files[image["slack_file"]["id"]].owner == desk.slack.world.bot.id
        assert desk.ana.modal is None


async def test_a_video_goes_from_the_form_into_the_card_as_its_poster() -> None:
    async with a_desk() as desk:
        await takes(desk.world, MASTODON, video=VideoLimits(size=100_000))
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        file = desk.ana.upload("own.mp4", tiny_video())
        await desk.ana.submit(modal, {"Or files of your own": [file], "Description of the picture": "Waves"})
        await desk.later(lambda: any(b["type"] == "image" for b in card.blocks))
        (image,) = [b for b in card.blocks if b["type"] == "image"]
        assert image["alt_text"] == "Video: Waves"
        assert "0:01 · 64 × 64" in said(card)
        await desk.later(lambda: not list(desk.world.files.workplace().iterdir()))


async def test_an_address_goes_from_the_form_into_the_card() -> None:
    async with a_desk() as desk:
        desk.world.downloads.files["https://news.example/a.png"] = a_png()
        card = await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.click(card, "Image")
        modal = await form(desk)
        await desk.ana.submit(modal, {"Or the address of a picture or video": "https://news.example/a.png"})
        await desk.later(lambda: any(b["type"] == "image" for b in card.blocks))


async def test_somebodys_message_becomes_a_draft() -> None:
    async with a_desk() as desk:
        message = await desk.ada.say("desk", "We ship & celebrate, says @ana")
        await desk.ana.message_shortcut("draft_from_message", message)
        modal = await form(desk)
        assert modal.inputs[modal.blocks[0]["block_id"], "cd.textarea"]["value"] == "We ship & celebrate, says @ana"
        await desk.ana.submit(modal, {"Picture": "Without a picture"})
        await desk.card("celebrate", "Approve")


async def test_a_draft_begun_from_anywhere_goes_into_the_persons_own_conversation() -> None:
    async with a_desk() as desk:
        await desk.ana.shortcut("new_draft")
        modal = await form(desk)
        await desk.ana.submit(modal, {"What is the post about?": "From anywhere", "Picture": "Without a picture"})
        card = await desk.until(lambda: newest(desk.ana.inbox, "From anywhere", "Approve"))
        assert desk.slack.messages("desk") == []
        await desk.ana.click(card, "Edit")
        await form(desk)


async def test_a_mention_begins_a_thread_and_what_is_whispered_is_seen() -> None:
    async with a_desk() as desk:
        asked = await desk.ana.mention("desk", "draft Ships today, thanks to @ada picture=no for mastodon")
        card = await desk.until(lambda: newest(desk.slack.thread(asked), "Approve"))
        assert "Ships today, thanks to @ada on Mastodon" in said(card)
        await desk.ana.mention("desk", "help")
        assert (await desk.whispered(desk.ana, "What you can type")).thread_ts is None
        await desk.ana.mention("desk", "help", asked)
        await desk.until(lambda: [m for m in desk.ana.ephemerals if m.thread_ts == asked.ts])

        await desk.ana.click(card, "Edit")
        modal = await form(desk)
        await desk.ana.submit(modal, {field(modal): "Another text"})
        await desk.until(lambda: "Another text" in said(card))


async def test_the_desk_is_spoken_to_in_its_own_conversation_and_never_answers_itself() -> None:
    async with a_desk() as desk:
        await desk.ana.dm("draft Ships today picture=no for mastodon")
        card = await desk.until(lambda: newest(desk.ana.inbox, "Ships today on Mastodon"))
        await desk.ana.dm("help")
        await desk.until(lambda: newest(desk.ana.inbox, "What you can type"))
        await desk.ada.slash("/desk roles ana=approver", "desk")
        await desk.whispered(desk.ada, "approver")
        await desk.ana.click(card, "Approve")
        await desk.until(lambda: "Status: Approved" in said(card))
        assert len(await desk.world.services.board.drafts(limit=9)) == 1
        assert len(desk.ana.inbox) == 4


async def test_the_home_tab_shows_what_is_theirs_and_is_published_only_when_it_changed() -> None:
    async with a_desk() as desk:
        await desk.draft("Ships today picture=no for mastodon")
        await desk.ana.open_home()
        home = await desk.until(lambda: desk.ana.home)
        assert "Your drafts" in said(home)
        assert "Draft 1 · Ships today" in said(home)
        await desk.ana.open_home()
        await desk.ana.slash("/desk help", "desk")
        await desk.whispered(desk.ana, "What you can type")
        assert len(desk.slack.world.transcript.named("views.publish")) == 1

        await desk.ana.click(home, "Open")
        await desk.until(lambda: newest(desk.ana.inbox, "Ships today on Mastodon"))
        await desk.ana.click(home, "Write a draft")
        modal = await form(desk)
        await desk.ana.submit(modal, {"What is the post about?": "Another", "Picture": "Without a picture"})
        await desk.until(lambda: newest(desk.ana.inbox, "Another on Mastodon"))
        await desk.until(lambda: "Draft 2 · Another" in said(home))


async def test_the_conversation_suggests_what_to_ask() -> None:
    async with a_desk() as desk:
        await desk.ana.open_home("messages")
        await desk.until(lambda: desk.slack.world.prompts)
        assert desk.slack.world.prompts == [{"title": t, "message": m} for t, m in PROMPTS]


async def test_a_channel_is_welcomed_once_when_the_desk_comes_in_and_not_when_others_do() -> None:
    async with a_desk(app=AppConfig(events=ALL)) as desk:
        desk.slack.channel("news", "ana", bot=False)
        await desk.slack.invite_bot("news")
        await desk.card("The desk is here", channel="news")
        await desk.ada.join("news")
        await desk.ana.slash("/desk help", "news")
        await desk.whispered(desk.ana, "What you can type")
        assert len(desk.slack.messages("news")) == 1


async def test_a_shortened_card_offers_its_full_text_over_several_whispers() -> None:
    async with a_desk() as desk:
        words = [f"w{n}" for n in range(4000)]
        await desk.ana.slash(f"/desk draft {' '.join(words)} picture=no for mastodon", "desk")
        card = await desk.card("more characters: “Full text” has all of it.")
        await desk.ana.choose(card, "cd.more", "Full text")
        await desk.until(lambda: len(desk.ana.ephemerals) >= 2 and newest(desk.ana.ephemerals, "w3999"))
        assert set(words) <= {w for m in desk.ana.ephemerals for w in said(m).split()}


async def test_a_very_long_text_is_a_file_in_the_persons_own_conversation() -> None:
    async with a_desk() as desk:
        words = [f"w{n}" for n in range(6700)]
        await desk.ana.slash(f"/desk draft {' '.join(words)} picture=no for mastodon", "desk")
        card = await desk.card("more characters")
        await desk.ana.choose(card, "cd.more", "Full text")
        told = await desk.whispered(desk.ana, "the file has all of it")
        assert "The file is in your conversation with the desk." in said(told)
        (shared,) = [m for m in desk.ana.inbox if m.files]
        kept = desk.slack.world.files[shared.files[0]["id"]]
        assert kept.name == "text-1.txt"
        assert kept.content is not None
        assert set(words) <= set(kept.content.decode().split())


async def test_the_scopes_of_the_manifest_are_enough_for_everything_even_without_the_optional_ones() -> None:
    told: Any = manifest()
    told["oauth_config"]["scopes"]["bot_optional"] = []
    async with a_desk(app=AppConfig.from_manifest(told)) as desk:
        await desk.ana.slash("/desk draft Ships today picture=minimal for mastodon", "desk")
        card = await desk.later(lambda: next((m for m in desk.slack.messages("desk") if "Approve" in labels(m)), None))
        await desk.later(lambda: any(b["type"] == "image" for b in card.blocks))
        await desk.ana.click(card, "Edit")
        await form(desk)
        await desk.ana.open_home()
        await desk.ana.open_home("messages")
        await desk.ana.dm("help")
        await desk.ana.mention("desk", "help")
        await desk.ana.shortcut("new_draft")
        desk.slack.channel("news", "ana", bot=False)
        await desk.slack.invite_bot("news")
        await desk.later(lambda: desk.slack.world.prompts and desk.ana.home and desk.slack.messages("news"))
        refused = [e for e in desk.slack.world.transcript.entries if "missing_scope" in e.detail]
        assert refused == []


async def test_fifty_people_press_at_once_and_each_is_acknowledged_and_asked() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        people = [desk.slack.join(f"p{number}") for number in range(50)]
        desk.slack.world.channel("desk").members |= {person.id for person in people}
        await asyncio.gather(*(person.click(card, "Edit") for person in people))
        await desk.until(lambda: all(p.modal and p.modal.content.get("submit") for p in people), 20)
        assert max(desk.slack.latencies) < ACK_SECONDS


async def test_a_role_follows_a_user_group() -> None:
    async with a_desk() as desk:
        group = desk.slack.group("press", "ana")
        admin = await desk.world.actor()
        await desk.world.services.identities.map_group(
            admin, surface="slack", team=desk.slack.world.team_id, group=group, name="press", role=Role.APPROVER
        )
        card = await desk.draft()
        await desk.ana.click(card, "Approve")
        await desk.until(lambda: "Status: Approved" in said(card))


@pytest.mark.parametrize("shown", ["", "|ana"])
async def test_a_mention_means_the_account_that_was_picked_and_not_who_took_its_name_first(shown: str) -> None:
    async with a_desk() as desk:
        mallory = desk.slack.join("Ana B")
        desk.slack.world.channel("desk").members.add(mallory.id)
        await mallory.slash("/desk help", "desk")
        await desk.whispered(mallory, "What you can type")
        real = desk.slack.join("ana.b")
        real.user.name = "Ana B"
        desk.slack.world.channel("desk").members.add(real.id)
        await real.slash("/desk help", "desk")
        await desk.whispered(real, "What you can type")
        await desk.ada.slash(f"/desk roles <@{real.id}{shown}>=approver", "desk")
        await desk.whispered(desk.ada, "approver")
        roles = {i.user: i.person_id for i in await desk.world.store.read(lambda tx: tx.identities.list("slack"))}
        people = await desk.world.store.read(lambda tx: {p.id: p.role.value for p in tx.people.list()})
        assert (people[roles[mallory.id]], people[roles[real.id]]) == ("author", "approver")


async def test_fifty_commands_are_acknowledged_before_the_first_is_worked_on() -> None:
    async with a_desk() as desk:
        await asyncio.gather(*(desk.ana.slash(f"/desk show {number}", "desk") for number in range(50)))
        await desk.until(lambda: desk.slack.world.transcript.named("users.info"))
        said = [e.what for e in desk.slack.world.transcript.entries]
        assert said[: said.index("users.info")].count("socket 1 ack") == 50


async def test_a_form_that_waits_for_the_desk_holds_nobody_up() -> None:
    async with a_desk() as desk:
        card = await desk.draft()
        await desk.ana.click(card, "Regenerate")
        await desk.until(lambda: desk.ana.modal and desk.ana.modal.content.get("submit"))
        desk.world.model.gate = asyncio.Event()
        sending = asyncio.create_task(desk.ana.submit(values={"What should change?": "Shorter."}))
        await desk.until(lambda: len(desk.world.model.tasks) == 2)
        await desk.ada.slash("/desk help", "desk")
        await desk.whispered(desk.ada, "What you can type")
        assert not sending.done()
        desk.world.model.gate.set()
        await sending
