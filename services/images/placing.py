"""Which variants a picture, a video or a document goes with: one rule, whoever brings it and however it was made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Account
    from services.domain.ids import AccountId
    from services.domain.media import Attachment, Picture
    from services.domain.post import Variant
    from services.ports.platform import Platforms


def with_pictures(variants: Sequence[Variant], pictures: Mapping[AccountId, Picture]) -> tuple[Variant, ...]:
    """Each variant with its account's picture; a video or document stays unless there is nothing else to take one.

    Variants whose account has none in `pictures` stay as they are.
    """
    spared = not all(v.attachment for v in variants)

    def placed(variant: Variant) -> Variant:
        picture = pictures.get(variant.account_id)
        if picture is None or (variant.attachment is not None and spared):
            return variant
        return replace(variant, pictures=(picture,), attachment=None)

    return tuple(placed(v) for v in variants)


def with_attachment(
    variants: Sequence[Variant], attachment: Attachment, accounts: Mapping[AccountId, Account], platforms: Platforms
) -> tuple[Variant, ...]:
    """The video or document alone where an account takes such; the others keep their pictures.

    Raises `InvalidInput` (field "upload") when no account does.
    """
    takers = {v.account_id for v in variants if _takes(accounts.get(v.account_id), attachment)}
    if not takers:
        raise _no_taker([accounts[v.account_id] for v in variants if v.account_id in accounts], attachment, platforms)
    return tuple(
        replace(v, pictures=(), attachment=attachment) if v.account_id in takers else replace(v, attachment=None)
        for v in variants
    )


def bare(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """Nothing but the texts."""
    return tuple(replace(v, pictures=(), attachment=None) for v in variants)


def _takes(account: Account | None, attachment: Attachment) -> bool:
    if account is None:
        return False
    return (account.limits.video if attachment.moves else account.limits.document) is not None


def _no_taker(accounts: Sequence[Account], attachment: Attachment, platforms: Platforms) -> InvalidInput:
    """That no network takes it; or what keeps one from fetching it."""
    for account in accounts if attachment.moves else ():
        spec = platforms.get(account.platform)
        hidden = spec.unreachable(account.limits, moving=True) if spec else None
        if hidden is not None:
            return InvalidInput(hidden.message, next_step=hidden.fix, field="upload")
    what = "videos" if attachment.moves else "documents"
    msg = f"No network of this draft takes {what}."
    return InvalidInput(msg, next_step="Use a picture, or write for a network that takes them.", field="upload")
