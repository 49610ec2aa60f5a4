"""A poll instead of pictures: its answers, its question and its length, as options of a variant.

Source: learn.microsoft.com, LinkedIn "Poll API", 2026: two to four answers of 30 characters, a question of 140.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.post import Problem, Severity
from services.ports.options import Choice, PostOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.domain.account import Account
    from services.domain.post import Variant

LEAST, MOST = 2, 4
ANSWER, QUESTION = 30, 140
_POLL, _QUESTION, _DURATION = "poll", "poll_question", "poll_duration"
DURATIONS: Final = (
    Choice(value="ONE_DAY", text="One day"),
    Choice(value="THREE_DAYS", text="Three days"),
    Choice(value="SEVEN_DAYS", text="One week"),
    Choice(value="FOURTEEN_DAYS", text="Two weeks"),
)
OPTIONS: Final = (
    PostOption(
        name=_POLL,
        title="Answers of a poll",
        lines=True,
        most=MOST * (ANSWER + 1) - 1,
        help=f"{LEAST} to {MOST}, one a line, {ANSWER} characters each. A poll takes the place of pictures and videos.",
    ),
    PostOption(
        name=_QUESTION,
        title="Question of the poll",
        most=QUESTION,
        help="Not about political opinions, health or other sensitive things: LinkedIn forbids that.",
    ),
    PostOption(name=_DURATION, title="The poll runs for", choices=DURATIONS),
)


def asks(options: Mapping[str, str]) -> bool:
    """Whether a variant has a poll."""
    return bool(_answers(options) or options.get(_QUESTION, "").strip())


def poll_of(options: Mapping[str, str]) -> dict[str, object] | None:
    """The poll as a post carries it; None without one, `Refused` for one that LinkedIn would not take."""
    if not asks(options):
        return None
    for problem in _problems(options, shows=False):
        raise Refused(problem.message, fix=problem.fix)
    return {
        "question": options[_QUESTION].strip(),
        "options": [{"text": text} for text in _answers(options)],
        "settings": {"duration": options.get(_DURATION) or DURATIONS[0].value},
    }


def check_poll(variant: Variant, _account: Account) -> Iterable[Problem]:
    """What blocks in a variant's poll."""
    if asks(variant.options):
        yield from _problems(variant.options, shows=bool(variant.pictures) or variant.attachment is not None)


def _answers(options: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in options.get(_POLL, "").splitlines() if line.strip())


def _problems(options: Mapping[str, str], *, shows: bool) -> Iterator[Problem]:
    answers, question = _answers(options), options.get(_QUESTION, "").strip()
    if not question:
        yield _blocked("The poll has no question.", "Write one under Options.")
    if len(question) > QUESTION:
        yield _blocked(f"The poll's question has {len(question)} characters, LinkedIn takes {QUESTION}.", "Shorten it.")
    if not LEAST <= len(answers) <= MOST:
        yield _blocked(
            f"The poll has {len(answers)} answer{'' if len(answers) == 1 else 's'}, LinkedIn takes {LEAST} to {MOST}.",
            "Put each answer on a line of its own.",
        )
    for text in answers:
        if len(text) > ANSWER:
            yield _blocked(f"“{text}” has {len(text)} characters, an answer of a poll takes {ANSWER}.", "Shorten it.")
    if len(set(answers)) < len(answers):
        yield _blocked("Two answers of the poll are the same.", "Change one of them.")
    if options.get(_DURATION, "") not in {"", *(one.value for one in DURATIONS)}:
        yield _blocked("The poll's length is none that LinkedIn knows.", "Choose another under Options.")
    if shows:
        yield _blocked(
            "LinkedIn shows a poll without pictures, videos or documents.", "Remove the picture, or empty the poll."
        )


def _blocked(message: str, fix: str) -> Problem:
    return Problem(code="poll", severity=Severity.BLOCK, message=message, fix=fix)
