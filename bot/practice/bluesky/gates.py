"""Records beside a post that say who may answer it, who may quote it, and which answers are folded away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.practice import ids
from bot.practice.bluesky import schema

if TYPE_CHECKING:
    from bot.practice.book import Book
    from bot.practice.kinds import Json

POST = "app.bsky.feed.post"
THREAD = "app.bsky.feed.threadgate"
QUOTES = "app.bsky.feed.postgate"
REQUIRED = frozenset({"$type", "post", "createdAt"})
MOST_RULES, MOST_HIDDEN, MOST_DETACHED = 5, 300, 50
AUDIENCE = "followerRule"
"""The only rule that lets the simulated audience answer: nobody follows, mentions or lists it."""
TOLD = {
    "mentionRule": "people it mentions",
    "followingRule": "people the author follows",
    "followerRule": "followers",
    "listRule": "people on a list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """What one kind of gate may say: lists of rules, each of a known kind, and lists of names of posts."""

    rules: str
    known: frozenset[str]
    names: str
    most_names: int


LEXICONS = {
    THREAD: Lexicon(rules="allow", known=frozenset(TOLD), names="hiddenReplies", most_names=MOST_HIDDEN),
    QUOTES: Lexicon(
        rules="embeddingRules",
        known=frozenset({"disableRule"}),
        names="detachedEmbeddingUris",
        most_names=MOST_DETACHED,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One such record."""

    uri: str
    cid: str
    value: Json


def read(record: object, uri: str, kind: str) -> Json:
    """Check a record against its lexicon and its place; raise FlawError at the first thing that is wrong with it."""
    lexicon = LEXICONS[kind]
    gate = schema.thing(record, "Record", REQUIRED, frozenset({lexicon.rules, lexicon.names}))
    schema.named(gate["$type"], "Record", kind)
    schema.moment(gate["createdAt"], "Record/createdAt")
    post = schema.shaped(gate["post"], "Record/post", schema.AT_URI, "a valid at-uri")
    if post != uri.replace(kind, POST):
        message = "Record/post must be the post of the same repo and record key"
        raise schema.FlawError(message)
    at = f"Record/{lexicon.rules}"
    for turn, rule in enumerate(schema.many(gate.get(lexicon.rules, []), at, most=MOST_RULES)):
        _rule(rule, f"{at}/{turn}", kind)
    at = f"Record/{lexicon.names}"
    for turn, one in enumerate(schema.many(gate.get(lexicon.names, []), at, most=lexicon.most_names)):
        schema.shaped(one, f"{at}/{turn}", schema.AT_URI, "a valid at-uri")
    return gate


def _rule(rule: object, at: str, kind: str) -> None:
    found = _kind(rule)
    if not str(rule.get("$type") if isinstance(rule, dict) else "").startswith(f"{kind}#"):
        found = ""
    if found not in LEXICONS[kind].known:
        message = f"{at} must be a rule"
        raise schema.FlawError(message)
    named = schema.thing(rule, at, frozenset({"$type", "list"} if found == "listRule" else {"$type"}))
    if "list" in named:
        schema.shaped(named["list"], f"{at}/list", schema.AT_URI, "a valid at-uri")


def _kind(rule: object) -> str:
    return str(rule.get("$type")).rpartition("#")[2] if isinstance(rule, dict) else ""


def beside(post: str, kind: str) -> str:
    """Where the gate of a kind beside a post is."""
    return post.replace(POST, kind)


def find(book: Book, uri: str) -> Gate | None:
    """The record of this name."""
    row = book.row("SELECT cid, value FROM gates WHERE uri = ?", uri)
    return None if row is None else Gate(uri=uri, cid=str(row["cid"]), value=json.loads(row["value"]))


def keep(book: Book, uri: str, value: Json) -> Gate:
    """Write it, over the one before."""
    gate = Gate(uri=uri, cid=ids.record_cid(value), value=value)
    book.change("INSERT OR REPLACE INTO gates VALUES (?, ?, ?)", uri, gate.cid, json.dumps(value, ensure_ascii=False))
    return gate


def drop(book: Book, uri: str) -> None:
    """Take it away."""
    book.change("DELETE FROM gates WHERE uri = ?", uri)


def _listed(book: Book, post: str, kind: str, field: str) -> list[object] | None:
    gate = find(book, beside(post, kind))
    told = None if gate is None else gate.value.get(field)
    return told if isinstance(told, list) else None


def hides(book: Book, root: str | None, uri: str) -> bool:
    """Whether the gate beside a thread's first post folds an answer away."""
    return root is not None and uri in (_listed(book, root, THREAD, "hiddenReplies") or [])


def keeps_out(book: Book, root: str) -> bool:
    """Whether the gate beside a thread's first post lets the audience not answer; without rules everybody may."""
    allowed = _listed(book, root, THREAD, "allow")
    return allowed is not None and AUDIENCE not in {_kind(rule) for rule in allowed}


def quotes(book: Book, post: str, count: int) -> int:
    """How often a post is quoted: never where nobody may."""
    return 0 if _listed(book, post, QUOTES, "embeddingRules") else count


def told(book: Book, post: str) -> list[str]:
    """What the gates beside a post say, as people read it below the post."""
    allowed = _listed(book, post, THREAD, "allow")
    said = []
    if allowed is not None:
        who = [TOLD[_kind(rule)] for rule in allowed]
        said.append(f"Only {' and '.join(who)} can reply" if who else "Nobody can reply")
    if _listed(book, post, QUOTES, "embeddingRules"):
        said.append("Nobody can quote it")
    return said
