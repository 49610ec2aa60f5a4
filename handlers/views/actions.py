"""What may be done with a draft or a delivery: one table, a few conditions, and ids that carry an action."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from handlers.views.card import MAX_ID, MAX_VISIBLE, Button, Confirm, Style
from handlers.views.choosing import choosable, open_choices
from services.access import LEAST_ROLE, Permission, may, may_approve
from services.domain.actor import Role
from services.domain.delivery import SETTLED, DeliveryState
from services.domain.errors import InvalidInput
from services.domain.ids import DraftId
from services.domain.media import called
from services.domain.post import DraftState, Severity
from services.ledger import UNSENT, DraftRef
from services.review import REOPEN_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from handlers.views.look import Look
    from services.domain.actor import Person
    from services.domain.delivery import Delivery
    from services.domain.post import Revision
    from services.ledger import Snapshot


class Verb(StrEnum):
    """Everything a button can do."""

    APPROVE = "approve"
    EDIT = "edit"
    OPTIONS = "options"
    REGENERATE = "regenerate"
    IMAGE = "image"
    ANOTHER = "another"
    STYLE = "style"
    UPLOAD = "upload"
    ARRANGE = "arrange"
    SCHEDULE = "schedule"
    WHEN = "when"
    SUBMIT = "submit"
    REJECT = "reject"
    REOPEN = "reopen"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"
    UNDO = "undo"
    DUPLICATE = "duplicate"
    ADAPT = "adapt"
    RESTORE = "restore"
    REMOVE_IMAGE = "remove_image"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"
    TRY_AGAIN = "try_again"
    WRITE = "write"
    RETRY = "retry"
    RELEASE = "release"
    CANCEL = "cancel"
    IT_IS_LIVE = "it_is_live"
    NOT_THERE = "not_there"
    CORRECT = "correct"
    TAKE_DOWN = "take_down"
    SHOW = "show"
    DRAFT = "draft"
    RUN = "run"
    HELP = "help"
    SETTINGS = "settings"
    ACCOUNT_OPTIONS = "account_options"
    FULL_TEXT = "full_text"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A verb as a button: its word, who may, what it asks first."""

    label: str
    permission: Permission
    style: Style = Style.PLAIN
    form: str | None = None
    confirm: Confirm | None = None


_V, _P = Verb, Permission
ACTS: Final[Mapping[Verb, Act]] = {
    _V.APPROVE: Act(label="Approve", permission=_P.APPROVE, style=Style.PRIMARY),
    _V.EDIT: Act(label="Edit", permission=_P.WRITE, form="edit"),
    _V.OPTIONS: Act(label="Options", permission=_P.WRITE, form="options"),
    _V.REGENERATE: Act(label="Regenerate", permission=_P.WRITE, form="regenerate"),
    _V.IMAGE: Act(label="Image", permission=_P.WRITE, form="image"),
    _V.ANOTHER: Act(label="Another", permission=_P.WRITE),
    _V.STYLE: Act(label="Style", permission=_P.WRITE, form="style"),
    _V.UPLOAD: Act(label="Upload own", permission=_P.WRITE, form="upload"),
    _V.ARRANGE: Act(label="Arrange", permission=_P.WRITE, form="arrange"),
    _V.SCHEDULE: Act(label="Schedule", permission=_P.PLAN, form="schedule"),
    _V.SUBMIT: Act(label="Ask for review", permission=_P.WRITE),
    _V.REJECT: Act(label="Reject", permission=_P.APPROVE, style=Style.DANGER, form="reject"),
    _V.REOPEN: Act(label="Reopen", permission=_P.WRITE, style=Style.PRIMARY),
    _V.UNSCHEDULE: Act(label="Unschedule", permission=_P.PLAN),
    _V.PUBLISH: Act(
        label="Publish now",
        permission=_P.PUBLISH,
        confirm=Confirm(
            title="Publish now?", text="It goes out to every account of this draft after the time to undo."
        ),
    ),
    _V.UNDO: Act(label="Undo", permission=_P.PLAN, style=Style.PRIMARY),
    _V.DUPLICATE: Act(label="Duplicate", permission=_P.WRITE),
    _V.ADAPT: Act(label="Adapt", permission=_P.WRITE, form="adapt"),
    _V.RESTORE: Act(label="Earlier versions", permission=_P.WRITE, form="restore"),
    _V.REMOVE_IMAGE: Act(label="Remove image", permission=_P.WRITE),
    _V.WITHDRAW: Act(label="Withdraw", permission=_P.APPROVE),
    _V.ARCHIVE: Act(
        label="Archive",
        permission=_P.WRITE,
        confirm=Confirm(title="Archive this draft?", text="It leaves the queue for good; it can still be duplicated."),
    ),
    _V.TRY_AGAIN: Act(label="Try again", permission=_P.WRITE, style=Style.PRIMARY),
    _V.WRITE: Act(label="Write it myself", permission=_P.WRITE, form="edit"),
    _V.RETRY: Act(label="Send again", permission=_P.PUBLISH, style=Style.PRIMARY),
    _V.RELEASE: Act(label="Send it", permission=_P.PUBLISH, style=Style.PRIMARY),
    _V.CANCEL: Act(label="Don't send it", permission=_P.PUBLISH, style=Style.DANGER),
    _V.CORRECT: Act(label="Correct", permission=_P.PUBLISH, form="correct"),
    _V.TAKE_DOWN: Act(label="Take down", permission=_P.PUBLISH, style=Style.DANGER, form="take_down"),
    _V.IT_IS_LIVE: Act(
        label="It is live, here is the link", permission=_P.PUBLISH, style=Style.PRIMARY, form="it_is_live"
    ),
    _V.NOT_THERE: Act(
        label="Not there, send it",
        permission=_P.PUBLISH,
        style=Style.DANGER,
        confirm=Confirm(title="Send it again?", text="If it is live after all, it will be there twice."),
    ),
}

_PLAIN: Final[Mapping[Verb, str]] = {}
"""Every button under its verb's own word."""
_S = DraftState
_PICTURE: Final = (_V.STYLE, _V.UPLOAD, _V.ARRANGE, _V.REMOVE_IMAGE)
_MORE: Final = (_V.OPTIONS, *_PICTURE, _V.RESTORE, _V.DUPLICATE, _V.ADAPT, _V.REJECT, _V.ARCHIVE)
_BY_STATE: Final[Mapping[DraftState, tuple[Verb, ...]]] = {
    _S.DRAFTING: (),
    _S.DRAFT: (
        _V.APPROVE,
        _V.EDIT,
        _V.REGENERATE,
        _V.ANOTHER,
        _V.IMAGE,
        _V.SCHEDULE,
        _V.SUBMIT,
        _V.UNSCHEDULE,
        *_MORE,
    ),
    _S.IN_REVIEW: (_V.APPROVE, _V.EDIT, _V.REGENERATE, _V.ANOTHER, _V.IMAGE, _V.SCHEDULE, _V.UNSCHEDULE, *_MORE),
    _S.APPROVED: (_V.SCHEDULE, _V.PUBLISH, _V.EDIT, _V.ANOTHER, _V.IMAGE, _V.WITHDRAW, _V.REGENERATE, *_MORE),
    _S.SCHEDULED: (
        _V.UNDO,
        _V.SCHEDULE,
        _V.UNSCHEDULE,
        _V.PUBLISH,
        _V.EDIT,
        _V.ANOTHER,
        _V.IMAGE,
        _V.OPTIONS,
        *_PICTURE,
        _V.RESTORE,
        _V.DUPLICATE,
        _V.ADAPT,
        _V.REJECT,
    ),
    _S.PUBLISHING: (_V.UNDO, _V.DUPLICATE, _V.ADAPT),
    _S.PUBLISHED: (_V.DUPLICATE, _V.ADAPT, _V.CORRECT, _V.TAKE_DOWN),
    _S.PARTLY_PUBLISHED: (_V.DUPLICATE, _V.ADAPT, _V.CORRECT, _V.TAKE_DOWN),
    _S.FAILED: (_V.DUPLICATE, _V.ADAPT, _V.TAKE_DOWN),
    _S.REJECTED: (_V.REOPEN, _V.DUPLICATE, _V.ADAPT, _V.ARCHIVE),
    _S.ARCHIVED: (_V.DUPLICATE, _V.ADAPT),
}
_UNWRITTEN: Final = (_V.TRY_AGAIN, _V.WRITE, _V.ARCHIVE)
"""A draft that has no text because the writer failed."""
DELIVERY_ACTIONS: Final[Mapping[DeliveryState, tuple[Verb, ...]]] = {
    DeliveryState.NEEDS_HUMAN: (_V.IT_IS_LIVE, _V.NOT_THERE),
    DeliveryState.HELD: (_V.RELEASE, _V.CANCEL),
    DeliveryState.FAILED: (_V.RETRY,),
}


def _permitted(role: Role, verbs: tuple[Verb, ...]) -> tuple[Verb, ...]:
    return tuple(v for v in verbs if role.rank >= LEAST_ROLE[ACTS[v].permission].rank)


ACTIONS: Final[Mapping[DraftState, Mapping[Role, tuple[Verb, ...]]]] = {
    state: {role: _permitted(role, verbs) for role in Role} for state, verbs in _BY_STATE.items()
}
"""The one table: what a role is offered in a state, before the conditions of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What the conditions look at."""

    snapshot: Snapshot
    look: Look


def blocked(snapshot: Snapshot, look: Look) -> bool:
    """True when something keeps this content from being approved, whoever asks."""
    revision = snapshot.draft.revision
    if revision is None or not revision.variants:
        return True
    proofs = [look.proofs.get(v.account_id) for v in revision.variants]
    written = all(any(part.strip() for part in v.parts) for v in revision.variants)
    return not written or any(p is None or any(x.severity is Severity.BLOCK for x in p.problems) for p in proofs)


def undo_open(snapshot: Snapshot, look: Look) -> bool:
    """True while "publish now" can still be taken back."""
    return any(d.state in UNSENT and d.undo_until is not None and d.undo_until > look.now for d in snapshot.deliveries)


def _may_approve(case: _Case) -> bool:
    shot = case.snapshot
    reviewed = shot.state is DraftState.IN_REVIEW or not shot.workspace.submit_required
    return (
        reviewed
        and not shot.draft.picturing
        and not blocked(shot, case.look)
        and may_approve(case.look.actor, shot.draft, shot.workspace)
    )


def _whole(case: _Case) -> bool:
    """No picture is being made: what is shown is what would go out."""
    return case.snapshot.draft.picturing is None


def _pictured(case: _Case) -> bool:
    revision = case.snapshot.draft.revision
    return _whole(case) and revision is not None and bool(revision.slides)


def _several(case: _Case) -> bool:
    revision = case.snapshot.draft.revision
    return _whole(case) and revision is not None and len(revision.slides) > 1


def _painted(case: _Case) -> bool:
    revision = case.snapshot.draft.revision
    return _whole(case) and revision is not None and revision.made_picture is not None


def correctable(snapshot: Snapshot, look: Look) -> tuple[Delivery, ...]:
    """Posts that are wholly live where words can be changed; none while four eyes are asked for."""
    if snapshot.workspace.four_eyes:
        return ()
    whole = (d for d in snapshot.deliveries if d.receipts and len(d.live) == len(d.variant.parts))
    return tuple(d for d in whole if d.platform in look.edits and d.state is DeliveryState.PUBLISHED)


def removable(snapshot: Snapshot, look: Look) -> tuple[Delivery, ...]:
    """Posts of which something is live, where the desk may take it down."""
    return tuple(d for d in snapshot.deliveries if d.live and d.platform in look.deletes and d.state in SETTLED)


_WHEN: Final[Mapping[Verb, Callable[[_Case], bool]]] = {
    _V.APPROVE: _may_approve,
    _V.OPTIONS: lambda c: choosable(c.snapshot, c.look),
    _V.UNDO: lambda c: undo_open(c.snapshot, c.look),
    _V.PUBLISH: lambda c: _whole(c) and not undo_open(c.snapshot, c.look),
    _V.SUBMIT: _whole,
    _V.SCHEDULE: lambda c: not undo_open(c.snapshot, c.look),
    _V.UNSCHEDULE: lambda c: c.snapshot.draft.planned_at is not None and not undo_open(c.snapshot, c.look),
    _V.IMAGE: _whole,
    _V.ANOTHER: _painted,
    _V.STYLE: _painted,
    _V.UPLOAD: _pictured,
    _V.ARRANGE: _several,
    _V.REMOVE_IMAGE: _pictured,
    _V.RESTORE: lambda c: c.snapshot.revisions > 1,
    _V.CORRECT: lambda c: bool(correctable(c.snapshot, c.look)),
    _V.TAKE_DOWN: lambda c: bool(removable(c.snapshot, c.look)),
    _V.REOPEN: lambda c: c.look.now - c.snapshot.draft.state_at <= REOPEN_WITHIN,
}
"""Conditions of the case; a verb without one depends on state and role alone."""


def draft_verbs(snapshot: Snapshot, look: Look) -> tuple[Verb, ...]:
    """What this person may do with this draft now, the most frequent first."""
    role = look.actor.role
    if snapshot.draft.revision is None and snapshot.state is not DraftState.DRAFTING:
        return _permitted(role, _UNWRITTEN) if snapshot.state is DraftState.DRAFT else ()
    case = _Case(snapshot=snapshot, look=look)
    verbs = [v for v in ACTIONS[snapshot.state][role] if v not in _WHEN or _WHEN[v](case)]
    return _in_order(verbs, choose_first=open_choices(snapshot, look))


def _in_order(verbs: list[Verb], *, choose_first: bool) -> tuple[Verb, ...]:
    """What stands between the draft and its approval comes first.

    With a made picture there, another take is what people want: the form for any picture steps back.
    """
    if choose_first and Verb.OPTIONS in verbs:
        verbs.remove(Verb.OPTIONS)
        verbs.insert(0, Verb.OPTIONS)
    if Verb.ANOTHER in verbs:
        verbs.remove(Verb.IMAGE)
        verbs.insert(verbs.index(Verb.STYLE) + 1, Verb.IMAGE)
    return tuple(verbs)


def draft_buttons(snapshot: Snapshot, look: Look) -> tuple[Button, ...]:
    """The buttons of a draft's card; the one without which there is no approval stands out like it."""
    needed = frozenset({Verb.OPTIONS} if open_choices(snapshot, look) else ())
    labels = {Verb.REMOVE_IMAGE: f"Remove {_shown(snapshot.draft.revision)}"}
    return _row(draft_verbs(snapshot, look), action_for(snapshot, Verb.SHOW), needed, labels)


def _shown(revision: Revision | None) -> str:
    """What "remove" would take away."""
    slides = revision.slides if revision is not None else ()
    if len(slides) > 1:
        return "media"
    return called(slides[0].first).replace("picture", "image") if slides else "image"


def delivery_buttons(delivery: Delivery, actor: Person) -> tuple[Button, ...]:
    """The buttons of a delivery's card."""
    verbs = tuple(v for v in DELIVERY_ACTIONS.get(delivery.state, ()) if may(actor, ACTS[v].permission))
    target = Action(
        verb=Verb.SHOW,
        draft_id=delivery.draft_id,
        revision=delivery.revision,
        digest=delivery.digest[:8],
        extra=delivery.id,
    )
    return _row(verbs, target)


def _row(
    verbs: tuple[Verb, ...],
    target: Action,
    needed: frozenset[Verb] = frozenset(),
    labels: Mapping[Verb, str] = _PLAIN,
) -> tuple[Button, ...]:
    return tuple(
        Button(
            id=target.to(verb).encode(),
            label=labels.get(verb, ACTS[verb].label),
            style=Style.PRIMARY if verb in needed else ACTS[verb].style,
            confirm=ACTS[verb].confirm,
            form=ACTS[verb].form,
            more=index >= MAX_VISIBLE,
        )
        for index, verb in enumerate(verbs)
    )


def action_for(snapshot: Snapshot, verb: Verb) -> Action:
    """A verb on the draft as it is now."""
    revision = snapshot.draft.revision
    return Action(
        verb=verb,
        draft_id=snapshot.draft.id,
        revision=revision.number if revision else 0,
        digest=revision.digest[:8] if revision else "",
    )


_ID: Final = re.compile(r"cd:1:([a-z_]{1,16}):(\d{1,12}):(\d{1,6}):([0-9a-f]{8}|-)(?::([A-Za-z0-9_.=-]{1,85}))?")


NOTHING: Final = DraftId("0")
"""Stands for the draft in actions that are about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a button's id says: do this to that, as it was when the card was drawn."""

    verb: Verb
    draft_id: DraftId = NOTHING
    """"0" when it is about no draft."""
    revision: int = 0
    digest: str = ""
    """The first eight letters of the content digest; empty while nothing is written."""
    extra: str = ""
    """A delivery's id, an instant, a text: whatever the verb needs besides."""

    def to(self, verb: Verb) -> Action:
        """Another verb on the same thing."""
        return Action(verb=verb, draft_id=self.draft_id, revision=self.revision, digest=self.digest, extra=self.extra)

    @property
    def ref(self) -> DraftRef:
        """The draft as the card showed it."""
        return DraftRef(draft_id=self.draft_id, revision=self.revision, digest=self.digest)

    def encode(self) -> str:
        """The id; raises `ValueError` when it would not fit or not come back as it is."""
        tail = f":{self.extra}" if self.extra else ""
        text = f"cd:1:{self.verb}:{self.draft_id}:{self.revision}:{self.digest or '-'}{tail}"
        if len(text) > MAX_ID or not _ID.fullmatch(text):
            msg = f"no valid action id: {text!r}"
            raise ValueError(msg)
        return text


def parse_action(text: str) -> Action:
    """Read a button's id; raises `InvalidInput` for anything else."""
    found = _ID.fullmatch(text) if len(text) <= MAX_ID and text.isascii() else None
    if found is None or found[1] not in set(Verb):
        raise InvalidInput(
            "This is not a button of the desk.", next_step="Open the card again and use its buttons.", field="id"
        )
    return Action(
        verb=Verb(found[1]),
        draft_id=DraftId(found[2]),
        revision=int(found[3]),
        digest="" if found[4] == "-" else found[4],
        extra=found[5] or "",
    )


def carry(verb: Verb, text: str) -> str | None:
    """An id that carries a short text with it; None when the text is too long for that."""
    packed = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    try:
        return Action(verb=verb, extra=packed).encode()
    except ValueError:
        return None


def carried(action: Action) -> str:
    """The text an id carries; raises `InvalidInput` when it carries none."""
    try:
        return base64.urlsafe_b64decode(action.extra + "=" * (-len(action.extra) % 4)).decode()
    except ValueError:
        raise InvalidInput("This button carries no text.", next_step="Type the command again.", field="id") from None
