"""A desk without a key or an account: one draft for all eight practice networks, to each its own text and picture."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from bot import bootstrap, practising, serving
from bot.config import load
from bot.practice import create_app, practice_accounts
from services.domain.account import Account
from tests.e2e.process import NETWORKS, ROOT, Script, free_port, running, until
from tests.e2e.shapes import Json, labels, texts, well_formed

BRIEF: Final = (ROOT / "examples" / "briefs" / "release.md").read_text().strip()
WIDE: Final = (1600, 900)
SHAPES: Final = {
    "mastodon": WIDE,
    "bluesky": WIDE,
    "x": WIDE,
    "linkedin": (1200, 627),
    "threads": WIDE,
    "facebook": WIDE,
    "instagram": (1080, 1350),
    "tiktok": (1080, 1920),
}
JPEGS: Final = {"instagram", "tiktok"}
"""What these show was made into one, since they take nothing else."""
MINUTE: Final = 60.0


def images(card: Json) -> dict[tuple[int, int], Json]:
    return {(b["width"], b["height"]): b for b in card["blocks"] if b["type"] == "image"}


def test_one_draft_goes_to_all_eight_as_it_was_approved(tmp_path: Path) -> None:
    with running(tmp_path) as desk, desk.client as client:
        script = Script(client)
        card = script.command(f"draft {BRIEF}")
        well_formed(card)
        said, pictures = texts(card), images(card)
        assert "Approve" in labels(card), "in practice nothing waits for a choice"
        assert list(said) == list(NETWORKS)
        assert len({block["text"] for block in said.values()}) == len(NETWORKS)
        assert all(block["valid"] and 0 < block["length"] <= block["limit"] for block in said.values())
        assert ("Who can see it", "Everyone") in {(o["title"], o["text"]) for o in said["tiktok"]["options"]}
        assert set(pictures) == set(SHAPES.values())

        card = script.press(script.press(card, "Approve"), "Publish now")
        rows = script.deliveries(card["draft_id"])
        moments = sorted(datetime.fromisoformat(d["due_at"]) for d in rows)
        assert timedelta(0) < moments[-1] - moments[0] <= timedelta(seconds=2)
        live = until(lambda: all_live(script, card["draft_id"]), "eight published deliveries", MINUTE)

        assert script.draft(card["draft_id"])["state"] == "published"
        for network in NETWORKS:
            [post] = script.networks().posts(network)
            assert (post["text"], post["url"]) == (said[network]["text"], live[network])
            shown(post, network, pictures[SHAPES[network]])
            assert httpx.get(post["url"], trust_env=False).status_code == 200
        [tiktok] = script.networks().posts("tiktok")
        assert tiktok["privacy_level"] == "PUBLIC_TO_EVERYONE"


def all_live(script: Script, draft_id: str) -> dict[str, str] | None:
    """The addresses by network, once every delivery is public."""
    rows = script.deliveries(draft_id)
    assert len(rows) == len(NETWORKS)
    assert not [d["problem"] for d in rows if d["problem"]]
    return {d["platform"]: d["url"] for d in rows} if {d["state"] for d in rows} == {"PUBLISHED"} else None


def shown(post: Json, network: str, image: Json) -> None:
    """The one picture of the card that is this network's, as it was or as a JPEG of the same size."""
    [media] = post["media"]
    assert (media["width"], media["height"]) == SHAPES[network]
    assert media["mime"] == ("image/jpeg" if network in JPEGS else "image/png")
    assert network in JPEGS or media["sha256"] == image["url"].rpartition("/")[2]
    assert media["alt"] == ("" if network == "tiktok" else image["alt"])


def test_without_a_picture_it_leaves_out_those_that_need_one_and_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as desk, desk.client as client:
        script = Script(client)
        card = script.command(f"draft {BRIEF.splitlines()[0]} picture=no")
        assert list(texts(card)) == [network for network in NETWORKS if network not in {"instagram", "tiktok"}]
        assert "not for Instagram and TikTok, where a post needs a picture" in str(card)
        assert "Approve" in labels(card)


async def test_a_desk_from_before_gets_the_accounts_it_lacks_at_the_next_start(tmp_path: Path) -> None:
    settings = load({"COPYDESK_DATA_DIR": str(tmp_path / "var"), "COPYDESK_PORT": str(free_port())}, tmp_path)
    async with bootstrap.desk(settings) as desk:
        chosen = practising.practice_settings(settings, settings.COPYDESK_PORT + 1)
        listener = serving.bind("127.0.0.1", settings.COPYDESK_PORT + 1)
        async with serving.serving(await asyncio.to_thread(create_app, chosen), listener, grace=1):
            for fields in practice_accounts(chosen)[:2]:
                own = {name: value for name, value in fields.items() if name != "platform"}
                await desk.services.accounts.add(fields["platform"], own, practice=True)
        before = list(await desk.services.accounts.list())
    assert [a.platform for a in before] == ["mastodon", "bluesky"]

    async def started() -> list[Account]:
        async with bootstrap.desk(settings) as desk, practising.practice_networks(settings, desk.services.accounts):
            return list(await desk.services.accounts.list())

    after = await started()
    assert after[:2] == before
    assert [a.platform for a in after] == list(NETWORKS)
    assert {a.practice for a in after} == {True}
    assert {a.platform: dict(a.options) for a in after if a.options} == {
        "tiktok": {"privacy_level": "PUBLIC_TO_EVERYONE"}
    }
    assert await started() == after
