"""Two people at one desk in real browsers: each sees and does what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.registry import one_time_links, page_as
from bot.system_clock import SystemClock
from services.domain.ids import PersonId
from tests.browser.driving import browser, visitor
from tests.e2e.process import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.driving import Visitor
    from tests.e2e.process import RunningDesk

pytestmark = pytest.mark.browser
SCREENS: dict[str, dict[str, Any]] = {
    "vi": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "bo": {"viewport": {"width": 1440, "height": 1000}},
}


def link_for(desk: RunningDesk, name: str) -> str:
    """What chat would show to somebody."""
    token = (desk.folder / "var" / "token").read_text().strip()
    page = page_as(one_time_links(token, SystemClock()), f"http://127.0.0.1:{desk.port}")
    return page(PersonId(f"p-{name}"))


def come_in(guest: Visitor, name: str) -> None:
    """By the link, and the button behind it."""
    guest.page.goto(link_for(guest.desk, name.casefold()))
    guest.page.get_by_role("heading", name=f"Sign in as {name}?").wait_for()
    guest.look("asked")
    guest.page.get_by_role("button", name="Sign in").click()
    guest.page.get_by_role("heading", name="The desk", exact=True).wait_for()
    assert guest.page.get_by_text(f"{name} ·").count() == 1


def test_each_at_the_page_as_oneself(tmp_path: Path) -> None:
    with running(tmp_path, {"COPYDESK_UNDO_SECONDS": "0"}) as desk, desk.client as script:
        for name, role in (("Vi", "viewer"), ("Bo", "approver")):
            assert script.post("/api/command", json={"text": "queue", "as": name}).status_code == 200
            assert script.post("/api/command", json={"text": f"roles {name}={role}"}).status_code == 200
        with (
            browser() as chromium,
            visitor(chromium, desk, "viewer", **SCREENS["vi"]) as vi,
            visitor(chromium, desk, "approver", **SCREENS["bo"]) as bo,
        ):
            come_in(vi, "Vi")
            come_in(bo, "Bo")
            bo.type("draft We ship on Friday at nine picture=no")
            mine, theirs = bo.card("We ship on Friday"), vi.card("We ship on Friday")
            theirs.wait_for()
            assert theirs.locator(".button").count() == 0
            vi.look("the-channel")
            bo.button(mine, "Approve").click()
            theirs.get_by_text("Approved", exact=True).first.wait_for()
            assert theirs.get_by_text("Bo approved").count() == 1
            bo.look("approved")
            assert theirs.locator(".button").count() == 0
            vi.page.goto(f"{vi.home}approvals")
            vi.look("approvals")
            vi.page.goto(vi.home)
            vi.type("draft I may not")
            vi.page.get_by_text("Your role here is viewer").wait_for()
