"""A poll instead of pictures: beside its answers LinkedIn wants a question and how long it runs.

Source: learn.microsoft.com, LinkedIn "Poll API", 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.account import PollLimits
from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.polls import answers_of, poll_option, poll_problems
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Limits
    from services.domain.post import Variant
    from services.ports.platform import OutgoingPart

POLL: Final = PollLimits(answers=4, characters=30)
QUESTION: Final = 140
"""Characters of the question."""
_QUESTION, _DURATION = "poll_question", "poll_duration"
_DURATIONS: Final = (
    Choice(value="ONE_DAY", text="One day"),
    Choice(value="THREE_DAYS", text="Three days"),
    Choice(value="SEVEN_DAYS", text="One week"),
    Choice(value="FOURTEEN_DAYS", text="Two weeks"),
)
OPTIONS: Final = (
    poll_option(POLL),
    PostOption(
        name=_QUESTION,
        title="Question of the poll",
        most=QUESTION,
        once=True,
        help="Not about political opinions, health or other sensitive things: LinkedIn forbids that.",
    ),
    PostOption(name=_DURATION, title="The poll runs for", choices=_DURATIONS),
)


def asks(options: Mapping[str, str]) -> bool:
    """Whether somebody began a poll."""
    return bool(answers_of(options) or _question(options))


def poll_for(part: OutgoingPart, limits: Limits) -> dict[str, object] | None:
    """The poll as a post carries it; None without one, `Refused` for one that LinkedIn would not take."""
    if not asks(part.options):
        return None
    for problem in problems_of(part, limits):
        raise Refused(problem.message, fix=problem.fix)
    return {
        "question": _question(part.options),
        "options": [{"text": text} for text in answers_of(part.options)],
        "settings": {"duration": part.options.get(_DURATION) or _DURATIONS[0].value},
    }


def problems_of(post: Variant | OutgoingPart, limits: Limits) -> Iterator[Problem]:
    """What blocks in a post's poll; nothing when it has none."""
    if not asks(post.options):
        return
    yield from poll_problems(post, limits, "LinkedIn")
    question, answers = _question(post.options), answers_of(post.options)
    if not question:
        yield _blocked("poll_question", "The poll has no question, which LinkedIn wants.", "Write one.")
    if len(question) > QUESTION:
        message = f"The poll's question has {len(question)} characters; LinkedIn takes {QUESTION}."
        yield _blocked("poll_question", message, f"Shorten it by {len(question) - QUESTION}.")
    if not answers:
        yield _blocked("poll_answers", "The poll's question has no answers.", "Write two to four, or empty it.")
    if post.options.get(_DURATION, "") not in {"", *(one.value for one in _DURATIONS)}:
        yield _blocked("poll_duration", "The poll's length is none that LinkedIn knows.", "Choose another one.")


def _question(options: Mapping[str, str]) -> str:
    return " ".join(options.get(_QUESTION, "").split())


def _blocked(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
