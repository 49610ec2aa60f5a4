"""The shape a model must answer in, and its way into the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, Field

from services.domain.post import PART_BREAK, Outline, kept
from services.ports.models import Writing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from services.domain.ids import AccountId


def _lines(value: object) -> object:
    """Accept a text where a list was asked for, or nothing: models without a schema do both."""
    if value is None:
        return []
    if isinstance(value, str):
        return [line.strip(" -*•\t") for line in value.splitlines() if line.strip(" -*•\t")]
    return value


def _text(value: object) -> object:
    """Accept nothing, or lines, where a text was asked for."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return value


def _posts(value: object) -> object:
    """Accept nothing, one text with its marks, or objects with a text, where a thread's list was asked for."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.split(PART_BREAK)
    if isinstance(value, list):
        return [post["text"] if isinstance(post, dict) and "text" in post else post for post in value]
    return value


_Loose = Annotated[str, BeforeValidator(_text)]
_List = Annotated[list[str], BeforeValidator(_lines)]


class VariantAnswer(BaseModel):
    """One account's text, under the short key it was asked for with."""

    account_id: str
    text: _Loose = ""
    parts: Annotated[list[str], BeforeValidator(_posts)] = Field(default_factory=list)
    """A thread's posts in order; for one post it may hold that one."""

    def said(self, *, thread: bool) -> str:
        """The whole text, a thread's posts joined as the desk joins them."""
        posts = [tidy(post) for post in self.parts if post.strip()]
        if thread and posts:
            return PART_BREAK.join(posts)
        return tidy(self.text) or "\n\n".join(posts)


class Answer(BaseModel):
    """The structured answer; all but the variants may be missing, since only they are needed to go on."""

    topic: _Loose = ""
    hook: _Loose = ""
    body: _Loose = ""
    call_to_action: _Loose = ""
    hashtags: _List = Field(default_factory=list)
    tone_notes: _Loose = ""
    image_idea: _Loose = ""
    claims_to_verify: _List = Field(default_factory=list)
    variants: list[VariantAnswer]

    def missing(self, accounts: Mapping[str, AccountId]) -> tuple[str, ...]:
        """The short keys without a text."""
        given = {_key(v.account_id) for v in self.variants if v.said(thread=True)}
        return tuple(key for key in accounts if key not in given)

    def to_writing(self, accounts: Mapping[str, AccountId], threads: Collection[AccountId] = ()) -> Writing:
        """The domain's form, with keys turned back to accounts and the first text per account kept."""
        texts: dict[AccountId, str] = {}
        for variant in self.variants:
            account = accounts.get(_key(variant.account_id))
            if account is not None and (said := variant.said(thread=account in threads)):
                texts.setdefault(account, said)
        outline = Outline(
            topic=self.topic.strip(),
            hook=self.hook.strip(),
            body=self.body.strip(),
            call_to_action=self.call_to_action.strip(),
            hashtags=tuple(dict.fromkeys(tag for raw in self.hashtags if (tag := raw.strip().lstrip("#")))),
            tone_notes=self.tone_notes.strip(),
            image_idea=self.image_idea.strip(),
            claims=tuple(dict.fromkeys(claim for raw in self.claims_to_verify if (claim := raw.strip()))),
        )
        return Writing(outline=outline, texts=texts)


def tidy(text: str) -> str:
    """As the desk keeps it, no spaces at line ends, no more than one empty line in a row."""
    lines = [line.rstrip() for line in kept(text).strip().split("\n")]
    return "\n".join(line for number, line in enumerate(lines) if line or lines[number - 1])


def _key(raw: str) -> str:
    return raw.strip().strip('"').lower()
