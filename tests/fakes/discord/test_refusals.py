"""What Discord refuses in messages, forms and commands: each rule catches a breach and lets its neighbour pass."""

from __future__ import annotations

import copy
import io
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.fakes.discord.basics import ApiError, Json, invalid
from tests.fakes.discord.commands import commands_problems
from tests.fakes.discord.components import message_problems, modal_problems
from tests.fakes.discord.person import Person
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.tinybot import Card, Client, TinyBot

NOBODY: Json = {"parse": []}
V2 = 1 << 15


def text(content: str = "Hello") -> Json:
    return {"type": 10, "content": content}


def button(**more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def menu(**more: Any) -> Json:
    return {"type": 3, "custom_id": "menu", "options": [option("a")], **more}


def option(value: str, **more: Any) -> Json:
    return {"label": value, "value": value, **more}


def gallery(*descriptions: str) -> Json:
    items = [{"media": {"url": "https://a.test/a.png"}, "description": one} for one in descriptions]
    return {"type": 12, "items": items}


def buttons(count: int) -> list[Json]:
    return [button(custom_id=str(number)) for number in range(count)]


def box(*parts: Json, **more: Any) -> Json:
    return {"type": 17, "components": list(parts), **more}


def section(count: int, accessory: Json | None) -> Json:
    return {"type": 9, "components": [text()] * count, "accessory": accessory}


THUMBNAIL: Json = {"type": 11, "media": {"url": "https://a.test/a.png"}}

MESSAGES: list[tuple[str, list[Json], list[Json]]] = [
    ("BASE_TYPE_REQUIRED", [], [text()]),
    ("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", [box(*[text()] * 40)], [box(*[text()] * 39)]),
    ("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", [text("a" * 2001), box(text("a" * 2000))], [text("a" * 4000)]),
    ("BASE_TYPE_BAD_LENGTH", [text("")], [text("a")]),
    ("BASE_TYPE_BAD_TYPE", [{"type": 10, "content": 1}], [text("1")]),
    ("UNION_TYPE_CHOICES", [button()], [row(button())]),
    ("UNION_TYPE_CHOICES", [box(box(text()))], [box(text())]),
    ("UNION_TYPE_CHOICES", [row({"type": 4, "custom_id": "a", "style": 1})], [row(menu())]),
    ("UNION_TYPE_CHOICES", [section(1, text())], [section(1, button())]),
    ("BASE_TYPE_BAD_LENGTH", [row(*buttons(6))], [row(*buttons(5))]),
    ("BASE_TYPE_BAD_LENGTH", [row()], [row(button())]),
    ("COMPONENT_LAYOUT_WIDTH_EXCEEDED", [row(menu(), button())], [row(menu())]),
    ("BASE_TYPE_MAX_LENGTH", [row(button(label="a" * 81))], [row(button(label="a" * 80))]),
    ("BASE_TYPE_BAD_LENGTH", [row(button(custom_id="a" * 101))], [row(button(custom_id="a" * 100))]),
    ("COMPONENT_CUSTOM_ID_DUPLICATED", [row(button()), row(button())], [row(*buttons(2))]),
    ("COMPONENT_ID_DUPLICATED", [{**text(), "id": 1}, {**text(), "id": 1}], [{**text(), "id": 1}, text()]),
    ("NUMBER_TYPE_COERCE", [{**text(), "id": -1}], [{**text(), "id": 0}]),
    ("BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", [row(button(custom_id=None))], [row(button())]),
    ("BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", [row(button(label=None))], [row(button(emoji={"name": "x"}))]),
    ("ENUM_TYPE_COERCE", [row(button(style=9))], [row(button(style=4))]),
    (
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
        [row(button(style=5, url="https://a.test"))],
        [row({"type": 2, "style": 5, "label": "Open", "url": "https://a.test"})],
    ),
    ("BASE_TYPE_BAD_LENGTH", [row(menu(options=[]))], [row(menu())]),
    (
        "BASE_TYPE_BAD_LENGTH",
        [row(menu(options=[option(str(n)) for n in range(26)]))],
        [row(menu(options=[option(str(n)) for n in range(25)]))],
    ),
    (
        "BASE_TYPE_BAD_LENGTH",
        [row(menu(options=[{"label": "a" * 101, "value": "a"}]))],
        [row(menu(options=[option("a" * 100)]))],
    ),
    ("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", [row(menu(options=[option("a")] * 2))], [row(menu())]),
    (
        "SELECT_COMPONENT_DEFAULTS_EXCEEDED",
        [row(menu(options=[option("a", default=True), option("b", default=True)]))],
        [row(menu(options=[option("a", default=True), option("b", default=True)], max_values=2))],
    ),
    ("NUMBER_TYPE_MAX", [row(menu(min_values=2))], [row(menu(min_values=0))]),
    ("BASE_TYPE_MAX_LENGTH", [row(menu(placeholder="a" * 151))], [row(menu(placeholder="a" * 150))]),
    ("BASE_TYPE_BAD_LENGTH", [gallery()], [gallery("a")]),
    ("BASE_TYPE_BAD_LENGTH", [gallery(*"abcdefghijk")], [gallery(*"abcdefghij")]),
    ("BASE_TYPE_MAX_LENGTH", [gallery("a" * 1025)], [gallery("a" * 1024)]),
    ("URL_TYPE_INVALID_SCHEME", [{"type": 12, "items": [{"media": {"url": "file:///a"}}]}], [gallery("a")]),
    ("BASE_TYPE_REQUIRED", [{"type": 12, "items": [{"media": {}}]}], [gallery("a")]),
    ("BASE_TYPE_BAD_LENGTH", [section(4, THUMBNAIL)], [section(3, THUMBNAIL)]),
    ("BASE_TYPE_REQUIRED", [section(1, None)], [section(1, THUMBNAIL)]),
    (
        "URL_TYPE_INVALID_SCHEME",
        [{"type": 13, "file": {"url": "https://a.test/a.csv"}}],
        [{"type": 13, "file": {"url": "attachment://a.csv"}}],
    ),
    ("ENUM_TYPE_COERCE", [{"type": 14, "spacing": 3}], [{"type": 14, "spacing": 2}]),
    ("NUMBER_TYPE_MAX", [box(text(), accent_color=1 << 24)], [box(text(), accent_color=0)]),
]


@pytest.mark.parametrize(("code", "wrong", "right"), MESSAGES)
def test_components_of_messages(code: str, wrong: list[Json], right: list[Json]) -> None:
    assert [problem.code for problem in message_problems(copy.deepcopy(wrong), v2=True)] == [code]
    assert list(message_problems(copy.deepcopy(right), v2=True)) == []


def test_without_the_flag_there_are_five_rows_and_nothing_else() -> None:
    rows = [row(button(custom_id=str(number))) for number in range(5)]
    assert list(message_problems(rows, v2=False)) == []
    assert [p.code for p in message_problems([*rows, row(button())], v2=False)] == ["BASE_TYPE_BAD_LENGTH"]
    assert [p.code for p in message_problems([text()], v2=False)] == ["UNION_TYPE_CHOICES"]
    assert list(message_problems([], v2=False)) == []
    assert [p.code for p in message_problems({}, v2=False)] == ["BASE_TYPE_BAD_TYPE"]


def label(field: Json, **more: Any) -> Json:
    return {"type": 18, "label": "Text", "component": field, **more}


def line(**more: Any) -> Json:
    return {"type": 4, "custom_id": "text", "style": 1, **more}


def form(*parts: Json, **more: Any) -> Json:
    return {"title": "Edit", "custom_id": "edit", "components": list(parts), **more}


def lines(count: int) -> list[Json]:
    return [label(line(custom_id=str(number))) for number in range(count)]


FORMS: list[tuple[str, Json, Json]] = [
    ("BASE_TYPE_BAD_LENGTH", form(*lines(6)), form(*lines(5))),
    ("BASE_TYPE_BAD_LENGTH", form(), form(text(), label(line()))),
    ("BASE_TYPE_BAD_LENGTH", form(label(line()), title="a" * 46), form(label(line()), title="a" * 45)),
    ("BASE_TYPE_BAD_LENGTH", form(label(line()), custom_id=""), form(label(line()))),
    ("BASE_TYPE_BAD_LENGTH", form(label(line(), label="a" * 46)), form(label(line(), label="a" * 45))),
    ("BASE_TYPE_MAX_LENGTH", form(label(line(), description="a" * 101)), form(label(line(), description="a" * 100))),
    ("COMPONENT_LABEL_NOT_ALLOWED", form(label(line(label="Text"))), form(row(line(label="Text")))),
    ("UNION_TYPE_CHOICES", form(line()), form(label(line()))),
    ("UNION_TYPE_CHOICES", form(label(button())), form(label(menu()))),
    ("UNION_TYPE_CHOICES", form(row(menu())), form(row(line(label="Text")))),
    ("BASE_TYPE_MAX_LENGTH", form(label(line(placeholder="a" * 101))), form(label(line(placeholder="a" * 100)))),
    ("NUMBER_TYPE_MAX", form(label(line(max_length=4001))), form(label(line(max_length=4000)))),
    ("NUMBER_TYPE_MAX", form(label(line(min_length=5, max_length=4))), form(label(line(min_length=4, max_length=4)))),
    ("BASE_TYPE_MAX_LENGTH", form(label(line(max_length=3, value="abcd"))), form(label(line(value="abcd")))),
    ("ENUM_TYPE_COERCE", form(label(line(style=3))), form(label(line(style=2)))),
    (
        "NUMBER_TYPE_MAX",
        form(label({"type": 19, "custom_id": "a", "max_values": 11})),
        form(label({"type": 19, "custom_id": "a", "max_values": 10})),
    ),
    (
        "BASE_TYPE_BAD_LENGTH",
        form(label({"type": 21, "custom_id": "a", "options": [option("a")]})),
        form(label({"type": 21, "custom_id": "a", "options": [option("a"), option("b")]})),
    ),
    ("BASE_TYPE_REQUIRED", form(label({"type": 23})), form(label({"type": 23, "custom_id": "a"}))),
    ("COMPONENT_CUSTOM_ID_DUPLICATED", form(label(line()), label(line())), form(*lines(2))),
    ("BASE_TYPE_REQUIRED", {"title": "Edit", "custom_id": "edit"}, form(label(line()))),
]


@pytest.mark.parametrize(("code", "wrong", "right"), FORMS)
def test_components_of_forms(code: str, wrong: Json, right: Json) -> None:
    assert [problem.code for problem in modal_problems(wrong)] == [code]
    assert list(modal_problems(right)) == []


def command(name: str = "desk", *options: Json, **more: Any) -> Json:
    return {"name": name, "description": "The desk", "options": list(options), **more}


def said(name: str = "brief", **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "A brief", **more}


def sub(name: str, *options: Json, kind: int = 1) -> Json:
    return {"type": kind, "name": name, "description": "Below", "options": list(options)}


def large(size: int) -> Json:
    """A command of this many characters, in choices of one option each."""
    parts: list[Json] = []
    left = size - len("desk") - len("The desk")
    while left > 0:
        number = f"o{len(parts)}"
        rest = min(left, 100 + len(number))
        parts.append(said(number, description="d" * (rest - len(number))))
        left -= rest
    groups = [parts[start : start + 25] for start in range(0, len(parts), 25)]
    assert len(groups) == 4
    for index, group in enumerate(groups):
        group[0]["description"] = group[0]["description"][len(f"s{index}") + 1 :]
    return command("desk", *(sub(f"s{index}", *group) | {"description": "d"} for index, group in enumerate(groups)))


def choices(count: int, value: Any = "a") -> list[Json]:
    return [{"name": str(number), "value": value} for number in range(count)]


COMMANDS: list[tuple[str, list[Json], list[Json]]] = [
    ("APPLICATION_COMMAND_INVALID_NAME", [command("Desk")], [command("desk-2_a")]),
    ("APPLICATION_COMMAND_INVALID_NAME", [command("a" * 33)], [command("a" * 32)]),
    ("APPLICATION_COMMAND_INVALID_NAME", [command("de sk")], [command("ðesk")]),
    ("BASE_TYPE_BAD_LENGTH", [command(description="")], [command(description="a")]),
    ("BASE_TYPE_BAD_LENGTH", [command(description="a" * 101)], [command(description="a" * 100)]),
    (
        "BASE_TYPE_MAX_LENGTH",
        [command("desk", *(said(f"a{n}") for n in range(26)))],
        [command("desk", *(said(f"a{n}") for n in range(25)))],
    ),
    (
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        [command("desk", said("a"), said("b", required=True))],
        [command("desk", said("b", required=True), said("a"))],
    ),
    ("APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", [command("desk", said(), said())], [command("desk", said())]),
    (
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        [command("desk", sub("draft"), said())],
        [command("desk", sub("draft", said()))],
    ),
    (
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        [command("desk", sub("draft", sub("deep")))],
        [command("desk", sub("more", sub("deep"), kind=2))],
    ),
    (
        "BASE_TYPE_MAX_LENGTH",
        [command("desk", said(choices=choices(26)))],
        [command("desk", said(choices=choices(25)))],
    ),
    (
        "BASE_TYPE_BAD_LENGTH",
        [command("desk", said(choices=choices(1, "a" * 101)))],
        [command("desk", said(choices=choices(1, "a" * 100)))],
    ),
    (
        "BASE_TYPE_BAD_TYPE",
        [command("desk", said(type=4, choices=choices(1, "a")))],
        [command("desk", said(type=4, choices=choices(1, 1)))],
    ),
    (
        "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
        [command("desk", said(choices=choices(1), autocomplete=True))],
        [command("desk", said(autocomplete=True))],
    ),
    (
        "APPLICATION_COMMAND_OPTIONS_CHOICES_NOT_ALLOWED",
        [command("desk", said(type=6, autocomplete=True))],
        [command("desk", said(type=6))],
    ),
    ("NUMBER_TYPE_MAX", [command("desk", said(max_length=6001))], [command("desk", said(max_length=6000))]),
    ("APPLICATION_COMMANDS_DUPLICATE_NAME", [command(), command()], [command(), command(type=3, description="")]),
    (
        "APPLICATION_COMMAND_TOO_MANY",
        [command(f"a{n}") for n in range(101)],
        [command(f"a{n}") for n in range(100)],
    ),
    (
        "APPLICATION_COMMAND_TOO_MANY",
        [command(f"A {n}", type=3, description="") for n in range(16)],
        [command(f"A {n}", type=3, description="") for n in range(15)],
    ),
    ("APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", [command("A B", type=3)], [command("A B", type=3, description="")]),
    (
        "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED",
        [command("A B", said(), type=2, description="")],
        [command("A B", type=2, description="")],
    ),
    ("APPLICATION_COMMAND_TOO_LARGE", [large(8001)], [large(8000)]),
]


@pytest.mark.parametrize(("code", "wrong", "right"), COMMANDS)
def test_commands(code: str, wrong: list[Json], right: list[Json]) -> None:
    assert [problem.code for problem in commands_problems(wrong)] == [code]
    assert list(commands_problems(right)) == []


def test_problems_are_told_where_they_are() -> None:
    problems = message_problems([box(text(), row(button(label="a" * 81)))], v2=True)
    error = invalid(problems)
    told = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 80 or fewer in length."}
    places: Json = {"components": {"1": {"components": {"0": {"label": {"_errors": [told]}}}}}}
    assert error.body() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {"components": {"0": places}},
    }
    assert isinstance(error, ApiError)


# What a message as a whole may not be


@pytest.fixture
def ana(fake_discord: FakeDiscord) -> Person:
    person = fake_discord.join("ana")
    fake_discord.channel("desk")
    return person


async def post(bot: Client, fake: FakeDiscord, body: Json) -> Any:
    route = Route("POST", "/channels/{c}/messages", c=fake.world.channel("desk").id)
    return await bot.http.request(route, json={"allowed_mentions": NOBODY, **body})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": "x", "components": [text()], "flags": V2}, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        ({"embeds": [{"title": "x"}], "components": [text()], "flags": V2}, "MESSAGE_CANNOT_USE_LEGACY_FIELDS"),
        ({"poll": {"question": {}}, "components": [text()], "flags": V2}, "MESSAGE_CANNOT_USE_LEGACY_FIELDS"),
        ({"components": [text()]}, "UNION_TYPE_CHOICES"),
        ({"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "flags": 1 << 7}, "MESSAGE_INVALID_FLAGS"),
        ({"embeds": [{"title": "x"}] * 11}, "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 4096}, {"description": "x" * 2000}]}, "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [{"fields": [{"name": "x", "value": "x" * 1025}]}]}, "BASE_TYPE_MAX_LENGTH"),
        (
            {"components": [{"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}], "flags": V2},
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        ),
        ({"content": "x", "attachments": [{"id": 0}]}, "ATTACHMENT_NOT_FOUND"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, "REPLIES_UNKNOWN_MESSAGE"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
    ],
)
async def test_messages_that_are_refused(fake_discord: FakeDiscord, ana: Person, body: Json, code: str) -> None:
    async with TinyBot(fake_discord) as bot:
        with pytest.raises(discord.HTTPException) as caught:
            await post(bot, fake_discord, body)
        assert (caught.value.status, caught.value.code) == (400, 50035)
        assert code in str(fake_discord.world.transcript)
        assert fake_discord.messages("desk") == []


async def test_nothing_is_no_message(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        with pytest.raises(discord.HTTPException, match="50006"):
            await post(bot, fake_discord, {"content": " "})


async def test_the_flag_stays_and_legacy_fields_stay_out(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        told = await post(bot, fake_discord, {"components": [text()], "flags": V2})
        route = Route("PATCH", f"/channels/{told['channel_id']}/messages/{told['id']}")
        for body, code in (
            ({"flags": 0, "components": [], "content": "x"}, "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG"),
            ({"content": "x"}, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
        ):
            with pytest.raises(discord.HTTPException, match="50035"):
                await bot.http.request(route, json={"allowed_mentions": NOBODY, **body})
            assert code in str(fake_discord.world.transcript)
        await bot.http.request(route, json={"allowed_mentions": NOBODY, "components": [text("Changed")]})
        assert [message.text for message in fake_discord.messages("desk")] == ["Changed"]
        assert fake_discord.messages("desk")[0].v2


async def test_a_plain_message_can_become_one_of_components(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        told = await post(bot, fake_discord, {"content": "x"})
        route = Route("PATCH", f"/channels/{told['channel_id']}/messages/{told['id']}")
        body: Json = {"components": [text()], "flags": V2, "allowed_mentions": NOBODY}
        with pytest.raises(discord.HTTPException, match="50035"):
            await bot.http.request(route, json=body)
        await bot.http.request(route, json={**body, "content": None})
        assert fake_discord.messages("desk")[0].text == "Hello"


async def test_files_up_to_ten_mebibytes(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        desk = bot.guilds[0].text_channels[0]
        most = 10 * 1024 * 1024
        with pytest.raises(discord.HTTPException) as caught:
            await desk.send(file=discord.File(io.BytesIO(bytes(most + 1)), "a.bin"))
        assert (caught.value.status, caught.value.code) == (413, 40005)
        together = [discord.File(io.BytesIO(bytes(most * 9 // 10)), f"{n}.bin") for n in range(3)]
        with pytest.raises(discord.HTTPException) as caught:
            await desk.send(files=together)
        assert (caught.value.status, caught.value.code) == (413, 40005)
        message = await desk.send(file=discord.File(io.BytesIO(bytes(most)), "a.bin", description="Nothing"))
        (file,) = message.attachments
        assert (file.size, file.description) == (most, "Nothing")
        assert await file.read() == bytes(most)


async def test_an_edit_keeps_the_files_it_lists(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        desk = bot.guilds[0].text_channels[0]
        nobody = discord.AllowedMentions.none()
        message = await desk.send(view=Card("A", picture="a.png"), file=discord.File(io.BytesIO(b"a"), "a.png"))
        await message.edit(view=Card("B", picture="a.png"), allowed_mentions=nobody)
        (kept,) = fake_discord.messages("desk")
        assert [file.content for file in kept.attachments] == [b"a"]
        other = discord.File(io.BytesIO(b"b"), "b.png")
        await message.edit(view=Card("C", picture="b.png"), attachments=[other], allowed_mentions=nobody)
        assert [file.content for file in kept.attachments] == [b"b"]
        with pytest.raises(discord.HTTPException, match="50035"):
            await message.edit(attachments=[])


async def test_threads(fake_discord: FakeDiscord, ana: Person) -> None:
    async with TinyBot(fake_discord) as bot:
        desk = bot.guilds[0].text_channels[0]
        message = await desk.send(view=Card("Hello"))
        thread = await message.create_thread(name="A talk")
        await message.edit(view=Card("Changed"), allowed_mentions=discord.AllowedMentions.none())
        assert (await desk.fetch_message(message.id)).flags.has_thread
        assert thread.id == message.id
        with pytest.raises(discord.HTTPException) as caught:
            await message.create_thread(name="Another")
        assert caught.value.code == 160004
        with pytest.raises(discord.HTTPException, match="50035"):
            await desk.create_thread(name="", type=discord.ChannelType.public_thread)
        await thread.edit(archived=True)
        await thread.send("Awake again")
        assert not fake_discord.world.channels[str(thread.id)].archived
        with pytest.raises(discord.Forbidden, match="50013"):
            await thread.delete()
        fake_discord.delete_channel("A talk")
        with pytest.raises(discord.NotFound, match="10003"):
            await thread.send("Gone")


async def test_the_door(fake_discord: FakeDiscord, ana: Person) -> None:
    url = f"{fake_discord.api_url}/users/@me"
    token = f"Bot {fake_discord.world.app.token}"
    async with aiohttp.ClientSession() as session:
        assert (await session.get(url)).status == 401
        answer = await session.get(url, headers={"Authorization": token})
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Via"] == "1.1 google"
        post_url = f"{fake_discord.api_url}/users/@me/channels"
        for headers, data, code in (
            ({"Content-Type": "application/json"}, "{", 50109),
            ({"Content-Type": "text/plain"}, "x", 50035),
        ):
            answer = await session.post(post_url, data=data, headers={"Authorization": token, **headers})
            assert (answer.status, (await answer.json())["code"]) == (400, code)
