"""Choices made on a card that is not the newest: taken where nothing but other choices came in between.

A form of many questions is answered in several windows where a chat's windows are small, and each answer makes a new
version. What was seen of words and pictures is still what there is, so only the answers have to be put together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.content.options import with_chosen
from services.ledger import DraftRef, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account
    from services.domain.ids import AccountId
    from services.domain.post import Revision, Variant
    from services.ports.platform import Platforms
    from services.ports.storage import Transaction

Choices = dict["AccountId", "Mapping[str, str]"]
"""By account: the option's name and its value."""


def onto_newest(
    tx: Transaction, ref: DraftRef, choices: Mapping[AccountId, Mapping[str, str]], platforms: Platforms
) -> tuple[DraftRef, Choices]:
    """The draft as it is now with what these choices change of what was seen.

    As they are given, on what was seen, where more than choices changed or somebody chose otherwise meanwhile: the
    change is then refused as any other on an old card. Raises `InvalidInput` with the field at fault.
    """
    now = find(tx, ref.draft_id).revision
    if now is None or _is(now, ref):
        return ref, dict(choices)
    seen = next((r for r in tx.drafts.revisions(ref.draft_id) if _is(r, ref)), None)
    if seen is None or _bare(seen) != _bare(now):
        return ref, dict(choices)
    accounts = {a.id: a for a in tx.accounts.list()}
    there, before = ({v.account_id: v for v in r.variants} for r in (now, seen))
    mine: Choices = {}
    for account_id, given in choices.items():
        account, variant = accounts.get(account_id), before.get(account_id)
        if account is None or variant is None:
            return ref, dict(choices)
        changed = dict(_changed(variant, given, account, platforms))
        current = there[account_id].options
        if any(current.get(n, "") not in {variant.options.get(n, ""), value} for n, value in changed.items()):
            return ref, dict(choices)
        mine[account_id] = changed
    return DraftRef(draft_id=ref.draft_id, revision=now.number, digest=now.digest), mine


def _changed(
    seen: Variant, given: Mapping[str, str], account: Account, platforms: Platforms
) -> Iterator[tuple[str, str]]:
    """Those that are another choice than what was seen; a form sends all it showed."""
    spec = platforms[account.platform]
    shown = {o.name: seen.options.get(o.name, o.default) for o in spec.options}
    meant = {name: value for name, value in given.items() if value.strip() != shown.get(name)}
    after = with_chosen(seen.options, meant, account, spec)
    return ((n, after.get(n, "")) for n in meant if after.get(n, "") != seen.options.get(n, ""))


def _is(revision: Revision, ref: DraftRef) -> bool:
    return revision.number == ref.revision and revision.digest.startswith(ref.digest)


def _bare(revision: Revision) -> tuple[Variant, ...]:
    """All but what is chosen."""
    return tuple(replace(v, options={}) for v in revision.variants)
