"""A frozen part as Threads' own fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.account import PollLimits
from services.domain.errors import Refused
from services.domain.media import Picture, attachments_of
from services.domain.post import Problem, Severity
from services.graph.carousels import refuse_too_many
from services.graph.publishing import Plan
from services.platforms.threads import preview
from services.platforms.threads.rules import TOPIC
from services.polls import poll_of, poll_option, poll_problems
from services.ports.options import YES, Choice, PostOption, switch
from services.videos import refuse_other_than_video

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account, Limits
    from services.domain.media import Medium
    from services.domain.post import Variant
    from services.ports.media import PictureHost
    from services.ports.platform import OutgoingPart

LABEL: Final = "Threads"
SPOILER: Final = "is_spoiler_media"
APPROVALS: Final = "enable_reply_approvals"
REPLY_CONTROLS: Final = (
    "everyone",
    "accounts_you_follow",
    "mentioned_only",
    "parent_post_author_only",
    "followers_only",
)
POLLS: Final = PollLimits(answers=4, characters=25)
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
    preview.OPTION,
    poll_option(POLLS),
    switch(
        SPOILER,
        "Hide the picture or video",
        help="Readers touch it to see what it shows.",
    ),
    switch(
        APPROVALS,
        "Approve replies",
        help="Replies show once somebody approved them in the app.",
    ),
)
_ANSWERS: Final = ("option_a", "option_b", "option_c", "option_d")
_NOT_IN_A_TOPIC: Final = (".", "&")
_NO_TOPIC: Final = "This can't be a topic tag."
_TOPICS: Final = f"Use up to {TOPIC} characters, without a dot or an ampersand."


def check_options(variant: Variant, account: Account) -> Iterator[Problem]:
    """A topic, a poll or a link that Threads would refuse together with the post."""
    yield from poll_problems(variant, account.limits, LABEL)
    yield from preview.preview_problems(variant, variant.parts[0])
    if not _is_topic(_topic(variant.options)):
        yield Problem(code="topic", severity=Severity.BLOCK, message=_NO_TOPIC, fix=_TOPICS)


def _topic(options: Mapping[str, str]) -> str:
    return options.get("topic_tag", "").strip().removeprefix("#")


def _is_topic(topic: str) -> bool:
    """Whether it could be one; none at all can."""
    return len(topic) <= TOPIC and not any(sign in topic for sign in _NOT_IN_A_TOPIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Writes containers; pictures and videos by the address under which the network fetches them."""

    limits: Limits
    pictures: PictureHost | None

    async def compose(self, part: OutgoingPart) -> Plan:
        """See `ContainerPublisher.compose`."""
        self._check(part)
        link = preview.preview_of(part)
        post = {**_place(part), **({"text": part.text} if part.text else {})}
        drop = frozenset({"topic_tag"})
        match part.media:
            case ():
                beside = {**self._poll(part), **({preview.LINK: link} if link else {})}
                return Plan(post={"media_type": "TEXT", **post, **beside}, may_drop=drop)
            case (only,):
                return Plan(post={**await self._shown(only), **_hidden(part), **post}, may_drop=drop)
            case several:
                children = [{**await self._shown(one), "is_carousel_item": "true"} for one in several]
                whole = {"media_type": "CAROUSEL", **_hidden(part), **post}
                return Plan(post=whole, children=tuple(children), may_drop=drop)

    def _poll(self, part: OutgoingPart) -> Mapping[str, str]:
        answers = poll_of(part, self.limits, LABEL)
        named = dict(zip(_ANSWERS, answers, strict=False))
        return {"poll_attachment": json.dumps(named, ensure_ascii=False)} if named else {}

    def _check(self, part: OutgoingPart) -> None:
        limits, pictures, films = self.limits, part.pictures, attachments_of(part.media)
        if not part.media:
            return
        if self.pictures is None:
            what = " and ".join(word for word, found in (("pictures", pictures), ("videos", films)) if found)
            raise Refused(
                f"Threads fetches {what} from the desk and can't reach it.",
                fix=f"Set COPYDESK_PUBLIC_URL to an https address that leads here, or post without {what}.",
            )
        poll_of(part, limits, LABEL)
        for film in films:
            refuse_other_than_video(film, limits, LABEL)
        refuse_too_many(part.media, limits, LABEL)
        for picture in pictures:
            if limits.image_bytes is not None and picture.item.size > limits.image_bytes:
                raise Refused(
                    f"A picture has {picture.item.size} bytes, Threads takes {limits.image_bytes}.",
                    fix="Use a smaller picture.",
                )

    async def _shown(self, medium: Medium) -> Mapping[str, str]:
        """A picture or a video, alone or as one of several."""
        assert self.pictures is not None
        words = {"alt_text": medium.alt} if medium.alt else {}
        if isinstance(medium, Picture):
            address = await self.pictures.address(medium.item, self.limits.image_types)
            return {"media_type": "IMAGE", "image_url": address, **words}
        assert self.limits.video is not None
        address = await self.pictures.address(medium.item, self.limits.video.types)
        return {"media_type": "VIDEO", "video_url": address, **words}


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
    if part.options.get(APPROVALS) == YES:
        chosen[APPROVALS] = "true"
    return {**chosen, **({"topic_tag": topic} if topic else {})}


def _hidden(part: OutgoingPart) -> Mapping[str, str]:
    """What is shown is the first part's, and so is the wish to hide it."""
    return {SPOILER: "true"} if part.options.get(SPOILER) == YES else {}
