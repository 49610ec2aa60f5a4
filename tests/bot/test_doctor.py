"""The verb that looks everything over: every problem at once, each with its way out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import bootstrap
from bot.config import Settings
from bot.doctor import Report, examine, look_at
from services.domain.ids import AccountId
from tests.builders import an_account
from tests.desk import make_desk


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, whose `.env` is the only setting."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_fresh_machine_has_no_problem(folder: Path) -> None:
    (folder / ".env").write_text(f"COPYDESK_PORT={free_port()}\n")

    report = await examine()

    assert report.problems == []
    assert report.lines[-1] == "No problem found."
    assert [line.partition(":")[0] for line in report.good] == [
        "brand",
        "settings are readable",
        "data directory",
        "port",
        "text model",
        "image model",
        "database",
        "accounts",
    ]


async def test_every_problem_is_told_at_once_and_once(folder: Path, taken: int) -> None:
    (folder / "brand.toml").write_text("name = = 1\n")
    (folder / "in-the-way").write_text("")
    (folder / ".env").write_text(
        f"COPYDESK_PORT={taken}\nCOPYDESK_DATA_DIR=in-the-way\nCOPYDESK_TEXT_MODEL=openai:gpt-9\n"
    )

    report = await examine()

    assert [p.partition(":")[0] for p in report.problems] == ["brand", "data directory", "port", "text model"]
    assert report.lines[-1] == "4 to put right."


async def test_an_image_model_that_could_never_paint_is_a_problem(folder: Path) -> None:
    (folder / ".env").write_text(
        f"COPYDESK_PORT={free_port()}\nREPLICATE_API_TOKEN=r8_x\nCOPYDESK_IMAGE_MODEL=replicate:stability-ai/sdxl\n"
    )

    report = await examine()

    (told,) = report.problems
    assert told.startswith('image model: COPYDESK_IMAGE_MODEL names "stability-ai/sdxl" without a version; ')
    assert told.endswith("Write it as replicate:owner/name:version; the model's page lists its versions.")


async def test_an_address_both_models_share_is_told_once(folder: Path) -> None:
    (folder / ".env").write_text(
        f"COPYDESK_PORT={free_port()}\nOPENAI_API_KEY=sk-one\nOPENAI_BASE_URL=http://models.example.org/v1\n"
    )

    report = await examine()

    assert [p.partition(":")[0] for p in report.problems] == ["text model"]


async def test_an_app_that_is_set_by_half_is_a_problem(folder: Path) -> None:
    (folder / ".env").write_text(
        f"COPYDESK_PORT={free_port()}\nCOPYDESK_PRACTICE=0\nTHREADS_APP_ID=17\nX_CLIENT_ID=app\nX_CONSUMER_KEY=key\n"
        "LINKEDIN_VERSION=202611\n"
    )

    report = await examine()

    told = "sign-in at Threads: THREADS_APP_SECRET is not set, so nobody can sign in there. "
    assert report.problems == [f"{told}Set it too, or empty what is set of this app."]
    assert "sign-in at X: its app is set" in report.good
    assert report.good[-1] == "accounts: none connected, and COPYDESK_PRACTICE is 0, so there is nowhere to post"


async def test_broken_settings_do_not_hide_a_broken_brand(folder: Path) -> None:
    (folder / "brand.toml").write_text("name = = 1\n")
    (folder / ".env").write_text("COPYDESK_PORT=eighty\nCOPYDESK_PROT=1\n")

    report = await examine()

    assert len(report.problems) == 3
    assert report.problems[0].startswith("brand: ")
    assert any("COPYDESK_PROT" in p for p in report.problems)
    assert any("COPYDESK_PORT (.env)" in p for p in report.problems)


async def test_a_broken_brand_and_model_hide_no_broken_account(folder: Path) -> None:
    port = free_port()
    settings = Settings(COPYDESK_DATA_DIR=folder / "var")
    async with bootstrap.storage(settings) as store:
        gone = an_account(id=AccountId("gone"), base_url=f"http://127.0.0.1:{free_port()}")
        sealed = bootstrap.vault(settings).seal(gone.id, {"access_token": "token"})
        await store.write(lambda tx: tx.accounts.add(gone, sealed))
    (folder / "brand.toml").write_text("name = = 1\n")
    (folder / ".env").write_text(f"COPYDESK_PORT={port}\nCOPYDESK_TEXT_MODEL=nobody:x\n")

    async with asyncio.timeout(30):
        report = await examine()

    assert [p.partition(":")[0] for p in report.problems] == ["brand", "text model", "mastodon @driftseas@social.test"]
    assert "token" not in report.problems[2].casefold().replace("access token", "")
    assert "database: at this version's schema" in report.good


async def test_what_will_stop_working_before_long_is_told() -> None:
    desk, report = await make_desk(), Report()
    desk.mastodon.advice = "It asks for an old version."
    account = await desk.accounts.add("mastodon", {"access_token": "token-1", "base_url": "https://social.test"})
    await look_at(report, desk.accounts, account)
    name = "mastodon @driftseas@social.test"
    assert report.good == [f"{name}: credentials work", f"{name}: It asks for an old version."]
    assert report.problems == []


async def test_a_key_that_opens_nothing_is_an_accounts_problem(folder: Path) -> None:
    settings = Settings(COPYDESK_DATA_DIR=folder / "var")
    async with bootstrap.storage(settings) as store:
        swapped = an_account(id=AccountId("swapped"))
        sealed = bootstrap.vault(settings).seal(AccountId("other"), {"access_token": "x"})
        await store.write(lambda tx: tx.accounts.add(swapped, sealed))
    (folder / ".env").write_text(f"COPYDESK_PORT={free_port()}\n")

    report = await examine()

    assert len(report.problems) == 1
    assert report.problems[0].startswith("mastodon @driftseas@social.test: ")
