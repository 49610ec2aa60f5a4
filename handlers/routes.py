"""The one table from what people type or press to what happens; every surface goes through it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from handlers.desk import Call
from handlers.endpoints import (
    account,
    adapt,
    aftercare,
    channel,
    connect,
    delivery,
    draft,
    image,
    options,
    people,
    queue,
    report,
    schedule,
    settings,
)
from handlers.endpoints import help as help_card
from handlers.grammar import Word, parse
from handlers.request import Replies
from handlers.views.actions import Verb
from handlers.views.form import Form
from services.access import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTIONS", "COMMANDS", "Pace", "Route", "parse"]

Endpoint = Callable[[Call], Awaitable[Replies]]
Ask = Callable[[Call], Awaitable[Form]]


class Pace(StrEnum):
    """Whether a surface may wait for the answer before it acknowledges."""

    INSTANT = "instant"
    DEFERRED = "deferred"
    """A model is asked or charts are drawn; it takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a word or a button leads."""

    run: Endpoint
    permission: Permission
    """What the use case asks for; surfaces that list commands use it, the use case enforces it."""
    pace: Pace = Pace.INSTANT
    form: str | None = None
    """The name of the form whose answers it takes."""
    ask: Ask | None = None
    """Makes that form."""
    open: Endpoint | None = None
    """Opens the form together with something that helps to fill it in; by default the form alone."""


_P = Permission
COMMANDS: Final[Mapping[Word, Route]] = {
    Word.DRAFT: Route(run=draft.draft, permission=_P.WRITE, pace=Pace.DEFERRED, form="brief", ask=draft.brief),
    Word.THREAD: Route(run=draft.draft, permission=_P.WRITE, pace=Pace.DEFERRED, form="brief", ask=draft.brief),
    Word.ADAPT: Route(run=adapt.adapt, permission=_P.WRITE, pace=Pace.DEFERRED, form="adapt", ask=adapt.ask_networks),
    Word.IMAGE: Route(run=image.bring, permission=_P.WRITE, pace=Pace.DEFERRED),
    Word.QUEUE: Route(run=queue.queue, permission=_P.VIEW),
    Word.SHOW: Route(run=queue.show, permission=_P.VIEW),
    Word.SCHEDULE: Route(run=schedule.schedule_command, permission=_P.VIEW),
    Word.REPORT: Route(run=report.report, permission=_P.VIEW, pace=Pace.DEFERRED),
    Word.FREEZE: Route(run=delivery.freeze, permission=_P.PUBLISH),
    Word.THAW: Route(run=delivery.thaw, permission=_P.PUBLISH),
    Word.ACCOUNTS: Route(run=account.accounts, permission=_P.VIEW),
    Word.CONNECT: Route(run=connect.connect, permission=_P.OPERATE),
    Word.CHANNEL: Route(run=channel.channel, permission=_P.VIEW),
    Word.SETTINGS: Route(run=settings.settings, permission=_P.VIEW),
    Word.ROLES: Route(run=people.roles, permission=_P.VIEW),
    Word.HELP: Route(run=help_card.show_help, permission=_P.VIEW),
}
"""By command word."""
ACTIONS: Final[Mapping[Verb, Route]] = {
    Verb.APPROVE: Route(run=draft.approve, permission=_P.APPROVE),
    Verb.EDIT: Route(run=draft.edit, permission=_P.WRITE, form="edit", ask=draft.ask_texts),
    Verb.WRITE: Route(run=draft.edit, permission=_P.WRITE, form="edit", ask=draft.ask_texts),
    Verb.OPTIONS: Route(run=options.choose, permission=_P.WRITE, form="options", ask=options.ask_options),
    Verb.REGENERATE: Route(
        run=draft.regenerate, permission=_P.WRITE, pace=Pace.DEFERRED, form="regenerate", ask=draft.ask_wish
    ),
    Verb.TRY_AGAIN: Route(run=draft.regenerate, permission=_P.WRITE, pace=Pace.DEFERRED),
    Verb.IMAGE: Route(run=image.image, permission=_P.WRITE, pace=Pace.DEFERRED, form="image", ask=image.ask_picture),
    Verb.ANOTHER: Route(run=image.another, permission=_P.WRITE, pace=Pace.DEFERRED),
    Verb.STYLE: Route(run=image.style, permission=_P.WRITE, pace=Pace.DEFERRED, form="style", ask=image.ask_style),
    Verb.UPLOAD: Route(run=image.upload, permission=_P.WRITE, form="upload", ask=image.ask_upload),
    Verb.ARRANGE: Route(run=image.arrange, permission=_P.WRITE, form="arrange", ask=image.ask_arrange),
    Verb.REMOVE_IMAGE: Route(run=image.remove_image, permission=_P.WRITE),
    Verb.SCHEDULE: Route(run=schedule.schedule, permission=_P.PLAN, form="schedule", ask=schedule.ask_when),
    Verb.WHEN: Route(run=schedule.when, permission=_P.PLAN),
    Verb.UNSCHEDULE: Route(run=schedule.unschedule, permission=_P.PLAN),
    Verb.PUBLISH: Route(run=schedule.publish, permission=_P.PUBLISH),
    Verb.UNDO: Route(run=schedule.undo, permission=_P.PLAN),
    Verb.SUBMIT: Route(run=draft.submit, permission=_P.WRITE),
    Verb.REJECT: Route(run=draft.reject, permission=_P.APPROVE, form="reject", ask=draft.ask_reason),
    Verb.REOPEN: Route(run=draft.reopen, permission=_P.WRITE),
    Verb.WITHDRAW: Route(run=draft.withdraw, permission=_P.APPROVE),
    Verb.ARCHIVE: Route(run=draft.archive, permission=_P.WRITE),
    Verb.DUPLICATE: Route(run=draft.duplicate, permission=_P.WRITE),
    Verb.ADAPT: Route(run=adapt.adapt, permission=_P.WRITE, pace=Pace.DEFERRED, form="adapt", ask=adapt.ask_networks),
    Verb.RESTORE: Route(
        run=draft.restore, permission=_P.WRITE, form="restore", ask=draft.ask_version, open=draft.list_versions
    ),
    Verb.RETRY: Route(run=delivery.retry, permission=_P.PUBLISH),
    Verb.RELEASE: Route(run=delivery.release, permission=_P.PUBLISH),
    Verb.CANCEL: Route(run=delivery.cancel, permission=_P.PUBLISH),
    Verb.IT_IS_LIVE: Route(run=delivery.it_is_live, permission=_P.PUBLISH, form="it_is_live", ask=delivery.ask_link),
    Verb.NOT_THERE: Route(run=delivery.not_there, permission=_P.PUBLISH),
    Verb.CORRECT: Route(
        run=aftercare.correct, permission=_P.PUBLISH, pace=Pace.DEFERRED, form="correct", ask=aftercare.ask_words
    ),
    Verb.TAKE_DOWN: Route(
        run=aftercare.take_down, permission=_P.PUBLISH, pace=Pace.DEFERRED, form="take_down", ask=aftercare.ask_where
    ),
    Verb.SHOW: Route(run=queue.show, permission=_P.VIEW),
    Verb.FULL_TEXT: Route(run=draft.full_text, permission=_P.VIEW),
    Verb.DRAFT: Route(run=draft.draft, permission=_P.WRITE, pace=Pace.DEFERRED, form="brief", ask=draft.brief),
    Verb.BRIEF: Route(run=draft.draft, permission=_P.WRITE, pace=Pace.DEFERRED, form="brief", ask=draft.brief),
    Verb.HELP: Route(run=help_card.show_help, permission=_P.VIEW),
    Verb.ACCOUNT_OPTIONS: Route(
        run=account.choose, permission=_P.OPERATE, form="account_options", ask=account.ask_options
    ),
    Verb.SETTINGS: Route(run=settings.save_settings, permission=_P.VIEW, form="settings", ask=settings.ask_settings),
}
"""By button; `RUN` is not here because it leads to a command."""
