"""Connecting accounts: which networks can be signed in at, the link that begins it, and what is missing for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.account import WORDS
from handlers.views.actions import Verb, carry
from handlers.views.card import MAX_TITLE, Button, Card, Field, Fields, Link, Note, Style, Text, Tone, short
from handlers.views.standing import limits_line
from services.connecting import PAGE, Ready
from services.domain.account import Health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.connecting import Way
    from services.domain.account import Account
    from services.ports.platform import Platforms

READY: Final = {
    Ready.SIGN_IN: "Can be connected",
    Ready.TYPED: "Can be connected, on the page",
    Ready.NEEDS_APP: "Needs an app of your own first",
    Ready.NEEDS_HTTPS: "Needs an https address of the desk first",
    Ready.BY_HAND: "With account add, on the machine that runs the desk",
}
"""What is said of a network."""


def ways_card(ways: Sequence[Way], accounts: Sequence[Account], look: Look) -> Card:
    """Every network: what is connected there, and whether more can be."""
    items = tuple(Field(name=way.spec.label, text=_line(way, accounts, look)) for way in ways)
    how = "Connect one with: /desk connect x, or /desk connect mastodon your.server"
    return Card(
        card_id="list-connect",
        state="list",
        title="Connect an account",
        blocks=(Fields(items=items), Note(text=how)),
    )


def _line(way: Way, accounts: Sequence[Account], look: Look) -> str:
    here = [a for a in accounts if a.platform == way.spec.slug]
    said = [READY[way.ready]]
    if here:
        names = (f"{look.who(a)}{' (practice)' if a.practice else ''}" for a in here)
        said.insert(0, f"Connected: {', '.join(names)}")
    ill = [look.who(a) for a in here if a.health is Health.NEEDS_REAUTH]
    if ill:
        said.append(f"{WORDS[Health.NEEDS_REAUTH]}: {', '.join(ill)}")
    return ". ".join(said) + "."


def go_card(way: Way, url: str, *, detail: str = "") -> Card:
    """The way to the network, for one person."""
    label = way.spec.label
    where = f"{label} ({detail})" if detail else label
    about = "You sign in there and agree to what the desk asks for; it never sees your password."
    return Card(
        card_id=f"connect-{way.spec.slug}",
        state="connect",
        title=f"Connect an account of {label}",
        tone=Tone.WAITING,
        blocks=(
            Note(text=about),
            Link(text=f"Sign in at {where}", url=url),
            Note(text="The link is yours alone and works once, within ten minutes."),
        ),
    )


def page_card(way: Way, desk_url: str) -> Card:
    """For a network whose words for itself are typed on the page and not in a chat."""
    label = way.spec.label
    return Card(
        card_id=f"connect-{way.spec.slug}",
        state="connect",
        title=f"Connect an account of {label}",
        blocks=(
            Note(text=f"{label} has no page to sign in at: the desk needs a password made for it, which no chat sees."),
            Link(text="Type it on the page", url=f"{desk_url}{PAGE}/{way.spec.slug}"),
        ),
    )


def steps_card(way: Way, desk_url: str) -> Card:
    """What is missing, and how to get it, step by step."""
    label = way.spec.label
    what, steps = f"{label} lets the desk in only with an app of your own.", way.steps
    if way.ready is Ready.NEEDS_HTTPS:
        what = f"{label} sends people back to https addresses only, and this desk is at {desk_url}."
        steps = ("Set COPYDESK_PUBLIC_URL to an https address that leads to the desk, and start it again.",)
    elif way.ready is Ready.BY_HAND:
        what = f"{label} is connected on the machine that runs the desk."
        steps = (f"Type there: .venv/bin/python -m bot account add {way.spec.slug} --json -",)
    items = tuple(Field(name=f"{number}.", text=step) for number, step in enumerate(steps, start=1))
    return Card(
        card_id=f"connect-{way.spec.slug}",
        state="connect_needs",
        title=f"{label} is not set up yet",
        tone=Tone.WARNING,
        blocks=(Note(text=what), Fields(items=items), Note(text=f"Then: /desk connect {way.spec.slug}")),
    )


def connected_card(
    accounts: Sequence[Account], platforms: Platforms, *, failed: Sequence[str] = (), by: str = ""
) -> Card:
    """What is connected now, with what each account takes, and what could not be.

    `by` is who connected it, for a channel that did not see it happen.
    """
    names = ", ".join(f"{platforms[a.platform].label} @{a.handle}" for a in accounts)
    said = [Text(text=f"{platforms[a.platform].label} @{a.handle}: {_takes(a)}") for a in accounts]
    hidden = dict.fromkeys(p for a in accounts if (p := platforms[a.platform].unreachable(a.limits)))
    unseen = [Note(text=f"{one.message} {one.fix}", tone=Tone.WARNING) for one in hidden]
    lost = [Note(text=f"Not connected: {line}", tone=Tone.WARNING) for line in failed]
    begun = f"{by} connected it: drafts" if by else "Drafts"
    after = Note(text=f"{begun} are written for it from now on.{'' if by else ' You can close this page.'}")
    return Card(
        card_id="notice-connected",
        state="connected",
        title=short(f"Connected: {names}", MAX_TITLE),
        tone=Tone.GOOD,
        blocks=(*said, *unseen, *lost, after),
    )


def _takes(account: Account) -> str:
    at = account.ends_at
    ends = f" Its access ends on {at.day} {at:%B %Y}; the desk says so before." if at else ""
    return f"{limits_line(account.limits)}.{ends}"


def ending_card(account: Account, look: Look) -> Card:
    """An account's access is about to end, or has; what goes on until then, and the one thing to do."""
    name, at = look.account(account, account.platform), account.ends_at or look.now
    over = at <= look.now
    again = carry(Verb.RUN, f"connect {account.platform}")
    what = "Nothing can be sent there" if over else "Until then everything is sent as planned; afterwards it is held"
    return Card(
        card_id=f"notice-ending-{account.id}",
        state="ending",
        title=short(f"The access of {name} {'has ended' if over else 'ends soon'}", MAX_TITLE),
        tone=Tone.WARNING,
        blocks=(
            Text(
                text=f"{'Ended' if over else 'Ends'} {look.moment(at)}. The network lets nobody but a person renew it."
            ),
            Note(text=f"{what} until an admin signs in again: /desk connect {account.platform}"),
        ),
        buttons=(Button(id=again, label="Connect it again", style=Style.PRIMARY),) if again else (),
    )
