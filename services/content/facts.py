"""Finds what an adaptation says that its source does not: numbers, links and handles nobody gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from services.content.patterns import HASHTAG, URL

if TYPE_CHECKING:
    from services.domain.post import Brief

_NUMBER: Final = regex.compile(r"\d+(?:[.,:]\d+)*")
_HANDLE: Final = regex.compile(r"(?<![\w/])@[\w.]+(?:@[\w.-]+)?")
_ENDING: Final = ".,;:!?)]}'\"”’"


def added_facts(text: str, brief: Brief) -> tuple[str, ...]:
    """Links, handles and numbers of the text that stand neither in the source nor in the brief, as they are written."""
    known = facts_of(f"{brief.source}\n{brief.text}\n{brief.notes}")
    return tuple(fact for fact in facts_of(text) if fact not in known)


def facts_of(text: str) -> tuple[str, ...]:
    """The links, then the handles, then the numbers outside of both and of hashtags, each once and as written."""
    links = tuple(link.rstrip(_ENDING) for link in URL.findall(text))
    prose = HASHTAG.sub(" ", URL.sub(" ", text))
    handles = tuple(handle.rstrip(".") for handle in _HANDLE.findall(prose))
    return tuple(dict.fromkeys((*links, *handles, *_NUMBER.findall(_HANDLE.sub(" ", prose)))))
