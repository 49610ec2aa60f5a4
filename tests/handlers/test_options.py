"""Options that are chosen and words that are typed lead to the same command."""

from __future__ import annotations

import pytest

from handlers.grammar import Command, Linked, Word, parse
from handlers.options import OPTIONS, Kind, command_of
from handlers.routes import COMMANDS
from services.domain.errors import InvalidInput

NETWORKS = ("mastodon", "bluesky", "Mastodon", "Bluesky")
SAME = [
    ("draft", Word.DRAFT, {}),
    ("draft Ships today", Word.DRAFT, {"brief": " Ships today "}),
    (
        'draft Ships today brand=acme tone="warm and plain" parts=4 picture=minimal for mastodon,@a@b.example\n\nFacts',
        Word.DRAFT,
        {
            "brief": "Ships today",
            "networks": "mastodon, @a@b.example",
            "brand": "acme",
            "tone": "warm and plain",
            "parts": "4",
            "picture": "minimal",
            "notes": "Facts",
        },
    ),
    ("draft Ships picture=no", Word.DRAFT, {"brief": "Ships", "picture": "no"}),
    (
        "thread A topic parts=5 for mastodon and bluesky",
        Word.THREAD,
        {"brief": "A topic", "parts": "5", "networks": "mastodon and bluesky"},
    ),
    (
        "adapt 12 for bluesky from mastodon tone=dry parts=2\n\nshorter",
        Word.ADAPT,
        {"draft": "12", "networks": "bluesky", "source": "mastodon", "tone": "dry", "parts": "2", "wish": "shorter"},
    ),
    ("image 12", Word.IMAGE, {"draft": "12"}),
    (
        "image 12 https://www.e.example/a.jpg Waves at dusk",
        Word.IMAGE,
        {"draft": "12", "link": "<www.e.example/a.jpg>", "words": "Waves at dusk"},
    ),
    (
        "image 12 https://e.example/a.jpg The pier https://e.example/b.jpg Waves",
        Word.IMAGE,
        {"draft": "12", "link": "https://e.example/a.jpg The pier https://e.example/b.jpg", "words": "Waves"},
    ),
    ("image 12 pier.jpg", Word.IMAGE, {"draft": "12", "words": "pier.jpg"}),
    ("image 12 a pier style=minimal", Word.IMAGE, {"draft": "12", "words": "a pier", "style": "minimal"}),
    ("queue", Word.QUEUE, {}),
    ("queue review", Word.QUEUE, {"view": "review"}),
    ("show 12", Word.SHOW, {"draft": "12"}),
    ("show the release", Word.SHOW, {"draft": "the release"}),
    ("schedule", Word.SCHEDULE, {}),
    ("schedule 12 tomorrow 9am", Word.SCHEDULE, {"draft": "12", "when": "tomorrow 9am"}),
    ("report", Word.REPORT, {}),
    ("report 6w bluesky", Word.REPORT, {"network": "bluesky", "period": "6w"}),
    ("freeze", Word.FREEZE, {}),
    ("thaw", Word.THAW, {}),
    ("accounts", Word.ACCOUNTS, {}),
    ("account options @driftseas.test", Word.ACCOUNTS, {"options": "@driftseas.test"}),
    ("connect", Word.CONNECT, {}),
    ("connect x", Word.CONNECT, {"network": "x"}),
    ("connect mastodon mastodon.social", Word.CONNECT, {"network": "mastodon", "detail": "mastodon.social"}),
    ("channel", Word.CHANNEL, {}),
    ("channel report off", Word.CHANNEL, {"purpose": "report off"}),
    ("channel report here at 09:00", Word.CHANNEL, {"purpose": "report here", "at": "09:00"}),
    ("channel report here at 9am", Word.CHANNEL, {"at": "9am"}),
    ("channel review here", Word.CHANNEL, {"purpose": "review here"}),
    ("settings", Word.SETTINGS, {}),
    ("settings four-eyes on", Word.SETTINGS, {"switch": "four-eyes on"}),
    ("settings zone Europe/Berlin", Word.SETTINGS, {"zone": "Europe/Berlin"}),
    ("settings late 60", Word.SETTINGS, {"late": "60"}),
    ("settings link", Word.SETTINGS, {"switch": "link"}),
    ("settings unlink", Word.SETTINGS, {"switch": "unlink"}),
    ("settings link K7QF-29XM", Word.SETTINGS, {"link": "K7QF-29XM"}),
    ("roles", Word.ROLES, {}),
    ("roles Bo Berg=author", Word.ROLES, {"person": "Bo Berg", "role": "author"}),
    ("roles group:42(Editors)=approver", Word.ROLES, {"group": "group:42(Editors)", "role": "approver"}),
    ("help", Word.HELP, {}),
]


@pytest.mark.parametrize(("typed", "word", "chosen"), SAME, ids=[typed.split("\n")[0] for typed, _, _ in SAME])
def test_what_is_chosen_is_what_would_have_been_typed(typed: str, word: Word, chosen: dict[str, str]) -> None:
    command = parse(typed, NETWORKS)
    assert isinstance(command, Command)
    assert command_of(word, chosen) == command
    assert set(chosen) <= {o.name for o in OPTIONS[word].options}


def test_what_is_no_address_stays_one_so_that_it_is_told() -> None:
    command = command_of(Word.IMAGE, {"draft": "12", "link": "e.example/a.jpg", "words": "Waves"})
    assert command.links == (Linked(link="e.example/a.jpg", words="Waves"),)


def test_every_word_has_its_row_and_every_option_is_tried() -> None:
    assert set(OPTIONS) == set(Word) == set(COMMANDS)
    tried = {(word, name) for _, word, chosen in SAME for name in chosen}
    shared = {(Word.THREAD, name) for name in ("brand", "tone", "picture", "notes")}
    assert {(word, o.name) for word, entry in OPTIONS.items() for o in entry.options} == tried | shared


def test_the_table_fits_every_chat() -> None:
    for word, entry in OPTIONS.items():
        assert 1 <= len(entry.description) <= 100, word
        assert len(entry.options) <= 25
        required = [o.required for o in entry.options]
        assert required == sorted(required, reverse=True), "what must be given comes first"
        for option in entry.options:
            assert 1 <= len(option.description) <= 100, option.name
            assert option.name.islower()
            assert option.name.isidentifier()
            assert (option.kind is Kind.CHOICE) == bool(option.choices)
            assert (option.kind is Kind.SUGGESTED) == bool(option.source)
            assert len(option.choices) <= 25


@pytest.mark.parametrize(
    ("word", "chosen", "field"),
    [
        (Word.DRAFT, {"brief": "x", "picture": "cubist"}, "picture"),
        (Word.SCHEDULE, {"when": "tomorrow 9am"}, "draft"),
        (Word.SETTINGS, {"late": "60", "zone": "UTC"}, "zone"),
        (Word.ROLES, {"person": "Bo"}, "role"),
        (Word.ROLES, {"role": "author"}, "person"),
        (Word.ROLES, {"person": "Bo", "group": "group:1(x)", "role": "author"}, "group"),
    ],
)
def test_what_can_not_be_meant_is_asked_back(word: Word, chosen: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        command_of(word, chosen)
    assert caught.value.field == field
    assert caught.value.next_step
