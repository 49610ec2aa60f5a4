"""Writes drafts without any model or network: it selects and sets the brief's own sentences, and invents nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from services.content.choice import OFFLINE
from services.content.compose import compose, find_idea, layout_for
from services.content.material import MEASURED, read_material
from services.content.prompt import asked_targets
from services.content.terms import hashtags_of, topic_of
from services.content.wishes import NEEDS_MODEL, Rewriting, apply_wish, split_wish
from services.content.words import SUPERLATIVE
from services.domain.post import Outline
from services.ports.models import Writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.content.compose import Idea
    from services.domain.ids import AccountId
    from services.ports.models import Target, WritingTask

_MAX_CLAIMS: Final = 10


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
    material = read_material(task.brief, task.brand)
    idea = find_idea(material, hashtags_of(material, task.brand, topic_of(material)))
    texts = _texts(task, idea)
    notes: list[str] = []
    for wish in split_wish(task.wish):
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


def _texts(task: WritingTask, idea: Idea) -> dict[AccountId, str]:
    kept = {v.account_id: v.text for v in task.previous.variants if v.text.strip()} if task.previous else {}
    asked = asked_targets(task)
    texts: dict[AccountId, str] = {}
    turns: Counter[object] = Counter()
    turn_of: dict[tuple[object, str], int] = {}
    # Asked to write anew without saying how, it opens in another way than the last time.
    anew = task.previous.number if task.previous and not task.wish.strip() else 0
    for target in task.targets:
        layout = layout_for(target.limit)
        # Accounts on one network share a form; another network of the same size takes the next turn.
        if (layout, target.label) not in turn_of:
            turn_of[layout, target.label] = turns[layout]
            turns[layout] += 1
        if target in asked:
            composed = compose(idea, layout, fits_of(target), turn=turn_of[layout, target.label] + anew)
            wanted = kept.get(target.account_id) if task.wish.strip() else None
            texts[target.account_id] = wanted or composed or task.brief.text.strip() or "…"
    return texts


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
