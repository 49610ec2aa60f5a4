"""What a draft promises beyond limits and checks: how many posts it has, and that an adaptation adds no facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.content.facts import added_facts
from services.content.sentences import sentences
from services.content.wishes import asked_parts
from services.domain.post import MOST_PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.ids import AccountId
    from services.domain.post import Brief, Outline, Variant
    from services.ports.models import Target, WritingTask


def asked_for(task: WritingTask, account_id: AccountId) -> int:
    """How many posts an account is to get: as wished, else as many as it has, else as the brief says."""
    wished = asked_parts(task.wish)
    if wished is not None:
        return max(1, wished)
    variants = task.previous.variants if task.previous else ()
    return next((len(v.parts) for v in variants if v.account_id == account_id), task.brief.parts)


def possible(asked: int, task: WritingTask, limits: Limits) -> int:
    """As many of them as the network takes; a wish is kept to what anybody reads, what a person wrote is not."""
    most = MOST_PARTS if asked_parts(task.wish) is not None else asked
    return max(1, min(asked, most, limits.thread_parts))


def limited(targets: Sequence[Target], asked: Mapping[AccountId, int]) -> tuple[str, ...]:
    """Says where fewer posts are possible than were asked for."""
    less = [target for target in targets if target.parts < asked[target.account_id]]
    return tuple(
        dict.fromkeys(
            f"{target.label} gets {target.parts} posts, which is the most there can be."
            if target.parts > 1
            else f"{target.label} takes no threads, so it gets one post."
            for target in less
        )
    )


def grounds(task: WritingTask) -> Brief:
    """The brief with all else that an adaptation may take its facts from: the wish, and the texts as they stand."""
    standing = [v.text for v in task.previous.variants] if task.previous else []
    return replace(task.brief, notes="\n".join((task.brief.notes, task.wish, *standing)))


def added(brief: Brief, variants: Iterable[Variant]) -> tuple[str, ...]:
    """What an adaptation says beyond its source; a draft from a brief is judged by its claims instead."""
    if not brief.source.strip():
        return ()
    return tuple(dict.fromkeys(fact for v in variants for part in v.parts for fact in added_facts(part, brief)))


def with_claims(outline: Outline, brief: Brief, variants: Iterable[Variant]) -> Outline:
    """The sentences that hold what was added, to be verified before all others."""
    said = (
        sentence for v in variants for part in v.parts for line in part.splitlines() for sentence in sentences(line)
    )
    found = (sentence for sentence in said if added_facts(sentence, brief))
    return replace(outline, claims=tuple(dict.fromkeys((*found, *outline.claims))))


def unsourced(facts: Sequence[str]) -> tuple[str, ...]:
    """Names what was added, for the person who asked."""
    if not facts:
        return ()
    return (f"Not in the text it was adapted from: {', '.join(facts[:5])}.",)


def uneven(targets: Sequence[Target], variants: Mapping[AccountId, Variant]) -> tuple[str, ...]:
    """Says where a model kept to another number of posts."""
    differing = [(t, len(variants[t.account_id].parts)) for t in targets]
    return tuple(
        dict.fromkeys(
            f"{target.label} has {f'{count} posts' if count > 1 else 'one post'}, not {target.parts}."
            for target, count in differing
            if count != target.parts
        )
    )
