"""The link whose preview stands below a post's words, for one that is not the first link among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.platforms.threads.rules import LINKS, links_of
from services.polls import answers_of
from services.ports.options import PostOption
from services.text import find_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.domain.post import Variant
    from services.ports.platform import OutgoingPart

LINK: Final = "link_attachment"
OPTION: Final = PostOption(
    name=LINK,
    title="Link preview",
    most=2000,
    once=True,
    help="An address whose preview stands below the first post, when it has no picture, video or poll. Without it the "
    "first link of the text has one.",
)


def preview_problems(post: Variant | OutgoingPart, words: str) -> Iterator[Problem]:
    """What blocks in the link of a post that says `words`; nothing when it has none."""
    link = post.options.get(LINK, "").strip()
    if not link:
        return
    if [span.text for span in find_links(link)] != [link]:
        yield _block("preview_link", "The preview is of no address.", "Give one that begins with https://.")
    if post.pictures or post.attachment is not None or answers_of(post.options):
        message = "There is a link preview beside a picture, a video or a poll; Threads takes one of them."
        yield _block("preview_beside", message, "Take one of them out.")
    links = {*links_of(words), link}
    if link not in links_of(words) and len(links) > LINKS:
        message = f"{len(links)} different links with that of the preview; {LINKS} are possible."
        yield _block("preview_links", message, f"Remove {len(links) - LINKS}.")


def preview_of(part: OutgoingPart) -> str:
    """The link that goes out with this part; raises `Refused` for one the network would not take."""
    if part.index:
        return ""
    for problem in preview_problems(part, part.text):
        raise Refused(problem.message, fix=problem.fix)
    return part.options.get(LINK, "").strip()


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
