"""The bot is written to: in a channel by its name, in a conversation by anything; and never by a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.domain.actor import Role
from tests.fakes.discord import FakeDiscord, Person
from tests.handlers.discord.driving import DESK, Newsroom, labels, make_newsroom, text, title

if TYPE_CHECKING:
    from tests.handlers.world import World


async def test_a_mention_is_answered_in_a_thread_made_from_it(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    said = await ada.mention(DESK, "draft Ships on Sunday picture=no")
    await room.until(lambda: said.thread and len(fake.thread(said)) == 1)
    (card,) = fake.thread(said)
    assert title(card) == "Draft 1 · Ships on Sunday"
    assert room.in_channel() == []
    await room.settle()


async def test_in_a_thread_the_answer_stays_in_it(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    said = await ada.mention(DESK, "draft First picture=no")
    await room.until(lambda: said.thread and fake.thread(said))
    await ada.mention(said.thread or "", "draft Second picture=no")
    await room.until(lambda: len([m for m in fake.thread(said) if m.author is fake.world.bot]) == 2)
    await room.settle()
    card = fake.thread(said)[-1]
    await room.until(lambda: "Approve" in labels(card))
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))


async def test_what_only_the_asker_should_read_comes_as_a_direct_message(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    said = await ada.mention(DESK, "queue")
    await room.until(lambda: ada.inbox)
    assert title(ada.inbox[0]) == "The queue"
    assert said.thread is None


async def test_who_takes_no_direct_messages_is_told_how_else(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    ada.refuse_dms()
    said = await ada.mention(DESK, "queue")
    await room.until(lambda: said.thread and fake.thread(said))
    assert title(fake.thread(said)[0]) == "I can't write to you in private"


async def test_in_a_conversation_everything_is_for_the_bot(room: Newsroom, ada: Person) -> None:
    await ada.dm("draft Ships on Sunday picture=no")
    await room.until(lambda: len(ada.inbox) == 2)
    card = ada.inbox[1]
    await room.until(lambda: "Approve" in labels(card))
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    await ada.dm("help")
    await room.until(lambda: title(ada.inbox[-1]) == "What you can type")
    await ada.click(ada.inbox[-1], "Write a draft")
    assert labels(await room.whisper(ada))[1:] == ["Picture"]


async def test_roles_and_channels_are_words_too(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    role = fake.role("Editors", mentionable=True)
    channel = fake.channel("launch")
    await ada.mention(DESK, f"draft Ask <@&{role.id}> in <#{channel.id}> picture=no")
    await room.until(lambda: room.world.model.tasks)
    assert room.world.model.tasks[0].brief.text == f"Ask group:{role.id}(Editors) in #launch"
    await room.settle()


async def test_other_people_are_called_by_their_names(room: Newsroom, ada: Person, bo: Person) -> None:
    await bo.mention(DESK, "help")
    await room.until(lambda: bo.inbox)
    await ada.mention(DESK, f"roles <@{bo.id}>=viewer")
    await room.until(lambda: ada.inbox)
    people = await room.world.store.read(lambda tx: tx.people.list())
    assert {p.name: p.role.value for p in people}["Bo"] == "viewer"


async def test_the_bot_answers_no_machine_and_never_itself(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    robot = fake.join("Robot", "manager", bot=True)
    await robot.mention(DESK, "draft A loop picture=no")
    await robot.dm("draft A loop picture=no")
    loud = f"Say hello to <@{fake.world.bot.id}>"
    await ada.slash("desk draft", DESK, brief=loud)
    await ada.mention(DESK, "help")
    await room.until(lambda: ada.inbox and room.in_channel())
    await room.settle()
    assert [s.draft.brief.text for s in await room.world.services.board.drafts()] == [loud]


async def test_an_answer_to_a_card_is_no_command_unless_it_calls_the_bot(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.say(DESK, "thanks", reply_to=card)
    await ada.say(DESK, "draft Something else")
    await ada.mention(DESK, "help", reply_to=card)
    await room.until(lambda: ada.inbox)
    await room.settle()
    assert len(ada.inbox) == 1
    assert len(await room.world.services.board.drafts()) == 1


async def test_nothing_a_person_or_model_writes_rings_anybody(room: Newsroom, ada: Person, bo: Person) -> None:
    await ada.slash("desk draft", DESK, brief=f"@everyone @here <@{bo.id}> [free](https://evil.example)")
    await room.until(lambda: room.in_channel() and "evil" in text(room.in_channel()[0]))
    (card,) = room.in_channel()
    assert card.pinged == set()
    assert "\\@everyone \\@here \\<@" in text(card)
    assert "](" not in text(card).replace("\\](", "")


async def test_somebody_from_outside_may_only_look(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    await room.draft(ada)
    stranger = Person(fake, fake.world.add_user("Stranger"))
    await stranger.dm("show 1")
    await room.until(lambda: stranger.inbox[1:] and "Approve" in labels(stranger.inbox[1]))
    await stranger.click(stranger.inbox[1], "Approve")
    refused = await room.whisper(stranger)
    assert "approve" in text(refused).casefold()
    (draft,) = await room.world.services.board.drafts()
    assert draft.draft.approval is None
    people = await room.world.store.read(lambda tx: tx.people.list())
    assert {p.name: p.role.value for p in people}["Stranger"] == "viewer"


async def test_a_member_is_known_in_a_conversation_too(room: Newsroom, bo: Person, fake: FakeDiscord) -> None:
    fake.guild("other")
    await bo.dm("help")
    await room.until(lambda: len(bo.inbox) == 2)
    people = await room.world.store.read(lambda tx: tx.people.list())
    assert {p.name: p.role.value for p in people}["Bo"] == "author"


async def test_roles_of_the_server_count_at_the_click(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    role = fake.role("Approvers")
    eve = fake.join("Eve")
    card = await room.draft(ada)
    await room.world.services.identities.map_group(
        await room.world.actor(),
        surface="discord",
        team=fake.world.guild.id,
        group=role.id,
        name=role.name,
        role=Role.APPROVER,
    )
    await eve.click(card, "Approve")
    assert "approve" in text(await room.whisper(eve)).casefold()
    fake.give("Eve", role.name)
    await eve.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))


@pytest.mark.parametrize("deny", [(), ("send_messages",)])
async def test_a_new_server_is_welcomed_where_the_bot_may_write(
    fake: FakeDiscord, desk: World, deny: tuple[str, ...]
) -> None:
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        made = fake.world.add_guild("Acme two")
        channel = fake.world.add_channel("general", made)
        if deny:
            channel.overwrites[fake.world.bot.id] = (0, 1 << 11)
        told = fake.world.guild_payload(made)
        del told["unavailable"]  # Discord says this of servers the bot was in before
        fake.world.on_event("GUILD_CREATE", told)
        await ada_says_hello(room, fake)
        assert len(fake.messages("general")) == (0 if deny else 1)


async def ada_says_hello(room: Newsroom, fake: FakeDiscord) -> None:
    """Something that is answered after everything that came before it."""
    ada = fake.join("Ada", "manager")
    await ada.slash("desk help", DESK)
    await room.whisper(ada)
    await room.settle()
