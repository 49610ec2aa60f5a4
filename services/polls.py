"""Polls as an option of a post: one answer a line, judged alike wherever a network has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.ports.options import PostOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Limits, PollLimits
    from services.domain.post import Variant
    from services.ports.platform import OutgoingPart

POLL: Final = "poll"
"""The option that holds the answers."""
LEAST: Final = 2


def poll_option(limits: PollLimits) -> PostOption:
    """The field for the answers."""
    return PostOption(
        name=POLL,
        title="Poll",
        lines=True,
        once=True,
        most=limits.answers * (limits.characters + 1),
        help=f"Two to {limits.answers} answers, one a line, each at most {limits.characters} characters; "
        "with the first post, and instead of pictures.",
    )


def answers_of(options: Mapping[str, str]) -> tuple[str, ...]:
    """What may be voted for, in order; empty when there is no poll."""
    lines = (" ".join(line.split()) for line in options.get(POLL, "").splitlines())
    return tuple(line for line in lines if line)


def poll_problems(post: Variant | OutgoingPart, limits: Limits, label: str) -> Iterator[Problem]:
    """What blocks in a post's poll; nothing when it has none."""
    answers = answers_of(post.options)
    if not answers:
        return
    if limits.poll is None:
        yield _block("no_polls", f"There is a poll, and {label} takes none.", "Take the poll out.")
        return
    if post.pictures or post.attachment is not None:
        message = f"There is a poll beside a picture or video; {label} takes one of them."
        yield _block("poll_beside", message, "Take the poll or the pictures out.")
    most, length = limits.poll.answers, limits.poll.characters
    if not LEAST <= len(answers) <= most:
        count = "1 answer" if len(answers) == 1 else f"{len(answers)} answers"
        yield _block("poll_answers", f"The poll has {count}; {label} takes {LEAST} to {most}.", "Change the answers.")
    for answer in answers:
        if len(answer) > length:
            message = f"“{answer}” has {len(answer)} characters; {label} takes {length} in an answer."
            yield _block("poll_answer_long", message, f"Shorten it by {len(answer) - length}.")
    if len({answer.casefold() for answer in answers}) < len(answers):
        yield _block("poll_answer_twice", "Two answers of the poll are the same.", "Change one of them.")


def poll_of(part: OutgoingPart, limits: Limits, label: str) -> tuple[str, ...]:
    """The answers that go out with this part; raises `Refused` for a poll the network would not take."""
    if part.index:
        return ()
    for problem in poll_problems(part, limits, label):
        raise Refused(problem.message, fix=problem.fix)
    return answers_of(part.options)


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
