"""The shapes of the HTTP face for its OpenAPI description; answers are built by hand and held to these by tests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.domain.delivery import DeliveryState
from services.domain.post import DraftState


class CommandBody(BaseModel):
    """A typed command."""

    model_config = ConfigDict(extra="ignore")
    text: str = Field(description="As typed after /desk, for example: draft We shipped 2.4 today for mastodon")
    as_: str = Field(default="owner", alias="as", description="Who speaks; an unknown name becomes an approver.")


FieldBody = str | int | float | bool | list[str] | None
"""A field's answer; several files are a list of digests or data: URLs."""


class ActionBody(BaseModel):
    """A pressed button, with its form's answers if it has a form."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(description="The button's id.")
    as_: str = Field(default="owner", alias="as", description="Who presses it.")
    fields: dict[str, FieldBody] | None = Field(
        default=None,
        description="Absent or null: a button with a form answers with the form. A list gives several files.",
    )


class ProblemModel(BaseModel):
    """Something wrong with a text; severity block keeps it from being approved."""

    code: str
    severity: Literal["block", "warn"]
    message: str
    fix: str


class ConfirmModel(BaseModel):
    """What a person is asked first; the API executes at once."""

    title: str
    text: str


class ButtonModel(BaseModel):
    """Something this person may do now."""

    type: Literal["button"]
    id: str = Field(max_length=100)
    label: str
    style: Literal["primary", "plain", "danger"]
    confirm: ConfirmModel | None
    form: str | None


class TextModel(BaseModel):
    """Plain words."""

    type: Literal["text"]
    text: str


class NoteModel(BaseModel):
    """A sentence set apart."""

    type: Literal["note"]
    text: str
    tone: str


class ImageModel(BaseModel):
    """A picture; sizes in pixels."""

    type: Literal["image"]
    url: str
    alt: str
    width: int
    height: int


class CheckModel(BaseModel):
    """One thing that was looked at."""

    name: str
    text: str
    tone: str


class ChecksModel(BaseModel):
    """What was looked at."""

    type: Literal["checks"]
    items: list[CheckModel]


class FactModel(BaseModel):
    """A named fact."""

    name: str
    text: str
    link: str


class FieldsModel(BaseModel):
    """Named facts."""

    type: Literal["fields"]
    items: list[FactModel]


class ChosenModel(BaseModel):
    """What was chosen for a post on its network; one that somebody has to choose has no value."""

    name: str
    title: str
    value: str
    text: str


class TextOfAccountModel(BaseModel):
    """What one account will say."""

    account_id: str
    platform: str
    text: str
    parts: list[str] = Field(description="The posts of a thread; empty for a single post.")
    length: int
    limit: int
    unit: str
    valid: bool
    problems: list[ProblemModel]
    options: list[ChosenModel]


class VariantModel(TextOfAccountModel):
    """The same as a block of a card."""

    type: Literal["variant"]


BlockModel = Annotated[
    TextModel | NoteModel | ImageModel | ChecksModel | FieldsModel | VariantModel, Field(discriminator="type")
]


class CardModel(BaseModel):
    """What the channel shows."""

    card_id: str
    draft_id: str | None
    revision: int
    state: str
    title: str
    blocks: list[BlockModel]
    buttons: list[ButtonModel]
    audit: list[str]


class OptionModel(BaseModel):
    """A value to choose from."""

    value: str
    text: str


class FormFieldModel(BaseModel):
    """One question of a form."""

    name: str
    title: str
    type: Literal["text", "textarea", "select", "file", "url"]
    required: bool
    max: int | None
    options: list[OptionModel]
    value: str
    help: str
    error: str
    theirs: str | None = Field(description="What somebody else made of it meanwhile.")
    note: str


class ClashModel(BaseModel):
    """Who saved another version meanwhile; answering the form replaces it."""

    by: str
    verb: str
    when: str
    revision: int


class FormModel(BaseModel):
    """Answer it by calling the action with these fields."""

    name: str
    title: str
    action: str
    fields: list[FormFieldModel]
    note: str
    clash: ClashModel | None


class ReplyModel(BaseModel):
    """One thing to show."""

    kind: Literal["show", "whisper", "update", "open", "silent"]
    card: CardModel | None
    form: FormModel | None


class RepliesModel(BaseModel):
    """The answer to a command or an action."""

    replies: list[ReplyModel]


class ErrorModel(BaseModel):
    """What happened, what is unchanged, the next step."""

    code: str
    message: str
    unchanged: str
    next: str
    field: str | None


class ErrorAnswer(BaseModel):
    """An error; a stale card comes with the fresh one, a wrong form with the form as it was filled in."""

    error: ErrorModel
    replies: list[ReplyModel]


class MediaModel(BaseModel):
    """A stored picture, video or document; sizes in pixels and bytes."""

    digest: str
    url: str
    mime: str
    width: int
    height: int
    size: int
    seconds: float | None
    """Of a video."""
    pages: int | None
    """Of a document."""
    poster: str | None
    """The address of the picture that stands for a video."""


class ShownModel(MediaModel):
    """One of them as it goes with a text."""

    alt: str


class DraftTextModel(TextOfAccountModel):
    """What one account will say, with its pictures in order, or its video or document alone."""

    media: list[ShownModel]


class ApprovalModel(BaseModel):
    """Who agreed to which content."""

    by: str
    at: str
    revision: int
    digest: str


class DraftModel(BaseModel):
    """A draft; `digest` is its content's SHA-256, times are ISO 8601 in UTC."""

    id: str
    state: DraftState
    revision: int
    digest: str
    brief: str
    author: str
    planned_at: str | None
    approval: ApprovalModel | None
    variants: list[DraftTextModel]


class DraftsModel(BaseModel):
    """A page, newest first; `next` is the `before` of the page after it."""

    drafts: list[DraftModel]
    next: str | None


class StepModel(BaseModel):
    """One step of a delivery."""

    at: str
    from_: str | None = Field(alias="from")
    to: DeliveryState
    note: str


class DeliveryModel(BaseModel):
    """One post on its way to one account."""

    id: str
    draft_id: str
    account_id: str
    platform: str
    state: DeliveryState
    due_at: str
    next_at: str
    attempts: int
    url: str | None
    remote_id: str | None
    published_at: str | None
    problem: str
    log: list[StepModel]


class DeliveriesModel(BaseModel):
    """A page, newest first."""

    deliveries: list[DeliveryModel]
    next: str | None


class CardsModel(BaseModel):
    """A page of the channel, newest first."""

    cards: list[CardModel]
    next: str | None


class AccountModel(BaseModel):
    """A connected account, without its credentials."""

    id: str
    platform: str
    handle: str
    name: str
    base_url: str
    health: str
    note: str
    practice: bool


class AccountsModel(BaseModel):
    """All of them, in order of connection."""

    accounts: list[AccountModel]


class HealthModel(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class ReadyModel(BaseModel):
    """Whether the desk serves; parts and chat surfaces with their state in words."""

    ready: bool
    parts: dict[str, str]
    surfaces: dict[str, str]
