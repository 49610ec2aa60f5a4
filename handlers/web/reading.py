"""Drafts, deliveries and accounts as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.choosing import chosen
from handlers.views.wire import Json, chosen_json, problem_json
from services.domain.media import Attachment

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.desk import Desk
    from handlers.views.card import Chosen
    from handlers.views.look import Proof
    from services.board import DeliveryRecord
    from services.domain.account import Account
    from services.domain.media import MediaItem, Medium
    from services.domain.post import Approval, Variant
    from services.ledger import Snapshot


def draft_json(snapshot: Snapshot, desk: Desk) -> Json:
    """A draft with its texts as measured and what was chosen for them."""
    draft = snapshot.draft
    revision = draft.revision
    proofs = desk.proofreader.proofs(snapshot)
    return {
        "id": draft.id,
        "state": snapshot.state.value,
        "revision": revision.number if revision else 0,
        "digest": revision.digest if revision else "",
        "brief": draft.brief.text,
        "author": draft.author_name,
        "planned_at": _iso(draft.planned_at),
        "approval": _approval(draft.approval) if draft.approval else None,
        "variants": [
            {**_variant(v, proofs.get(v.account_id)), "options": [chosen_json(o) for o in _chosen(v, snapshot, desk)]}
            for v in (revision.variants if revision else ())
        ],
    }


def _approval(approval: Approval) -> Json:
    return {
        "by": approval.by_name,
        "at": approval.at.isoformat(),
        "revision": approval.revision,
        "digest": approval.digest,
    }


def _variant(variant: Variant, proof: Proof | None) -> Json:
    return {
        "account_id": variant.account_id,
        "platform": variant.platform,
        "text": variant.text,
        "parts": list(variant.parts) if len(variant.parts) > 1 else [],
        "length": proof.length if proof else 0,
        "limit": proof.limit if proof else 0,
        "unit": proof.unit if proof else "characters",
        "valid": proof is not None and proof.valid,
        "problems": [problem_json(p) for p in proof.problems] if proof else [],
        "media": [_medium(m) for m in variant.media],
    }


def _chosen(variant: Variant, snapshot: Snapshot, desk: Desk) -> tuple[Chosen, ...]:
    account = snapshot.accounts.get(variant.account_id)
    return chosen(desk.options.get(variant.platform, ()), variant.options, account.limits if account else None)


def _medium(medium: Medium) -> Json:
    poster = medium.poster if isinstance(medium, Attachment) else None
    return {**media_json(medium.item, poster), "alt": medium.alt}


def media_json(item: MediaItem, poster: MediaItem | None = None) -> Json:
    """A stored file; seconds and poster of a video, pages of a document."""
    return {
        "digest": item.digest,
        "url": f"/api/media/{item.digest}",
        "mime": item.mime,
        "width": item.width,
        "height": item.height,
        "size": item.size,
        "seconds": item.video.seconds if item.video else None,
        "pages": item.pages,
        "poster": f"/api/media/{poster.digest}" if poster else None,
    }


def delivery_json(record: DeliveryRecord) -> Json:
    """A delivery with every step it took."""
    delivery = record.delivery
    return {
        "id": delivery.id,
        "draft_id": delivery.draft_id,
        "account_id": delivery.account_id,
        "platform": delivery.platform,
        "state": delivery.state.value,
        "due_at": delivery.due_at.isoformat(),
        "next_at": delivery.next_at.isoformat(),
        "attempts": delivery.attempts,
        "url": delivery.url,
        "remote_id": delivery.remote_id,
        "published_at": _iso(delivery.published_at),
        "problem": delivery.problem,
        "log": [
            {
                "at": e.at.isoformat(),
                "from": e.from_state.value if e.from_state else None,
                "to": e.to_state.value,
                "note": e.note,
            }
            for e in record.log
        ],
    }


def account_json(account: Account) -> Json:
    """An account without its credentials."""
    return {
        "id": account.id,
        "platform": account.platform,
        "handle": account.handle,
        "name": account.name,
        "base_url": account.base_url,
        "health": account.health.value,
        "note": account.health_note,
        "practice": account.practice,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
