"""The words to type, with an example each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb, carry
from handlers.views.card import Button, Card, Field, Fields, Note, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

LINES: Final = (
    (
        "draft <brief> [for mastodon,@handle] [brand=name] [tone=plain] [parts=4] [picture=no]",
        "Write a post. Paste material below an empty line.",
    ),
    ("thread <topic> [parts=5] [for mastodon]", "Write a thread: hook, points, takeaway, close."),
    ("adapt <number> for bluesky [from mastodon]", "Say a finished draft again for another network, as a new draft."),
    ("image <number> <link> [what is seen]", "Show a picture, video or PDF that lies at an address."),
    ("image <number> [what should be seen] [style=minimal]", "Make a picture for a draft."),
    ("queue [mine|review|scheduled]", "What is on the desk."),
    ("show <number or words>", "One draft."),
    ("schedule [<number> <time>]", "What is planned; or plan a draft: schedule 12 tomorrow 9am."),
    ("report [7d|28d|6w] [network]", "What the numbers say, with charts."),
    ("freeze · thaw", "Hold everything back at once; let it go on."),
    ("accounts", "What is connected, and whether it works."),
    ("account options @handle", "What each new draft for an account begins with."),
    ("connect [network] [server]", "Sign in at a network, so that the desk can post there."),
    ("channel report here|off [at 09:00]", "The digest of each morning."),
    ("channel review here|off", "Show in this chat channel what waits for a decision."),
    ("settings [four-eyes on|off] [pictures on|off] [zone Europe/Berlin]", "The desk's switches and your time zone."),
    ("settings link [code] · settings unlink", "Make another chat account yours, or no more."),
    ("roles [name|@group=viewer|author|approver|admin]", "Who may do what."),
    ("help", "This."),
)
"""What can be typed, and what for."""


def help_card(networks: Sequence[str]) -> Card:
    """The commands; `networks` are the names that may follow "for"."""
    known = ", ".join(networks) or "none yet"
    queue = carry(Verb.RUN, "queue")
    first = Button(id=queue, label="Show the queue") if queue else None
    write = Button(id=Action(verb=Verb.DRAFT).encode(), label="Write a draft", style=Style.PRIMARY, form="brief")
    return Card(
        card_id="notice-help",
        state="help",
        title="What you can type",
        blocks=(
            Fields(items=tuple(Field(name=name, text=text) for name, text in LINES)),
            Note(text=f"Networks: {known}. Without “for”, a draft goes to every connected account."),
        ),
        buttons=(write, first) if first else (write,),
    )
