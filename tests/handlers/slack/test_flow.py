"""The whole way: a brief in a channel becomes a card, is edited, approved and planned, over a real socket."""

from __future__ import annotations

from tests.handlers.slack.driving import a_desk, labels, said


async def test_a_draft_is_written_edited_approved_and_planned() -> None:
    async with a_desk() as desk:
        card = await desk.draft("Ships today picture=no")

        assert card.channel == desk.slack.world.channel("desk").id
        assert "Ships today on Mastodon" in said(card)
        await desk.ana.click(card, "Edit")
        modal = await desk.until(
            lambda: desk.ana.modal if desk.ana.modal and desk.ana.modal.content.get("submit") else None
        )
        field = next(b for b in modal.blocks if b["type"] == "input")
        await desk.ana.submit(modal, {field["label"]["text"]: "Ships today, twice as fast"})
        await desk.until(lambda: "twice as fast" in said(card))
        assert desk.ana.modal is None

        await desk.ada.click(card, "Approve")
        await desk.until(lambda: "Approved" in said(card))
        assert "Publish now" in labels(card)
