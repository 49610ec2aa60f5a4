"""What the tests of drafting share: accounts, targets, rules that only count, a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from services.content.brand_file import DEFAULT_BRAND
from services.domain.account import Account, Dedupe, Limits
from services.domain.ids import AccountId, PersonId, PlatformSlug
from services.domain.post import Brief, Outline, Problem, Revision, Severity, Variant
from services.ports.models import Target, Writing, WritingTask
from services.ports.platform import Measure, PlatformSpec, Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.ports.platform import Connection

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class StillClock:
    """Moves only when told."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class CountingRules:
    """Counts code points."""

    def measure(self, text: str, limits: Limits) -> Measure:
        over = len(text) - limits.text
        fix = f"Shorten by {over}."
        message = f"{len(text)} of {limits.text} characters."
        problem = Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix)
        return Measure(length=len(text), limit=limits.text, unit=limits.unit, problems=(problem,) if over > 0 else ())

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        return (text,)


def no_roles(_: Connection) -> Roles:
    raise AssertionError("drafting connects to nothing")


def spec(slug: str, label: str, limit: int) -> PlatformSpec:
    return PlatformSpec(
        slug=PlatformSlug(slug),
        label=label,
        fields=(),
        rules=CountingRules(),
        default_limits=Limits(text=limit, unit="characters"),
        dedupe=Dedupe.KEY,
        key_life=None,
        guidance=f"How {label} reads.",
        connect=no_roles,
    )


SPECS = (spec("terse", "Terse", 300), spec("middle", "Middle", 500), spec("roomy", "Roomy", 3000))
PLATFORMS = {s.slug: s for s in SPECS}


def account(slug: str, *, limit: int | None = None, **changes: object) -> Account:
    limits = PLATFORMS[PlatformSlug(slug)].default_limits
    if limit is not None:
        limits = replace(limits, text=limit)
    made = Account(
        id=AccountId(f"acc-{slug}"),
        platform=PlatformSlug(slug),
        handle=f"desk@{slug}.test",
        name=slug,
        remote_id="1",
        base_url="https://example.com",
        dedupe=Dedupe.KEY,
        limits=limits,
        limits_at=NOW,
        created_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name fields of Account


def targets(*limits: int) -> tuple[Target, ...]:
    return tuple(
        Target(
            account_id=AccountId(f"acc{n}"), label=f"Network {n}", limit=limit, unit="graphemes", guidance=f"Style {n}."
        )
        for n, limit in enumerate(limits, start=1)
    )


def task(text: str, *limits: int, notes: str = "", wish: str = "", previous: Revision | None = None) -> WritingTask:
    return WritingTask(
        brand=DEFAULT_BRAND,
        brief=Brief(text=text, notes=notes),
        targets=targets(*(limits or (300, 500, 3000))),
        wish=wish,
        previous=previous,
    )


def revision(texts: Mapping[AccountId, str], *, number: int = 1) -> Revision:
    return Revision(
        number=number,
        outline=Outline(),
        variants=tuple(
            Variant(account_id=key, platform=PlatformSlug("terse"), parts=tuple(text.split("\n---\n")))
            for key, text in texts.items()
        ),
        by=PersonId("ada"),
        made_with="person",
        at=NOW,
    )


@dataclass
class ScriptedModel:
    """Answers with what the script says, and keeps what it was asked."""

    script: list[Callable[[WritingTask], Writing]]
    asked: list[WritingTask] = field(default_factory=list)
    name: str = "scripted:one"

    async def aclose(self) -> None:
        """See `TextModel.aclose`: nothing is open."""

    async def write(self, task: WritingTask) -> Writing:
        self.asked.append(task)
        return self.script[len(self.asked) - 1](task)


def answers(**texts: str) -> Callable[[WritingTask], Writing]:
    written = Writing(outline=Outline(topic="T"), texts={AccountId(f"acc-{key}"): text for key, text in texts.items()})
    return lambda _: written
