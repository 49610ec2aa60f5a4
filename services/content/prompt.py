"""Turns a writing task into the two texts a model receives, from templates that are files."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.brand import Brand
    from services.domain.ids import AccountId
    from services.domain.post import Revision
    from services.ports.models import Complaint, Target, WritingTask

MAX_DATA: Final = 60_000
"""Characters of one piece of pasted material that are sent; more would only cost."""
_FIELD: Final = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is sent: the voice and the rules, the task, and which short key means which account."""

    system: str
    task: str
    accounts: Mapping[str, AccountId]
    parts: Mapping[AccountId, int]
    """How many posts each account is to get."""

    @property
    def threads(self) -> frozenset[AccountId]:
        """The accounts that get more than one post."""
        return frozenset(account_id for account_id, parts in self.parts.items() if parts > 1)


def build_prompt(task: WritingTask) -> Prompt:
    """Render every template for this task; pure, so the same task gives the same bytes."""
    wanted = asked_targets(task)
    keys = {target.account_id: f"a{number}" for number, target in enumerate(wanted, start=1)}
    rendered = fill(
        template("task"),
        accounts="\n".join(_account(keys[target.account_id], target) for target in wanted),
        tone=fill(template("tone"), tone=data_block("tone", task.brief.tone)) if task.brief.tone.strip() else "",
        brief=data_block("brief", task.brief.text),
        notes=fill(template("notes"), notes=data_block("notes", task.brief.notes)) if task.brief.notes.strip() else "",
        source=_source(task),
        rewrite=_rewrite(task, keys),
        wish=_first_wish(task),
        repair=_repair(task.complaints, keys),
    )
    return Prompt(
        system=_system(task.brand),
        task=rendered.strip() + "\n",
        accounts={key: account_id for account_id, key in keys.items()},
        parts={target.account_id: target.parts for target in wanted},
    )


def asked_targets(task: WritingTask) -> tuple[Target, ...]:
    """The accounts a call is to write for: all, or in a repair only those complained about."""
    failing = {complaint.account_id for complaint in task.complaints}
    return tuple(t for t in task.targets if not failing or t.account_id in failing)


def fill(text: str, **values: str) -> str:
    """Put the values into a template in one pass, so that no value can bring a field of its own."""
    return _FIELD.sub(lambda match: values[match[1]], text)


def data_block(name: str, content: str) -> str:
    """Material between marks that carry a digest of it, so that the material can't contain its own end mark."""
    kept = content.strip()[:MAX_DATA]
    mark = hashlib.sha256(f"{name}\0{kept}".encode()).hexdigest()[:16]
    return f"BEGIN {name} {mark}\n{kept}\nEND {name} {mark}"


@cache
def template(name: str) -> str:
    """A template's text, from the installed package."""
    return resources.files("services.content.prompts").joinpath(f"{name}.md").read_text(encoding="utf-8")


def _system(brand: Brand) -> str:
    examples = "\n\n".join(data_block("example", example) for example in brand.examples)
    return fill(
        template("system"),
        name=brand.name,
        industry=brand.industry,
        tone=brand.tone,
        audience=brand.audience,
        values=", ".join(brand.values) or "none given",
        banned_words=", ".join(brand.banned_words) or "none",
        hashtags=f"Tags of the brand, first where they fit: {', '.join(brand.hashtags)}.\n" if brand.hashtags else "",
        examples=f"Posts that show the voice, for their manner only:\n{examples}\n" if examples else "",
    )


def _account(key: str, target: Target) -> str:
    return fill(
        template("account").strip(),
        key=key,
        label=target.label,
        limit=str(target.limit),
        unit=target.unit,
        guidance=target.guidance,
        thread=fill(template("thread").rstrip(), parts=str(target.parts)) if target.parts > 1 else "",
    )


def _source(task: WritingTask) -> str:
    if not task.brief.source.strip():
        return ""
    return fill(template("source"), source=data_block("post", task.brief.source))


def _first_wish(task: WritingTask) -> str:
    """A wish for posts that don't exist yet; the others are told with the posts they change."""
    if not task.wish.strip() or task.previous is not None:
        return ""
    return fill(template("wish"), wish=data_block("wish", task.wish))


def _rewrite(task: WritingTask, keys: Mapping[AccountId, str]) -> str:
    if task.previous is None:
        return ""
    return fill(
        template("rewrite"),
        previous=_previous(task.previous, keys) or "(none)",
        wish=data_block("wish", task.wish or "Write it anew."),
    )


def _previous(revision: Revision | None, keys: Mapping[AccountId, str]) -> str:
    variants = revision.variants if revision is not None else ()
    return "\n\n".join(data_block(keys[v.account_id], v.text) for v in variants if v.account_id in keys)


def _repair(complaints: tuple[Complaint, ...], keys: Mapping[AccountId, str]) -> str:
    if not complaints:
        return ""
    listed = [
        data_block(keys[c.account_id], c.text) + "".join(f"\n- {problem}" for problem in c.problems)
        for c in complaints
        if c.account_id in keys
    ]
    return fill(template("repair"), complaints="\n\n".join(listed))
