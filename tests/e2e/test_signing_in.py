"""Accounts connected as people do it: our page, the network's own consent page, and back, over real sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from bot.practice import PracticeSettings, practice_apps
from bot.system_clock import SystemClock
from tests.e2e.process import RunningDesk, free_port

NETWORKS = {
    "x": ("CLIENT_ID", "CLIENT_SECRET"),
    "linkedin": ("CLIENT_ID", "CLIENT_SECRET"),
    "facebook": ("APP_ID", "APP_SECRET"),
    "instagram": ("APP_ID", "APP_SECRET"),
    "threads": ("APP_ID", "APP_SECRET"),
    "tiktok": ("CLIENT_KEY", "CLIENT_SECRET"),
}
"""By what each network calls an app's name and secret."""
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_SCOPE = re.compile(r'name="scope" value="([^"]+)"')
_FORM = re.compile(r'<form method="post"(?: action="([^"]*)")?')


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk in practice whose networks know its apps."""
    folder = tmp_path_factory.mktemp("signing-in")
    (folder / "var").mkdir(mode=0o700)
    running = RunningDesk(folder, port=free_port())
    running.settings = {**settings(folder, running.port + 1), "COPYDESK_PRACTICE": "1"}
    running.start()
    yield running
    running.stop()


def settings(folder: Path, port: int) -> Mapping[str, str]:
    """What an operator sets after making an app at each network."""
    root = f"http://127.0.0.1:{port}"
    apps = practice_apps(
        PracticeSettings(database=folder / "var" / "practice.db", base_url=root, now=SystemClock().now)
    )
    found = {"MASTODON_BASE_URL": f"{root}/mastodon"}
    for slug, words in NETWORKS.items():
        found[f"{slug.upper()}_BASE_URL"] = f"{root}/{slug}"
        for word, value in zip(words, apps[slug].values(), strict=True):
            found[f"{slug.upper()}_{word}"] = value
    return found


class Browser:
    """Somebody at the page, with cookies and without scripts."""

    def __init__(self, desk: RunningDesk) -> None:
        self.root = f"http://127.0.0.1:{desk.port}"
        self.http = httpx.Client(trust_env=False, timeout=20)
        token = desk.folder / "var" / "token"
        self.bearer = {"authorization": f"Bearer {token.read_text().strip()}"} if token.exists() else {}

    def say(self, text: str) -> dict[str, object]:
        answer = self.http.post(f"{self.root}/api/command", json={"text": text}, headers=self.bearer)
        assert answer.status_code == 200, answer.text
        card: dict[str, object] = answer.json()["replies"][0]["card"]
        return card

    def begin(self, text: str) -> str:
        """The network's address, by way of the link that chat gives."""
        blocks = self.say(f"connect {text}")["blocks"]
        assert isinstance(blocks, list)
        link = next(b["url"] for b in blocks if b["type"] == "link")
        asked = self.http.get(link)
        assert asked.status_code == 200, asked.text
        went = self.http.post(f"{self.root}/connect/go", data=dict(_HIDDEN.findall(asked.text)))
        assert went.status_code == 200, went.text
        found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', went.text)
        assert found is not None
        return unescape(found[1])

    def decide(self, url: str, decision: str = "allow", *, without: str = "") -> httpx.Response:
        """Press a button of the network's page and land where it leads."""
        page = self.http.get(url)
        assert page.status_code == 200, page.text
        scopes = [unescape(s) for s in _SCOPE.findall(page.text) if unescape(s) != without]
        form = _FORM.search(page.text)
        assert form is not None
        answer = self.http.post(
            urljoin(url, unescape(form[1])) if form[1] else url,
            data={**dict(_HIDDEN.findall(page.text)), "scope": scopes, "decision": decision},
        )
        assert answer.status_code == 302, answer.text
        back = answer.headers["location"].partition("#")[0]
        assert back.startswith(f"{self.root}/connect/callback?")
        return self.http.get(back)


@pytest.fixture
def browser(desk: RunningDesk) -> Iterator[Browser]:
    """A fresh one."""
    one = Browser(desk)
    yield one
    one.http.close()


@pytest.mark.parametrize(
    "network", ["x", "linkedin", "linkedin pages", "facebook", "instagram", "threads", "mastodon", "tiktok"]
)
def test_an_account_is_connected_and_again(browser: Browser, network: str) -> None:
    for _ in range(2):
        came = browser.decide(browser.begin(network))
        assert came.status_code == 200, came.text
        assert "<h1>Connected: " in came.text


def test_a_no_is_told(browser: Browser) -> None:
    came = browser.decide(browser.begin("x"), "deny")
    assert came.status_code == 422
    assert "Access was not granted at X" in unescape(came.text)


def test_a_right_that_was_unticked_is_named(browser: Browser) -> None:
    came = browser.decide(browser.begin("mastodon"), without="write:media")
    assert came.status_code == 503
    assert "the right write:media" in unescape(came.text)


def test_an_answer_works_once_and_in_its_browser(browser: Browser, desk: RunningDesk) -> None:
    other, url = Browser(desk), browser.begin("x")
    with other.http:
        came = other.decide(url)
    assert came.status_code == 403
    assert "another browser" in came.text
    assert browser.http.get(str(came.url)).status_code == 404
