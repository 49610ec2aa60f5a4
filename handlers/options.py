"""Every command word with its options, for chats that let people choose them: one table, and one way to a command."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from handlers.endpoints.queue import VIEWS
from handlers.grammar import Command, Linked, Word, linked, picture_word, whole_link
from handlers.views.form import Option
from services.domain.errors import InvalidInput
from services.domain.media import PictureStyle
from services.domain.post import MOST_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT_MOST: Final = 6000
"""Characters of an option: Discord's limit."""


class Kind(StrEnum):
    """How an option is filled in."""

    TEXT = "text"
    CHOICE = "choice"
    """One of the values that are there."""
    SUGGESTED = "suggested"
    """Text, with what may follow offered while it is typed."""
    GROUP = "group"
    """A role or group of the chat, as `group:<id>(<name>)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOption:
    """One thing that may be said with a word."""

    name: str
    description: str
    """At most 100 characters."""
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[Option, ...] = ()
    source: str = ""
    """What is suggested: "network", "draft" …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A word: what it does, and what may be said with it."""

    description: str
    """At most 100 characters."""
    options: tuple[CommandOption, ...] = ()


def _suggested(name: str, description: str, source: str, *, required: bool = False) -> CommandOption:
    return CommandOption(name=name, description=description, kind=Kind.SUGGESTED, source=source, required=required)


def _choice(name: str, description: str, **values: str) -> CommandOption:
    choices = tuple(Option(value=value.replace("_", " "), text=text) for value, text in values.items())
    return CommandOption(name=name, description=description, kind=Kind.CHOICE, choices=choices)


_NETWORKS: Final = _suggested(
    "networks", "Where it goes, separated by commas; without, every connected account", "network"
)
_PARTS: Final = CommandOption(name="parts", description=f"Posts of a thread, 2 to {MOST_PARTS}; 1 is a single post")
_TONE: Final = CommandOption(
    name="tone", description="How it should sound, within the brand's tone: dry, warm and plain …"
)
_DRAFT: Final = _suggested("draft", "Its number; type words of it to find it", "draft")
_CHOICES: Final = (
    _NETWORKS,
    _suggested("brand", "Another brand than the usual one", "brand"),
    _TONE,
    _PARTS,
    CommandOption(
        name="picture",
        description="With a picture of this style, or without; else as the settings say",
        kind=Kind.CHOICE,
        choices=(
            Option(value="no", text="Without a picture"),
            Option(value="yes", text="With a picture"),
            *(Option(value=style.value, text=f"With a picture, {style.value}") for style in PictureStyle),
        ),
    ),
    CommandOption(name="notes", description="Facts, numbers and links the writer may draw on"),
)
OPTIONS: Final[Mapping[Word, Entry]] = {
    Word.DRAFT: Entry(
        description="Write a post",
        options=(CommandOption(name="brief", description="What it is about; without, a form asks"), *_CHOICES),
    ),
    Word.THREAD: Entry(
        description="Write a thread: hook, points, takeaway, close",
        options=(CommandOption(name="brief", description="The topic; without, a form asks"), *_CHOICES),
    ),
    Word.ADAPT: Entry(
        description="Say a finished draft again for another network, as a new draft",
        options=(
            _suggested("draft", "Its number; type words of it to find it", "draft", required=True),
            _suggested("networks", "Which networks, separated by commas", "network"),
            _suggested("source", "Whose text: a network or @handle", "network"),
            _TONE,
            _PARTS,
            CommandOption(name="wish", description="What should be different there"),
        ),
    ),
    Word.IMAGE: Entry(
        description="Show a picture, video or PDF with a draft",
        options=(
            _suggested("draft", "Its number; type words of it to find it", "draft", required=True),
            CommandOption(
                name="link",
                description="Where the file lies: https://…, or several; without, a picture is made",
            ),
            CommandOption(name="words", description="What is seen there, for those who can't; or what should be seen"),
            _choice("style", "Of a picture that is made", **{s.value: s.value.capitalize() for s in PictureStyle}),
        ),
    ),
    Word.QUEUE: Entry(
        description="What is on the desk",
        options=(
            CommandOption(
                name="view",
                description="Only a part of it",
                kind=Kind.CHOICE,
                choices=tuple(Option(value=view, text=title) for view, (_, title, _) in VIEWS.items() if view),
            ),
        ),
    ),
    Word.SHOW: Entry(description="Open a draft", options=(_DRAFT,)),
    Word.SCHEDULE: Entry(
        description="What is planned; or plan a draft",
        options=(
            _DRAFT,
            CommandOption(name="when", description="“tomorrow 9am”, “Fri 17:30” or 2027-01-31T09:00+01:00"),
        ),
    ),
    Word.REPORT: Entry(
        description="What the numbers say, with charts",
        options=(
            CommandOption(name="period", description="Days or weeks: 7d, 28d, 6w; 28 days unless said otherwise"),
            _suggested("network", "Only this one", "network"),
        ),
    ),
    Word.FREEZE: Entry(description="Hold everything back at once"),
    Word.THAW: Entry(description="Let what was held back go on"),
    Word.ACCOUNTS: Entry(
        description="What is connected, and whether it works; or what drafts for one begin with",
        options=(_suggested("options", "The account whose standing choices you want to set", "account"),),
    ),
    Word.CONNECT: Entry(
        description="Sign in at a network, so that the desk can post there",
        options=(
            _suggested("network", "Which one; without, all of them are listed", "platform"),
            CommandOption(name="detail", description="For Mastodon the server: mastodon.social"),
        ),
    ),
    Word.CHANNEL: Entry(
        description="What this channel gets by itself",
        options=(
            _choice(
                "purpose",
                "What should come here, or stop coming",
                report_here="The digest of each morning",
                report_off="No digest any more",
                review_here="Drafts that wait for approval",
                review_off="No drafts for approval any more",
            ),
            CommandOption(name="at", description="When the digest comes: 09:00, 9am"),
        ),
    ),
    Word.SETTINGS: Entry(
        description="The desk's switches and your time zone",
        options=(
            _suggested("zone", "Your time zone, such as Europe/Berlin", "zone"),
            CommandOption(
                name="switch",
                description="Turn one on or off",
                kind=Kind.CHOICE,
                choices=(
                    Option(value="four-eyes on", text="Four eyes: the author may not approve"),
                    Option(value="four-eyes off", text="The author may approve"),
                    Option(value="review on", text="Approve only after somebody asked for review"),
                    Option(value="review off", text="Approve at any time"),
                    Option(value="pictures on", text="A picture with each draft"),
                    Option(value="pictures off", text="Pictures only when asked"),
                    Option(value="link", text="A code that links another account of yours"),
                    Option(value="unlink", text="This account is no more one of several"),
                ),
            ),
            CommandOption(name="late", description="Hold posts that are late by more than this many minutes"),
            CommandOption(name="link", description="The code that links this account to another one of yours"),
        ),
    ),
    Word.ROLES: Entry(
        description="Who may do what; or change it",
        options=(
            _suggested("person", "Whose role", "person"),
            CommandOption(name="group", description="Everybody with this role in the chat", kind=Kind.GROUP),
            _suggested("role", "What they may do from now on", "role"),
        ),
    ),
    Word.HELP: Entry(description="What can be typed"),
}
"""In the order in which people see them."""
_LIST: Final = re.compile(r"\s*[,&]\s*|\s+and\s+|\s+")


def command_of(word: Word, values: Mapping[str, str]) -> Command:
    """The command that was chosen, the same as the one that is typed; raises `InvalidInput` for what can't be meant."""
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    return _MAKERS.get(word, _plain)(word, given)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in _LIST.split(text) if name)


def _draft(word: Word, given: Mapping[str, str]) -> Command:
    return Command(
        word=word,
        rest=given.get("brief", ""),
        notes=given.get("notes", ""),
        networks=_names(given.get("networks", "")),
        brand=given.get("brand", ""),
        tone=given.get("tone", ""),
        parts=given.get("parts", ""),
        picture=picture_word(given.get("picture", "")),
    )


def _adapt(word: Word, given: Mapping[str, str]) -> Command:
    return Command(
        word=word,
        rest=given.get("draft", ""),
        notes=given.get("wish", ""),
        networks=_names(given.get("networks", "")),
        source=given.get("source", ""),
        tone=given.get("tone", ""),
        parts=given.get("parts", ""),
    )


def _image(word: Word, given: Mapping[str, str]) -> Command:
    words, links = given.get("words", ""), _links(given.get("link", "").strip())
    if links and words:
        links, words = (*links[:-1], replace(links[-1], words=words)), ""
    return Command(word=word, rest=given.get("draft", ""), links=links, notes=words, picture=given.get("style", ""))


def _links(said: str) -> tuple[Linked, ...]:
    """What is no address stays there as one, for the desk to say so."""
    return linked(said) or ((Linked(link=whole_link(said)),) if said else ())


def _joined(*names: str) -> Callable[[Word, Mapping[str, str]], Command]:
    def made(word: Word, given: Mapping[str, str]) -> Command:
        return Command(word=word, rest=" ".join(given[name] for name in names if name in given))

    return made


def _plain(word: Word, given: Mapping[str, str]) -> Command:
    del given
    return Command(word=word)


def _schedule(word: Word, given: Mapping[str, str]) -> Command:
    if "when" in given and "draft" not in given:
        raise InvalidInput("Which draft?", next_step="Choose it in the option draft.", field="draft")
    return _joined("draft", "when")(word, given)


def _accounts(word: Word, given: Mapping[str, str]) -> Command:
    return Command(word=word, rest=f"options {given['options']}" if "options" in given else "")


def _channel(word: Word, given: Mapping[str, str]) -> Command:
    purpose, at = given.get("purpose", ""), given.get("at", "")
    return Command(word=word, rest=f"{purpose or 'report here'} at {at}" if at else purpose)


def _settings(word: Word, given: Mapping[str, str]) -> Command:
    if len(given) > 1:
        raise InvalidInput("One setting can be changed at a time.", next_step="Give one option.", field=max(given))
    told = {"zone": "zone {0}", "late": "late {0}", "link": "link {0}"}
    return Command(word=word, rest=next((told.get(name, "{0}").format(value) for name, value in given.items()), ""))


def _roles(word: Word, given: Mapping[str, str]) -> Command:
    whose = [given[name] for name in ("person", "group") if name in given]
    if len(whose) > 1:
        raise InvalidInput("Either a person or a group.", next_step="Give one of the two.", field="group")
    if bool(whose) != ("role" in given):
        missing = "role" if whose else "person"
        words = "Which role should they have?" if whose else "Whose role?"
        raise InvalidInput(words, next_step=f"Choose it in the option {missing}.", field=missing)
    return Command(word=word, rest=f"{whose[0]}={given['role']}" if whose else "")


_MAKERS: Final[Mapping[Word, Callable[[Word, Mapping[str, str]], Command]]] = {
    Word.DRAFT: _draft,
    Word.THREAD: _draft,
    Word.ADAPT: _adapt,
    Word.IMAGE: _image,
    Word.ACCOUNTS: _accounts,
    Word.QUEUE: _joined("view"),
    Word.SHOW: _joined("draft"),
    Word.SCHEDULE: _schedule,
    Word.REPORT: _joined("period", "network"),
    Word.CONNECT: _joined("network", "detail"),
    Word.CHANNEL: _channel,
    Word.SETTINGS: _settings,
    Word.ROLES: _roles,
}
"""By word; the others take nothing."""
