"""Practice networks from hand, for the page that shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.views.feed import FeedAnswer, FeedCard, FeedPicture, FeedPost, Piece, WaitingFault
from tests.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.feed import Mishap
    from services.domain.errors import DeskError


@dataclass(slots=True)
class FakePracticeFeed:
    """`PracticeFeed` that shows what it was given and remembers what was ordered."""

    shown: list[FeedPost] = field(default_factory=list)
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    waiting: list[WaitingFault] = field(default_factory=list)
    fail: DeskError | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def posts(self, network: str = "", *, limit: int = 20) -> Sequence[FeedPost]:
        """What was given."""
        self.asked.append((network, limit))
        if self.fail is not None:
            raise self.fail
        return [p for p in self.shown if network in {"", p.network}]

    async def picture(self, digest: str) -> tuple[str, bytes] | None:
        """What was given."""
        return self.pictures.get(digest)

    async def faults(self) -> Sequence[WaitingFault]:
        """What was ordered."""
        return list(self.waiting)

    async def order(self, mishap: Mishap, network: str = "*") -> None:
        """Remember it."""
        self.waiting.append(WaitingFault(network=network, operation=mishap.operation, fault=mishap.fault, times=1))

    async def calm(self) -> None:
        """Forget all."""
        self.waiting.clear()


def a_feed_post(text: str = "Ships today", network: str = "mastodon", *, parts: int = 1) -> FeedPost:
    """A thread with everything a network can show."""
    following = tuple(a_feed_post(f"{text}, part {n + 2}", network) for n in range(parts - 1))
    return FeedPost(
        network=network,
        id=text,
        url="http://127.0.0.1:8421/mastodon/@driftseas/1",
        ours=True,
        author="Drift Seas",
        handle="@driftseas",
        at=NOW,
        pieces=(
            Piece(text=f"{text} <b>"),
            Piece(text="driftseas.com", kind="link", target="https://driftseas.com/a"),
            Piece(text=" "),
            Piece(text="#news", kind="tag"),
        ),
        pictures=(FeedPicture(digest="ab" * 32, alt="A quiet sea", width=8, height=6),),
        card=FeedCard(url="https://driftseas.com/a", title="The title", text="What it says"),
        likes=12,
        reposts=1,
        quotes=0,
        replies=(
            FeedAnswer(
                author="Mira",
                handle="@mira@elsewhere.practice.test",
                at=NOW,
                pieces=(Piece(text="<script>x</script>"),),
                likes=1,
                url="http://127.0.0.1:8421/mastodon/@mira/2",
            ),
        ),
        parts=following,
    )
