"""Writes drafts without any model or network: it selects and sets the brief's own sentences, and invents nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import regex

from services.content.choice import OFFLINE
from services.content.compose import compose, find_idea, layout_for
from services.content.material import MEASURED
from services.content.prompt import asked_targets
from services.content.source import material_of
from services.content.terms import hashtags_of, topic_of
from services.content.thread import compose_thread
from services.content.wishes import NEEDS_MODEL, Rewriting, apply_wish, asked_parts, split_wish
from services.content.words import SUPERLATIVE
from services.domain.post import PART_BREAK, PERSON, Outline
from services.ports.models import Writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.content.compose import Idea
    from services.domain.ids import AccountId
    from services.ports.models import Target, WritingTask

_MAX_CLAIMS: Final = 10
THIN: Final = "The material holds enough for {given}, not {asked}. Add facts to the notes for a longer thread."
NO_TONE: Final = 'The tone "{tone}" needs a language model; the brief\'s own words were kept.'


@dataclass(frozen=True, slots=True)
class OfflineModel:
    """`TextModel` by extraction: the same task always gives the same texts."""

    @property
    def name(self) -> str:
        """See `TextModel.name`."""
        return OFFLINE

    async def aclose(self) -> None:
        """See `TextModel.aclose`: nothing is open."""

    async def write(self, task: WritingTask) -> Writing:
        """See `TextModel.write`; a wish that needs a model leaves the texts alone and is told in the notes."""
        # In a thread: thousands of pasted words take tens of milliseconds, and chat waits for its acknowledgement.
        return await asyncio.to_thread(compose_offline, task)


def compose_offline(task: WritingTask) -> Writing:
    """The pure core: a previous revision is what a wish changes; without one the brief is set anew."""
    idea = _idea(task)
    texts = _texts(task, idea)
    notes = [*_thin(task, texts), *([NO_TONE.format(tone=task.brief.tone[:80])] if task.brief.tone.strip() else [])]
    for wish in split_wish(task.wish):
        if asked_parts(wish) is not None:
            continue
        changed = {
            target.account_id: apply_wish(
                wish, Rewriting(text=texts[target.account_id], idea=idea, fits=fits_of(target))
            )
            for target in asked_targets(task)
        }
        texts |= {account_id: text for account_id, text in changed.items() if text is not None}
        if all(text is None for text in changed.values()):
            notes.append(NEEDS_MODEL.format(wish=wish[:80]))
    return Writing(outline=_outline(idea, texts, tuple(notes)), texts=texts, notes=tuple(notes))


def fits_of(target: Target) -> Callable[[str], bool]:
    """Whether a text is within the account's limit, by its own measure or by counting graphemes."""
    if (measure := target.measure) is not None:
        return lambda text: measure(text).valid
    return lambda text: len(regex.findall(r"\X", text)) <= target.limit


def _idea(task: WritingTask) -> Idea:
    """What is to be said; when a text of a person is to become a thread or one post, that text comes first."""
    brief = task.brief
    if task.previous is not None and task.previous.made_with == PERSON and asked_parts(task.wish) is not None:
        longest = max((v.text for v in task.previous.variants), key=len, default="")
        brief = replace(brief, text=longest, notes="", source=longest)
    material = material_of(brief, task.brand)
    return find_idea(material, hashtags_of(material, task.brand, topic_of(material)))


def _texts(task: WritingTask, idea: Idea) -> dict[AccountId, str]:
    kept = {v.account_id: v for v in task.previous.variants if v.text.strip()} if task.previous else {}
    reshaped = asked_parts(task.wish)
    texts: dict[AccountId, str] = {}
    for target, turn in _turns(task):
        before = kept.get(target.account_id) if task.wish.strip() else None
        if before is not None and (reshaped is None or len(before.parts) == target.parts):
            texts[target.account_id] = before.text
        else:
            texts[target.account_id] = _composed(target, idea, turn) or task.brief.text.strip() or "…"
    return texts


def _composed(target: Target, idea: Idea, turn: int) -> str:
    layout, fits = layout_for(target.limit), fits_of(target)
    if target.parts > 1:
        parts = compose_thread(idea, layout, target.parts, fits, turn=turn)
        if len(parts) > 1:
            return PART_BREAK.join(parts)
    text = compose(idea, layout, fits, turn=turn)
    if target.measure is None or layout.tags == 1:
        return text
    sparing = compose(idea, replace(layout, tags=1), fits, turn=turn)
    minded = len(target.measure(text).problems) > len(target.measure(sparing).problems)
    return sparing if minded else text


def _turns(task: WritingTask) -> Iterator[tuple[Target, int]]:
    """The accounts to write for, each with how many networks of its form came before."""
    asked = asked_targets(task)
    turns: Counter[object] = Counter()
    turn_of: dict[tuple[object, str], int] = {}
    # Asked to write anew without saying how, it opens in another way than the last time.
    anew = task.previous.number if task.previous and not task.wish.strip() else 0
    for target in task.targets:
        # Threads are all of one form. Accounts on one network share theirs; another network takes the next turn.
        form: object = "thread" if target.parts > 1 else layout_for(target.limit)
        if (form, target.label) not in turn_of:
            turn_of[form, target.label] = turns[form]
            turns[form] += 1
        if target in asked:
            yield target, turn_of[form, target.label] + anew


def _thin(task: WritingTask, texts: dict[AccountId, str]) -> tuple[str, ...]:
    """Says so where the material held less than the thread asked for."""
    short = [(t.parts, len(texts[t.account_id].split(PART_BREAK))) for t in asked_targets(task)]
    return tuple(
        dict.fromkeys(
            THIN.format(asked=asked, given=f"{given} posts" if given > 1 else "one post")
            for asked, given in short
            if given < asked
        )
    )


def _outline(idea: Idea, texts: dict[AccountId, str], notes: tuple[str, ...]) -> Outline:
    said = "\n".join(texts.values())
    used = [unit for unit in idea.material.units if unit.text.rstrip(".") in said]
    hook = idea.hooks[0].text if idea.hooks else idea.topic
    links = idea.material.links
    title = idea.material.title
    headline = (title,) if title and title in said and (MEASURED.search(title) or SUPERLATIVE.search(title)) else ()
    return Outline(
        topic=idea.topic,
        hook=hook,
        body="\n".join(unit.text for unit in used if unit.text != hook),
        call_to_action=idea.call or (links[0] if links else ""),
        hashtags=idea.tags,
        tone_notes=" ".join(notes),
        image_idea=idea.topic,
        claims=(*headline, *(unit.text for unit in used if unit.is_claim))[:_MAX_CLAIMS],
    )
