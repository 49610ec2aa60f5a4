"""Records beside a thread's first post that say who may answer and which answers are folded away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.practice import ids
from bot.practice.bluesky import schema

if TYPE_CHECKING:
    from bot.practice.book import Book
    from bot.practice.kinds import Json

GATE = "app.bsky.feed.threadgate"
REQUIRED = frozenset({"$type", "post", "createdAt"})
OPTIONAL = frozenset({"allow", "hiddenReplies"})
MOST_RULES, MOST_HIDDEN = 5, 300
RULES = frozenset({"mentionRule", "followerRule", "followingRule", "listRule"})
POST = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One such record."""

    uri: str
    cid: str
    value: Json


def read(record: object, uri: str) -> Json:
    """Check a record against its lexicon and its place; raise FlawError at the first thing that is wrong with it."""
    gate = schema.thing(record, "Record", REQUIRED, OPTIONAL)
    schema.named(gate["$type"], "Record", GATE)
    schema.moment(gate["createdAt"], "Record/createdAt")
    post = schema.shaped(gate["post"], "Record/post", schema.AT_URI, "a valid at-uri")
    if post != post_of(uri):
        message = "Record/post must be the post of the same repo and record key"
        raise schema.FlawError(message)
    for turn, rule in enumerate(schema.many(gate.get("allow", []), "Record/allow", most=MOST_RULES)):
        kind = rule.get("$type") if isinstance(rule, dict) else None
        if str(kind).removeprefix(f"{GATE}#") not in RULES:
            message = f"Record/allow/{turn} must be a rule"
            raise schema.FlawError(message)
    hidden = schema.many(gate.get("hiddenReplies", []), "Record/hiddenReplies", most=MOST_HIDDEN)
    for turn, one in enumerate(hidden):
        schema.shaped(one, f"Record/hiddenReplies/{turn}", schema.AT_URI, "a valid at-uri")
    return gate


def post_of(uri: str) -> str:
    """The post that a gate stands beside."""
    return uri.replace(GATE, POST)


def gate_of(uri: str) -> str:
    """Where the gate beside a post is."""
    return uri.replace(POST, GATE)


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


def hides(book: Book, root: str | None, uri: str) -> bool:
    """Whether the gate beside a thread's first post folds an answer away."""
    gate = None if root is None else find(book, gate_of(root))
    hidden = [] if gate is None else gate.value.get("hiddenReplies")
    return isinstance(hidden, list) and uri in hidden
