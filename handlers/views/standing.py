"""Accounts as their page tells of them: whether they work, what they accept, and what to do when they don't."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.views.account import WORDS, may_choose, standing_action, standing_words
from handlers.views.card import Tone, link_of
from services.domain.account import Dedupe, Health

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handlers.views.look import Look
    from services.domain.account import Account, Limits, VideoLimits
    from services.piles import Roster, Standing
    from services.ports.platform import PlatformSpec

_WHAT_TO_DO: Final = {
    Health.OK: "",
    Health.NEEDS_REAUTH: "Connect it again here, with /desk connect {platform}, or with the command below: it keeps "
    "its drafts and its history, and what was held for it goes out by itself.",
    Health.NEEDS_OPERATOR: "Somebody with access to the network's own settings has to look; "
    "the note says what it asks for.",
}
_TONES: Final = {Health.OK: Tone.GOOD, Health.NEEDS_REAUTH: Tone.DANGER, Health.NEEDS_OPERATOR: Tone.DANGER}
_DOUBT: Final = {
    Dedupe.KEY: "sent again with the same key, which can't post twice",
    Dedupe.STATUS: "asked about at the network",
    Dedupe.LOOKUP: "looked up on the account",
}
_MEGA: Final = 1_000_000
_SECONDS_SAID: Final = 180
"""Longer videos are told in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A named fact."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One account."""

    id: str
    platform: str
    network: str
    who: str
    name: str
    health: str
    tone: Tone
    note: str
    to_do: str
    command: str
    """What connects it again; empty while it works."""
    practice: bool
    facts: tuple[Fact, ...]
    url: str
    """The last live post; empty when there is none."""
    choose: str
    """The form of what new drafts begin with; empty for whom it is not, and where nothing can be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to connect an account of one network."""

    slug: str
    label: str
    document: str
    """The object to fill in."""
    command: str
    """What takes it from a file, so that no token is left in a shell's history."""
    fields: tuple[tuple[str, str], ...]
    """Each field's name and what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Whether everything is held back, and what holding or letting go would do."""

    frozen_by: str
    since: str
    planned: int
    held: int


def standing(found: Standing, look: Look, spec: PlatformSpec | None = None) -> AccountView:
    """One account as this reader sees it; `spec` tells what its network asks of the desk."""
    account = found.account
    ill = account.health is not Health.OK
    return AccountView(
        id=account.id,
        platform=account.platform,
        network=look.network(account.platform),
        who=look.who(account),
        name=account.name,
        health=WORDS[account.health],
        tone=_TONES[account.health],
        note=account.health_note,
        to_do=_WHAT_TO_DO[account.health].format(platform=account.platform),
        command=_add(account.platform) if ill else "",
        practice=account.practice,
        facts=(*_facts(found, account, look), *_end(account, look), *_reach(account, spec), *_begin(account, look)),
        url=link_of(found.url),
        choose=standing_action(account).encode() if may_choose(account, look) else "",
    )


def _facts(found: Standing, account: Account, look: Look) -> tuple[Fact, ...]:
    waiting = f"{found.planned} planned" + (f", {found.held} held" if found.held else "")
    live = look.moment(found.published_at) if found.published_at else "nothing yet"
    return (
        Fact(name="Published last", text=live),
        Fact(name="On its way", text=waiting),
        Fact(name="Accepts", text=limits_line(account.limits)),
        Fact(name="Limits read", text=look.short_day(account.limits_at)),
        Fact(name="A lost answer is", text=_DOUBT[account.dedupe]),
        Fact(name="Server", text=account.base_url),
    )


def _end(account: Account, look: Look) -> tuple[Fact, ...]:
    """Until when it works without a person."""
    return (Fact(name="Access ends", text=look.moment(account.ends_at)),) if account.ends_at else ()


def _reach(account: Account, spec: PlatformSpec | None) -> tuple[Fact, ...]:
    """What keeps its pictures from being fetched."""
    unreachable = spec.unreachable(account.limits) if spec else None
    return () if unreachable is None else (Fact(name="Pictures", text=f"{unreachable.message} {unreachable.fix}"),)


def _begin(account: Account, look: Look) -> tuple[Fact, ...]:
    """What drafts for it begin with, where somebody set that."""
    words = standing_words(account, look)
    return (Fact(name="New drafts", text=words),) if words else ()


def limits_line(limits: Limits) -> str:
    """What an account takes, in a few words."""
    said = [f"{limits.text:,} {limits.unit}"]
    if limits.text_bytes is not None:
        said.append(f"{limits.text_bytes:,} bytes")
    size = f" of {limits.image_bytes / _MEGA:.3g} MB" if limits.image_bytes else ""
    pictures = f"{limits.images} picture{'' if limits.images == 1 else 's'}{size}"
    said.append(pictures if limits.images else "no pictures")
    if limits.alt_text is not None and (limits.images or limits.video is not None):
        said.append(f"{limits.alt_text:,} characters of description")
    if limits.video is not None:
        said.append(_video(limits.video))
    if limits.document is not None:
        said.append(f"a PDF of {limits.document.size / _MEGA:,.3g} MB")
    return ", ".join(said)


def _video(limits: VideoLimits) -> str:
    """The longest and the largest a video may be."""
    size = f"{limits.size / _MEGA:,.0f} MB" if limits.size < 1000 * _MEGA else f"{limits.size / _MEGA / 1000:.3g} GB"
    if limits.seconds is None:
        return f"a video of {size}"
    longest = limits.seconds[1]
    time = f"{longest:g} s" if longest <= _SECONDS_SAID else f"{longest / 60:g} min"
    return f"a video of {time} and {size}"


def connecting(specs: Iterable[PlatformSpec]) -> tuple[Way, ...]:
    """For each network its fields to fill in, and the command that takes them."""
    return tuple(_way(s) for s in sorted(specs, key=lambda s: s.label))


def _way(spec: PlatformSpec) -> Way:
    wanted = {f.name: "…" for f in spec.fields if f.required or f.usual}
    return Way(
        slug=spec.slug,
        label=spec.label,
        document=json.dumps(wanted, ensure_ascii=False),
        command=f"{_add(spec.slug)} < account.json && rm account.json",
        fields=tuple((f.name, f"{f.label}. {f.help}".strip() if f.help else f.label) for f in spec.fields),
    )


def _add(platform: str) -> str:
    """The verb that connects an account, as it is typed in the project's folder."""
    return f".venv/bin/python -m bot account add {platform} --json -"


def holding(roster: Roster, look: Look) -> Hold:
    """The hold on everything."""
    workspace = roster.workspace
    return Hold(
        frozen_by=workspace.frozen_by or "",
        since=look.when(workspace.frozen_at) if workspace.frozen_at else "",
        planned=sum(s.planned for s in roster.standings),
        held=sum(s.held for s in roster.standings),
    )
