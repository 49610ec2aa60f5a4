"""Has drafts written for any set of accounts: one call, every text judged, what fails sent back within bounds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.content.attachments import attachment_problems, media_problems
from services.content.checks import blocking, check
from services.content.choice import OFFLINE
from services.content.errors import unusable
from services.content.options import option_problems
from services.content.promised import added, asked_for, grounds, limited, possible, uneven, unsourced, with_claims
from services.domain.errors import DeskError, InvalidInput, Unavailable
from services.domain.post import PART_BREAK, Problem, Severity, Variant
from services.ports.models import Complaint, Target, WritingTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Account, Limits
    from services.domain.brand import Brand
    from services.domain.ids import AccountId, PlatformSlug
    from services.domain.media import Attachment, Picture
    from services.domain.post import Brief, Outline, Revision
    from services.ports.clock import Clock
    from services.ports.models import TextModel, Writing
    from services.ports.platform import Measure, Platforms

    _Chosen = tuple[tuple[str, str], ...]
    _Media = tuple[Picture | Attachment | None, ...]
    _Judged = tuple[PlatformSlug, tuple[str, ...], _Media, _Chosen, Limits, Brand, tuple[str, ...]]

REPAIRS: Final = 2
"""How often failing texts go back to the model."""
DEADLINE: Final = 50.0
"""Seconds for the call and its repairs together; a repair that would pass it is not waited for."""
_JUDGED_AT_MOST: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a draft's new revision is made of, in the order the accounts were given."""

    outline: Outline
    variants: tuple[Variant, ...]
    made_with: str
    notes: tuple[str, ...] = ()
    """Sentences for the person who asked, such as a wish that could not be met."""


class Writer:
    """Writes and judges texts; knows networks only through their rules."""

    def __init__(self, model: TextModel, platforms: Platforms, clock: Clock, *, deadline: float = DEADLINE) -> None:
        """Everything is injected, so that a vendor is one line of the registry."""
        self._model = model
        self._platforms = platforms
        self._clock = clock
        self._deadline = deadline
        self._judged: dict[_Judged, tuple[Problem, ...]] = {}
        """The same text is judged for the card, at the click and again for the card: once is enough."""

    async def write(
        self,
        *,
        brand: Brand,
        brief: Brief,
        accounts: Sequence[Account],
        wish: str = "",
        previous: Revision | None = None,
    ) -> Written:
        """One text per account; a text that still fails after the repairs is kept whole, with its problem.

        Raises what `TextModel.write` raises, and `InvalidInput` for an empty brief or no account.
        """
        _require(brief, accounts)
        started = self._clock.now()
        before = {v.account_id: v for v in previous.variants} if previous else {}
        task = WritingTask(brand=brand, brief=brief, targets=(), wish=wish, previous=previous)
        asked = {a.id: asked_for(task, a.id) for a in accounts}
        wanted = {a.id: possible(asked[a.id], task, a.limits) for a in accounts}
        targets = tuple(self._target(account, wanted[account.id]) for account in accounts)
        task = replace(task, targets=targets)
        writing = await self._first(task)
        if any(not writing.texts.get(account.id, "").strip() for account in accounts):
            raise unusable("it had no text for some of the accounts")
        variants = {a.id: _variant(a, writing.texts[a.id], before.get(a.id), wanted[a.id]) for a in accounts}
        left = self._deadline - (self._clock.now() - started).total_seconds()
        try:
            async with asyncio.timeout(max(left, 0.0)):
                notes = await self._repair(task, accounts, variants)
        except TimeoutError:
            notes = ("There was no time left to have the model correct what is marked.",)
        new = added(grounds(task), variants.values())
        return Written(
            outline=with_claims(writing.outline, grounds(task), variants.values()) if new else writing.outline,
            variants=tuple(variants[a.id] for a in accounts),
            made_with=self._model.name,
            notes=(
                *limited(targets, asked),
                *writing.notes,
                *notes,
                *(() if self._composes_alone else uneven(targets, variants)),
                *unsourced(new),
            ),
        )

    async def _first(self, task: WritingTask) -> Writing:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._model.write(task)
        except TimeoutError:
            message = f"The writing model timed out after {self._deadline:g} s."
            raise Unavailable(message, unchanged="The draft is unchanged.", next_step="Try again.") from None

    async def _repair(
        self, task: WritingTask, accounts: Sequence[Account], variants: dict[AccountId, Variant]
    ) -> tuple[str, ...]:
        """Send failing texts back, changing `variants` as better ones come; the notes are for the person who asked."""
        for _ in range(REPAIRS):
            failing = {a.id: a for a in accounts if self._wrong(task, variants[a.id], a)}
            if not failing:
                return ()
            complaints = tuple(self._complaint(task, variants[a.id], a) for a in failing.values())
            try:
                again = await self._model.write(replace(task, complaints=complaints))
            except DeskError as error:
                return (f"The model could not correct what is marked: {error.message}",)
            if not self._take_better(task, again.texts, failing, variants):
                return ()
        return ()

    def _take_better(
        self,
        task: WritingTask,
        texts: Mapping[AccountId, str],
        failing: Mapping[AccountId, Account],
        variants: dict[AccountId, Variant],
    ) -> bool:
        """Keep an answer unless it is worse; False when nothing changed, so that asking again is of no use."""
        changed = False
        wanted = {target.account_id: target.parts for target in task.targets}
        for account_id, account in failing.items():
            text = texts.get(account_id, "")
            old = variants[account_id]
            if not text.strip() or text == old.text:
                continue
            new = _variant(account, text, old, wanted[account_id])
            if len(self._wrong(task, new, account)) <= len(self._wrong(task, old, account)):
                variants[account_id] = new
                changed = True
        return changed

    def problems(
        self, variant: Variant, account: Account, brand: Brand, *, claims: Sequence[str] = ()
    ) -> tuple[Problem, ...]:
        """All that is wrong with a variant, blocking ones first: the network's rules, then the checks, part by part."""
        chosen = tuple(sorted(variant.options.items()))
        key = (variant.platform, variant.parts, variant.media, chosen, account.limits, brand, tuple(claims))
        known = self._judged.get(key)
        if known is not None:
            return known
        if len(self._judged) >= _JUDGED_AT_MOST:
            self._judged.clear()
        return self._judged.setdefault(key, self._judge(variant, account, brand, claims))

    def _judge(self, variant: Variant, account: Account, brand: Brand, claims: Sequence[str]) -> tuple[Problem, ...]:
        spec = self._platforms[account.platform]
        found: list[Problem] = [*attachment_problems(variant, account, spec), *option_problems(variant, account, spec)]
        for number, part in enumerate(variant.parts or ("",), start=1):
            media, said = (variant.media, claims) if number == 1 else ((), ())
            measured = self._measure(part, account)
            judged = check(part, brand, claims=said, media=media)
            found += [_in_part(p, number, len(variant.parts)) for p in (*_length_problems(measured), *judged)]
        return tuple(sorted(dict.fromkeys(found), key=lambda p: p.severity is not Severity.BLOCK))

    def measure(self, variant: Variant, account: Account) -> Measure:
        """The text's length by the network's count; for a thread the longest part's, with the problems of all."""
        measured = [self._measure(part, account) for part in variant.parts or ("",)]
        longest = max(measured, key=lambda m: (not m.valid, m.length))
        problems = tuple(
            _in_part(problem, number, len(measured))
            for number, one in enumerate(measured, start=1)
            for problem in one.problems
        )
        return replace(longest, problems=problems)

    def _measure(self, text: str, account: Account) -> Measure:
        return self._platforms[account.platform].rules.measure(text, account.limits)

    def _target(self, account: Account, parts: int) -> Target:
        spec = self._platforms[account.platform]
        return Target(
            account_id=account.id,
            label=spec.label,
            limit=account.limits.text,
            unit=account.limits.unit,
            guidance=spec.guidance,
            parts=parts,
            measure=lambda text: self._measure(text, account),
        )

    def _wrong(self, task: WritingTask, variant: Variant, account: Account) -> tuple[str, ...]:
        """What the model is asked to mend: words that block, a wrong number of posts, facts that nobody gave it."""
        spec = self._platforms[account.platform]
        others = (*media_problems(variant, account, spec), *option_problems(variant, account, spec))
        blocked = blocking(self.problems(variant, account, task.brand))
        found = [f"{p.message} {p.fix}".strip() for p in blocked if p not in others]
        parts = next((t.parts for t in task.targets if t.account_id == account.id), 1)
        if len(variant.parts) != parts and not self._composes_alone:
            posts = f"{len(variant.parts)} posts" if len(variant.parts) > 1 else "one post"
            found.append(f"It has {posts}; {parts} were asked for. Put them in parts.")
        found += [f"“{fact}” stands neither in the post nor in the brief." for fact in added(grounds(task), [variant])]
        return tuple(found)

    @property
    def _composes_alone(self) -> bool:
        """Whether the composer is asked, who says itself that there is no more to say and would only say it again."""
        return self._model.name == OFFLINE

    def _complaint(self, task: WritingTask, variant: Variant, account: Account) -> Complaint:
        return Complaint(account_id=account.id, text=variant.text, problems=self._wrong(task, variant, account))


def _require(brief: Brief, accounts: Sequence[Account]) -> None:
    if not brief.text.strip() and not brief.notes.strip():
        raise InvalidInput("The brief is empty.", next_step="Say what the post is about.", field="brief")
    if not accounts:
        raise InvalidInput("There is no account to write for.", next_step="Connect an account.", field="accounts")


def _variant(account: Account, text: str, before: Variant | None, wanted: int) -> Variant:
    """Where one post is wanted, a line of dashes is a mark left over, and the checks say so."""
    parts = tuple(part.strip() for part in text.split(PART_BREAK) if part.strip()) if wanted > 1 else (text.strip(),)
    return Variant(
        account_id=account.id,
        platform=account.platform,
        parts=parts,
        media=before.media if before else (),
        options=before.options if before else account.options,
    )


def _length_problems(measured: Measure) -> tuple[Problem, ...]:
    """The measure's own problems, with one for over-length should a platform have left it to the numbers."""
    if measured.valid or blocking(measured.problems):
        return measured.problems
    over = measured.also if measured.length <= measured.limit and measured.also is not None else measured
    message = f"{over.length} of {over.limit} {over.unit}."
    fix = f"Shorten by {over.length - over.limit}."
    return (Problem(code="too_long", severity=Severity.BLOCK, message=message, fix=fix), *measured.problems)


def _in_part(problem: Problem, number: int, count: int) -> Problem:
    return problem if count < 2 else replace(problem, message=f"Part {number}: {problem.message}")
