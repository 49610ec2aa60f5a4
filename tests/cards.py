"""Cards of every make for property tests: whatever people, models and networks may put into one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from handlers.views.actions import Action, Verb
from handlers.views.card import (
    Block,
    Button,
    Card,
    Check,
    Checks,
    Confirm,
    Field,
    Fields,
    ImageBlock,
    Link,
    Note,
    Style,
    Text,
    Tone,
    VariantBlock,
)
from handlers.views.instants import Precision, mark
from services.domain.ids import DraftId
from services.domain.post import Problem, Severity

LOUD: Final = (
    "<!channel> <!here> <!everyone> @everyone @here <@U123ABC> <@&42> <#C1> <https://evil.example|bank.example> "
    "*bold* _it_ ~no~ `code` ```fence``` ||spoiler|| # head\n> quote\n- [x](https://evil.example) &amp; <t:1:R> :tada:"
)
"""What must never act in a chat."""
_WORDS: Final = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)
_LONG: Final = st.builds(lambda piece, times: piece * times, _WORDS.filter(bool), st.integers(1, 120))
_INSTANTS: Final = st.integers(0, 7_000_000_000).map(
    lambda s: f"Planned for {mark(datetime.fromtimestamp(s, tz=UTC), Precision.MOMENT, '2 Mar 2026 09:00')}, then on"
)
texts: Final = st.one_of(
    _WORDS, _LONG, _INSTANTS, st.just(LOUD), st.just("Zażółć 東京 👩‍👩‍👧‍👦 e\u0301\n\nوقت"), st.just("")
)
"""Any text, from nothing to far more than a message holds."""
names: Final = st.one_of(_WORDS.map(lambda w: w[:60]), st.just("Mastodon · @a@b.example"))
problems: Final = st.builds(Problem, code=st.just("c"), severity=st.sampled_from(Severity), message=texts, fix=texts)
variants: Final = st.builds(
    VariantBlock,
    account_id=st.just("acc-1"),
    platform=st.just("mastodon"),
    network=names,
    who=names,
    text=texts,
    parts=st.one_of(st.just(()), st.lists(texts, min_size=2, max_size=15).map(tuple)),
    length=st.integers(0, 99_999),
    limit=st.integers(0, 63_206),
    unit=st.sampled_from(("characters", "graphemes")),
    valid=st.booleans(),
    problems=st.lists(problems, max_size=2).map(tuple),
)
DIGEST: Final = "ab" * 32
images: Final = st.builds(
    ImageBlock,
    url=st.just(f"/api/media/{DIGEST}"),
    alt=texts.map(lambda t: t[:1500]),
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
    label=names,
    note=names,
)
blocks: Final[st.SearchStrategy[Block]] = st.one_of(
    st.builds(Text, text=texts),
    variants,
    images,
    st.builds(
        Checks,
        items=st.lists(st.builds(Check, name=st.just("c"), text=texts, tone=st.sampled_from(Tone)), max_size=6).map(
            tuple
        ),
    ),
    st.builds(
        Fields,
        items=st.lists(
            st.builds(Field, name=names, text=texts, link=st.sampled_from(("", "https://a.example/x?a=1&b=<2>"))),
            max_size=12,
        ).map(tuple),
    ),
    st.builds(Note, text=texts, tone=st.sampled_from(Tone)),
    st.builds(
        Link,
        text=texts,
        url=st.sampled_from(
            ("", "javascript:alert(1)", "https://a.example/x?a=1&b=<2>", "https://a.test/" + "x" * 3000)
        ),
    ),
)


def _buttons(count: int, visible: int) -> tuple[Button, ...]:
    return tuple(
        Button(
            id=Action(verb=Verb.SHOW, draft_id=DraftId(str(n + 1))).encode(),
            label=f"Open {n + 1}",
            style=list(Style)[n % 3],
            confirm=Confirm(title="Sure?", text="It goes out.") if n % 4 == 3 else None,
            more=n >= visible,
        )
        for n in range(count)
    )


cards: Final = st.builds(
    Card,
    card_id=st.just("draft-12"),
    draft_id=st.sampled_from(("12", None)),
    revision=st.integers(0, 99),
    state=st.just("draft"),
    title=texts.map(lambda t: t[:150]),
    tone=st.sampled_from(Tone),
    blocks=st.lists(blocks, max_size=14).map(tuple),
    buttons=st.builds(_buttons, st.integers(0, 30), st.integers(0, 5)),
    audit=st.lists(texts.map(lambda t: t[:300]), max_size=3).map(tuple),
)
"""Any card that can be made."""
