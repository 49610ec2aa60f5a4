"""The forms behind a draft's and a delivery's buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb
from handlers.views.form import FieldType, Form, FormField, Option
from services.domain.media import MAX_ALT, Picture, PictureStyle, called
from services.domain.post import MOST_PARTS
from services.illustration import MAX_PROMPT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from handlers.views.look import Look
    from services.domain.media import MediaItem, Medium
    from services.domain.post import Revision
    from services.ledger import Snapshot

MAX_TEXT: Final = 40_000
MAX_ALTS: Final = 3000
"""Of several files together, as much as Slack's box takes."""
MAX_LINK: Final = 2000
MOST_FILES: Final = 10
"""Files at once, as many as a chat's form takes."""
MAX_NOTE: Final = 500
STYLES: Final = tuple(Option(value=style.value, text=style.value.capitalize()) for style in PictureStyle)
_PICTURES: Final = (
    Option(value="", text="As the desk is set"),
    Option(value="no", text="Without a picture"),
    *(Option(value=style.value, text=f"With a picture, {style.value}") for style in PictureStyle),
)


def brief_form(
    *,
    brief: str = "",
    notes: str = "",
    networks: str = "",
    parts: str = "1",
    tone: str = "",
    picture: str = "",
    hint: str = "",
) -> Form:
    """What to write about; `hint` names the networks there are."""
    return Form(
        name="brief",
        title="Write a draft",
        submit="Write it",
        action=Action(verb=Verb.DRAFT).encode(),
        fields=(
            FormField(
                name="brief",
                title="What is the post about?",
                type=FieldType.LINES,
                required=True,
                max=MAX_TEXT,
                value=brief,
                help="One sentence is enough.",
            ),
            FormField(
                name="notes",
                title="Material to draw on",
                type=FieldType.LINES,
                max=MAX_TEXT,
                value=notes,
                help="Facts, numbers, links. Nothing is taken from elsewhere.",
            ),
            FormField(
                name="networks",
                title="Networks",
                max=MAX_NOTE,
                value=networks,
                help=f"Empty means every connected account. {hint}".strip(),
            ),
            FormField(
                name="parts",
                title="Posts",
                max=4,
                value=parts,
                help=f"1, or for a thread 2 to {MOST_PARTS}. A network without threads gets one post.",
            ),
            FormField(
                name="tone",
                title="Tone",
                max=MAX_NOTE,
                value=tone,
                help="“plain”, “warm and short” … Empty: the brand's.",
            ),
            FormField(name="picture", title="Picture", type=FieldType.CHOICE, options=_PICTURES, value=picture),
        ),
    )


def edit_form(action: Action, snapshot: Snapshot, look: Look) -> Form:
    """One text for each account, and one description for each picture."""
    draft = snapshot.draft
    ids = [v.account_id for v in draft.revision.variants] if draft.revision else list(draft.account_ids)
    texts = {v.account_id: v for v in draft.revision.variants} if draft.revision else {}
    fields = []
    for account_id in ids:
        account = snapshot.accounts.get(account_id)
        variant = texts.get(account_id)
        if account is None and variant is None:
            continue
        platform = account.platform if account else variant.platform if variant else ""
        limit = f"{account.limits.text:,} {account.limits.unit} at most. " if account else ""
        fields.append(
            FormField(
                name=f"text.{account_id}",
                title=look.account(account, platform),
                type=FieldType.LINES,
                required=True,
                max=MAX_TEXT,
                value=variant.text if variant else "",
                help=f"{limit}A line of three dashes starts the next post of a thread.",
            )
        )
    shown = described(draft.revision)
    for number, one in enumerate(shown, start=1):
        fields.append(_alt_field(one.name, one.alt, of=one.of, number=number if len(shown) > 1 else 0))
    return Form(
        name="edit", title=f"Edit draft {draft.id}", submit="Save", action=action.encode(), fields=tuple(fields)
    )


def edit_values(revision: Revision | None) -> dict[str, str]:
    """What the fields of the form for editing hold when nobody typed anything."""
    variants = revision.variants if revision else ()
    return {**{f"text.{v.account_id}": v.text for v in variants}, **{d.name: d.alt for d in described(revision)}}


def alt_name(index: int) -> str:
    """The field of what is shown at this index: alt, alt.2, alt.3 …"""
    return "alt" if index == 0 else f"alt.{index + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Something shown beside a text, with the field of its description."""

    name: str
    alt: str
    shown: MediaItem
    """The picture; of a video or document the file itself."""
    poster: MediaItem | None
    """What a page shows of it; None for a document."""
    of: str
    """"picture", "video" or "document"."""


def described(revision: Revision | None) -> tuple[Described, ...]:
    """What the form for editing asks descriptions of: all that the draft has to show, in order."""
    slides = revision.slides if revision else ()
    return tuple(_described(i, slide.first) for i, slide in enumerate(slides))


def _described(index: int, shown: Medium) -> Described:
    poster = shown.item if isinstance(shown, Picture) else shown.poster
    return Described(name=alt_name(index), alt=shown.alt, shown=shown.item, poster=poster, of=called(shown))


_DOCUMENT_ALT: Final = "It is shown above the pages."
_SEVERAL_ALTS: Final = "Screen readers need it: what is to be seen. Of several files, a line for each in their order."
_PICTURE_ALT: Final = "Screen readers need it, and so do those who can't see it: what is to be seen, in a sentence."


def _alt_field(name: str, value: str = "", *, of: str = "picture", number: int = 0) -> FormField:
    """`number` says which of several it is; 0 for the only one."""
    document = of == "document"
    which = f"{of} {number}" if number else f"the {of}"
    return FormField(
        name=name,
        title=f"Title of {which}" if document else f"Description of {which}",
        type=FieldType.LINES,
        max=MAX_ALT,
        value=value,
        help=_DOCUMENT_ALT if document else _PICTURE_ALT,
    )


def _alts_field() -> FormField:
    """The words for what is brought."""
    return replace(_alt_field("alt"), max=MAX_ALTS, help=_SEVERAL_ALTS)


def _file_field(*, alone: bool) -> FormField:
    return FormField(
        name="upload",
        title="Pictures, video or PDF" if alone else "Or files of your own",
        type=FieldType.FILE,
        max=MOST_FILES,
        help="PNG, JPEG, WebP or GIF up to 20 MB, MP4, MOV or WebM up to 500 MB, PDF up to 100 MB.",
    )


def _link_field() -> FormField:
    return FormField(
        name="link",
        title="Or the address of a picture or video",
        type=FieldType.ADDRESS,
        max=MAX_LINK,
        help="Of the file itself, beginning with https://. It is fetched once and kept.",
    )


def _style_field(snapshot: Snapshot, *, required: bool) -> FormField:
    revision = snapshot.draft.revision
    origin = revision.made_picture if revision else None
    return FormField(
        name="style",
        title="Style",
        type=FieldType.CHOICE,
        required=required,
        options=STYLES,
        value=(origin.style if origin else PictureStyle.PROFESSIONAL).value,
    )


def image_form(action: Action, snapshot: Snapshot) -> Form:
    """What a picture should show, or a picture, video or PDF of one's own with its description."""
    prompt = FormField(
        name="prompt",
        title="What should be seen?",
        type=FieldType.LINES,
        max=MAX_PROMPT,
        help="Empty makes it from the post.",
    )
    brought = (_file_field(alone=False), _link_field(), _alts_field())
    fields = (prompt, _style_field(snapshot, required=False), *brought)
    return Form(name="image", title="Add a picture or video", submit="Add", action=action.encode(), fields=fields)


def style_form(action: Action, snapshot: Snapshot) -> Form:
    """The same picture in another style."""
    fields = (_style_field(snapshot, required=True),)
    return Form(name="style", title="Change the style", submit="Make it", action=action.encode(), fields=fields)


def upload_form(action: Action) -> Form:
    """A picture, video or PDF from this machine or from an address, with its description."""
    fields = (_file_field(alone=True), _link_field(), _alts_field())
    return Form(
        name="upload", title="Add your own pictures or video", submit="Add", action=action.encode(), fields=fields
    )


def arrange_form(action: Action, snapshot: Snapshot) -> Form:
    """In which order the pictures and videos are shown, and which are taken away."""
    shown = described(snapshot.draft.revision)
    told = [f"{number} is the {one.of}" for number, one in enumerate(shown, start=1)]
    which = f"{', '.join(told)}. " if len({one.of for one in shown}) == len(shown) else ""
    order = FormField(
        name="order",
        title="Order",
        required=True,
        max=MAX_NOTE,
        value=", ".join(str(n) for n, _ in enumerate(shown, start=1)),
        help=f"{which}The numbers in the order they should be shown. One that is left out is taken away.",
    )
    return Form(
        name="arrange", title="Arrange what is shown", submit="Arrange", action=action.encode(), fields=(order,)
    )


def regenerate_form(action: Action) -> Form:
    """What should change, if anything in particular."""
    wish = FormField(name="wish", title="What should change?", max=MAX_NOTE, help="Shorter, plainer, another hook …")
    return Form(name="regenerate", title="Write it anew", submit="Regenerate", action=action.encode(), fields=(wish,))


def schedule_form(action: Action, look: Look, slots: Sequence[datetime] = ()) -> Form:
    """When it goes out; `slots` are times to choose from, and `when` takes words or any other time."""
    when = FormField(
        name="when",
        title="When?",
        required=True,
        max=100,
        options=tuple(Option(value=look.stamp(at), text=look.short_day(at)) for at in slots),
        help=f"“tomorrow 9am”, “Fri 17:30” or 2027-01-31T09:00+01:00. Your clock is {look.zone}.",
    )
    return Form(name="schedule", title="Schedule", submit="Schedule", action=action.encode(), fields=(when,))


def reject_form(action: Action) -> Form:
    """Why it goes back."""
    reason = FormField(
        name="reason", title="Why?", type=FieldType.LINES, required=True, max=MAX_NOTE, help="The author reads this."
    )
    return Form(name="reject", title="Reject", submit="Reject", action=action.encode(), fields=(reason,))


def live_form(action: Action) -> Form:
    """Where the post that may be live was found."""
    url = FormField(
        name="url",
        title="Link of the post",
        type=FieldType.ADDRESS,
        required=True,
        max=2000,
        help="Copy it from the network.",
    )
    return Form(name="it_is_live", title="It is live", submit="Save", action=action.encode(), fields=(url,))
