"""A frozen part as Threads' own fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.graph.publishing import Plan
from services.platforms.threads.rules import TOPIC
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account, Limits
    from services.domain.media import Picture
    from services.domain.post import Variant
    from services.ports.media import PictureHost
    from services.ports.platform import OutgoingPart

REPLY_CONTROLS: Final = (
    "everyone",
    "accounts_you_follow",
    "mentioned_only",
    "parent_post_author_only",
    "followers_only",
)
OPTIONS: Final = (
    PostOption(
        name="reply_control",
        title="Who can reply",
        choices=(
            Choice(value="everyone", text="Everyone"),
            Choice(value="accounts_you_follow", text="Accounts you follow"),
            Choice(value="mentioned_only", text="Accounts you mention"),
            Choice(value="parent_post_author_only", text="The author of the post it answers"),
            Choice(value="followers_only", text="Your followers"),
        ),
    ),
    PostOption(
        name="topic_tag", title="Topic", most=TOPIC, help="Without one, the first #word of the text becomes the topic."
    ),
)
_NOT_IN_A_TOPIC: Final = (".", "&")
_NO_TOPIC: Final = "This can't be a topic tag."
_TOPICS: Final = f"Use up to {TOPIC} characters, without a dot or an ampersand."


def check_options(variant: Variant, _account: Account) -> Iterator[Problem]:
    """A topic that Threads would refuse together with the post."""
    if not _is_topic(_topic(variant.options)):
        yield Problem(code="topic", severity=Severity.BLOCK, message=_NO_TOPIC, fix=_TOPICS)


def _topic(options: Mapping[str, str]) -> str:
    return options.get("topic_tag", "").strip().removeprefix("#")


def _is_topic(topic: str) -> bool:
    """Whether it could be one; none at all can."""
    return len(topic) <= TOPIC and not any(sign in topic for sign in _NOT_IN_A_TOPIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes containers; pictures by the address under which the network fetches them."""

    limits: Limits
    pictures: PictureHost | None

    async def compose(self, part: OutgoingPart) -> Plan:
        """See `ContainerPublisher.compose`."""
        self._check(part)
        post = {**_place(part), **({"text": part.text} if part.text else {})}
        match part.pictures:
            case ():
                return Plan(post={"media_type": "TEXT", **post}, may_drop=frozenset({"topic_tag"}))
            case (only,):
                return Plan(post={**await self._shown(only), **post}, may_drop=frozenset({"topic_tag"}))
            case several:
                children = [{**await self._shown(one), "is_carousel_item": "true"} for one in several]
                return Plan(
                    post={"media_type": "CAROUSEL", **post},
                    children=tuple(children),
                    may_drop=frozenset({"topic_tag"}),
                )

    def _check(self, part: OutgoingPart) -> None:
        limits = self.limits
        if part.pictures and self.pictures is None:
            raise Refused(
                "Threads fetches pictures from the desk and can't reach it.",
                fix="Set COPYDESK_PUBLIC_URL to an https address that leads here, or post without a picture.",
            )
        if len(part.pictures) > limits.images:
            raise Refused(f"{len(part.pictures)} pictures, Threads takes {limits.images}.", fix="Leave some out.")
        for picture in part.pictures:
            if limits.image_bytes is not None and picture.item.size > limits.image_bytes:
                raise Refused(
                    f"A picture has {picture.item.size} bytes, Threads takes {limits.image_bytes}.",
                    fix="Use a smaller picture.",
                )

    async def _shown(self, picture: Picture) -> Mapping[str, str]:
        assert self.pictures is not None
        address = await self.pictures.address(picture.item, self.limits.image_types)
        words = {"alt_text": picture.alt} if picture.alt else {}
        return {"media_type": "IMAGE", "image_url": address, **words}


def _place(part: OutgoingPart) -> Mapping[str, str]:
    """What a first part says of itself, or which part a later one answers."""
    before = [r for r in part.receipts if r.part < part.index]
    if before:
        return {"reply_to_id": max(before, key=lambda r: r.part).remote_id}
    control = part.options.get("reply_control") or REPLY_CONTROLS[0]
    if control not in REPLY_CONTROLS:
        raise Refused(f'"{control}" is not a reply control.', fix=f"Choose one of {', '.join(REPLY_CONTROLS)}.")
    topic = _topic(part.options)
    if not _is_topic(topic):
        raise Refused(_NO_TOPIC, fix=_TOPICS)
    chosen = {} if control == REPLY_CONTROLS[0] else {"reply_control": control}
    return {**chosen, **({"topic_tag": topic} if topic else {})}
