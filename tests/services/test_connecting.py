"""Signing in at a network: who may, once, within ten minutes, in one browser; several accounts, and none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.bus import InProcessBus
from services.accounts import Accounts
from services.connecting import Choosing, Connected, Connecting, Ready
from services.domain.actor import Role
from services.domain.errors import (
    Forbidden,
    InvalidInput,
    NeedsOperator,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
)
from services.domain.ids import PlatformSlug
from services.graph.tokens import ENDS
from services.platforms import linkedin, threads
from services.ports.platform import CredentialField
from services.ports.signin import App, AppField, Found, SignIn
from tests.desk import ADA, BO, make_desk
from tests.fakes.clock import FakeClock
from tests.fakes.doorman import Doorman
from tests.fakes.http import FakeHttp
from tests.fakes.social import FakeSocial

if TYPE_CHECKING:
    from services.domain.account import Account
    from services.ports.platform import PlatformSpec
    from tests.desk import Desk

URL: Final = "https://desk.example"
ATLAS: Final = PlatformSlug("atlas")


@dataclass
class Scene:
    """A desk with one network that people can sign in at."""

    desk: Desk
    doorman: Doorman
    social: FakeSocial
    http: FakeHttp
    connecting: Connecting

    @property
    def clock(self) -> FakeClock:
        return self.desk.clock

    async def atlas(self) -> list[Account]:
        return [a for a in await self.desk.accounts.list() if a.platform == ATLAS]


def with_sign_in(spec: PlatformSpec, doorman: Doorman, **more: object) -> PlatformSpec:
    signin = SignIn(
        apps=((AppField(name="client_id"), AppField(name="client_secret")),),
        steps=("Open the portal.", "Enter {redirect}.", "Copy.", "Set.", "Start."),
        authorizer=doorman,
    )
    secret = CredentialField(name="access_token", label="Access token", secret=True)
    return replace(spec, fields=(secret,), signin=replace(signin, **more))  # type: ignore[arg-type]


async def a_scene(*, app: App | None = None, url: str = URL, more: dict[str, object] | None = None) -> Scene:
    desk, doorman, http = await make_desk(), Doorman(), FakeHttp()
    social = FakeSocial(clock=desk.clock, slug="atlas", label="Atlas")
    platforms = desk.services.platforms
    platforms[ATLAS] = with_sign_in(social.spec(), doorman, **(more or {}))  # type: ignore[index]
    app = App(values={"client_id": "id-1", "client_secret": "s-1"}) if app is None else app
    connecting = Connecting(
        desk.store,
        desk.vault,
        platforms,
        desk.accounts,
        http,
        desk.clock,
        bus=InProcessBus(),
        apps={ATLAS: app},
        desk_url=url,
    )
    return Scene(desk=desk, doorman=doorman, social=social, http=http, connecting=connecting)


async def there(scene: Scene) -> tuple[str, str]:
    """Somebody at the network: the state and what the browser holds."""
    away = await scene.connecting.begin(ADA, "atlas")
    return scene.doorman.states[-1], away.browser


async def test_the_way_there_and_back_connects_a_verified_account() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    came = await scene.connecting.finish(state, {"code": "c"}, browser)
    assert isinstance(came, Connected)
    assert [a.id for a in came.accounts] == [a.id for a in await scene.atlas()]
    assert scene.doorman.kept == [{"verifier": "v-1"}]
    assert scene.doorman.going[-1].redirect_uri == f"{URL}/connect/callback"
    assert scene.doorman.going[-1].app == {"client_id": "id-1", "client_secret": "s-1"}


async def test_connecting_again_keeps_the_account() -> None:
    scene = await a_scene()
    for _ in range(2):
        state, browser = await there(scene)
        await scene.connecting.finish(state, {"code": "c"}, browser)
    assert len(await scene.atlas()) == 1


async def test_a_state_is_good_once_for_ten_minutes() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    await scene.connecting.finish(state, {}, browser)
    with pytest.raises(NotFound, match="used already"):
        await scene.connecting.finish(state, {}, browser)
    late, browser = await there(scene)
    await scene.clock.advance(600)
    with pytest.raises(NotFound, match="older than ten minutes"):
        await scene.connecting.finish(late, {}, browser)
    for made_up in ("", "made-up"):
        with pytest.raises(NotFound):
            await scene.connecting.finish(made_up, {}, browser)


async def test_two_answers_at_once_connect_once() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    came = await asyncio.gather(
        *(scene.connecting.finish(state, {}, browser) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(c, Connected) for c in came) == 1
    assert sum(isinstance(c, NotFound) for c in came) == 4


async def test_another_browser_ends_the_way() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    with pytest.raises(Forbidden, match="another browser"):
        await scene.connecting.finish(state, {}, "not-it")
    with pytest.raises(NotFound):
        await scene.connecting.finish(state, {}, browser)
    assert await scene.atlas() == []


async def test_only_an_admin_begins_and_only_one_who_still_is_ends() -> None:
    scene = await a_scene()
    for begin in (scene.connecting.begin(BO, "atlas"), scene.connecting.ticket(BO, "atlas")):
        with pytest.raises(Forbidden, match="it takes an admin"):
            await begin
    assert scene.doorman.states == []
    state, browser = await there(scene)
    await scene.desk.store.write(lambda tx: tx.people.save(replace(ADA, role=Role.AUTHOR)))
    with pytest.raises(Forbidden):
        await scene.connecting.finish(state, {}, browser)
    await scene.desk.store.write(lambda tx: tx.people.save(ADA))
    with pytest.raises(NotFound):
        await scene.connecting.finish(state, {}, browser)


async def test_somebody_who_is_gone_ends_nothing() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    await scene.desk.store.write(lambda tx: tx.people.remove(ADA.id))
    with pytest.raises(Forbidden, match="not here any more"):
        await scene.connecting.finish(state, {}, browser)


async def test_a_ticket_begins_once_and_a_network_that_is_down_does_not_use_it_up() -> None:
    scene = await a_scene()
    link = await scene.connecting.ticket(ADA, "Atlas")
    assert link.startswith(f"{URL}/connect/go/")
    word = link.rpartition("/")[2]
    passage, person = await scene.connecting.look(word)
    assert (passage.platform, person.id) == (ATLAS, ADA.id)
    scene.doorman.fail = Unavailable("Atlas can't be reached.", next_step="It is tried again by itself.")
    with pytest.raises(Unavailable) as caught:
        await scene.connecting.go(word)
    assert "by itself" not in caught.value.next_step
    scene.doorman.fail = None
    both = await asyncio.gather(scene.connecting.go(word), scene.connecting.go(word), return_exceptions=True)
    assert sum(isinstance(one, NotFound) for one in both) == 1
    with pytest.raises(NotFound):
        await scene.connecting.look(word)
    late = (await scene.connecting.ticket(ADA, "atlas")).rpartition("/")[2]
    await scene.clock.advance(600)
    with pytest.raises(NotFound):
        await scene.connecting.go(late)


async def test_a_word_opens_only_its_own_stage() -> None:
    scene = await a_scene()
    word = (await scene.connecting.ticket(ADA, "atlas")).rpartition("/")[2]
    state, browser = await there(scene)
    for work in (
        scene.connecting.finish(word, {}, browser),
        scene.connecting.choose(state, {0}, browser),
        scene.connecting.go(state),
    ):
        with pytest.raises(NotFound):
            await work


async def test_several_accounts_are_chosen_from() -> None:
    scene = await a_scene()
    scene.doorman.found = tuple(Found(fields={"access_token": f"token-{n}"}, label=f"Page {n}") for n in range(3))
    state, browser = await there(scene)
    came = await scene.connecting.finish(state, {}, browser)
    assert isinstance(came, Choosing)
    assert came.options == ("Page 0", "Page 1", "Page 2")
    assert await scene.atlas() == []
    with pytest.raises(InvalidInput, match="Nothing was picked"):
        await scene.connecting.choose(came.word, set(), browser)
    chosen = await scene.connecting.choose(came.word, {1, 99}, browser)
    assert len(chosen.accounts) == 1
    with pytest.raises(NotFound):
        await scene.connecting.choose(came.word, {1}, browser)


async def test_a_choice_counts_in_its_browser_only() -> None:
    scene = await a_scene()
    scene.doorman.found = tuple(Found(fields={"access_token": f"token-{n}"}, label=f"Page {n}") for n in range(2))
    state, browser = await there(scene)
    came = await scene.connecting.finish(state, {}, browser)
    assert isinstance(came, Choosing)
    with pytest.raises(Forbidden):
        await scene.connecting.choose(came.word, {0}, "other")


async def test_no_account_is_said() -> None:
    scene = await a_scene()
    scene.doorman.found = ()
    state, browser = await there(scene)
    with pytest.raises(NotFound, match="showed no account"):
        await scene.connecting.finish(state, {}, browser)


async def test_a_no_from_the_person_uses_the_state_up() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    with pytest.raises(Refused):
        await scene.connecting.finish(state, {"error": "access_denied"}, browser)
    with pytest.raises(NotFound):
        await scene.connecting.finish(state, {"code": "c"}, browser)


async def test_a_pause_is_told_to_whoever_waits() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    scene.doorman.fail = RateLimited("Atlas asks to slow down.", until=scene.clock.now())
    with pytest.raises(RateLimited) as caught:
        await scene.connecting.finish(state, {}, browser)
    assert "/desk connect" in caught.value.next_step


async def test_what_is_missing_is_told_before_anybody_is_sent_away() -> None:
    scene = await a_scene(app=App(values={"client_id": "id-1"}))
    way = scene.connecting.way("atlas")
    assert (way.ready, way.settings) == (Ready.NEEDS_APP, ("ATLAS_CLIENT_ID", "ATLAS_CLIENT_SECRET"))
    assert way.steps[1] == f"Enter {URL}/connect/callback."
    with pytest.raises(NeedsOperator, match="an app of your own") as caught:
        await scene.connecting.ticket(ADA, "atlas")
    assert "ATLAS_CLIENT_SECRET" in caught.value.next_step
    assert scene.connecting.way("mastodon").ready is Ready.BY_HAND
    with pytest.raises(NeedsOperator, match="no sign-in here yet"):
        await scene.connecting.begin(ADA, "mastodon")
    with pytest.raises(InvalidInput):
        scene.connecting.way("atlsa")


async def test_a_network_that_wants_https_says_so_but_not_for_a_stand_in() -> None:
    bare = "http://127.0.0.1:8420"
    scene = await a_scene(url=bare, more={"https_only": True})
    with pytest.raises(NeedsOperator, match="https addresses only") as caught:
        await scene.connecting.ticket(ADA, "atlas")
    assert "COPYDESK_PUBLIC_URL" in caught.value.next_step
    nothing_set = await a_scene(url=bare, more={"https_only": True}, app=App())
    assert nothing_set.connecting.way("atlas").ready is Ready.NEEDS_HTTPS, (
        "the app would be given an address it refuses"
    )
    app = App(values={"client_id": "id-1", "client_secret": "s-1"}, base_url="http://127.0.0.1:9/atlas")
    local = await a_scene(url=bare, more={"https_only": True}, app=app)
    await there(local)
    assert local.doorman.going[-1].base_url == "http://127.0.0.1:9/atlas"
    assert local.http.pages == []


async def test_a_server_that_somebody_names_must_be_public_and_https() -> None:
    scene = await a_scene(more={"asks_server": True})
    with pytest.raises(InvalidInput, match="which one"):
        await scene.connecting.begin(ADA, "atlas")
    for wrong in ("http://10.0.0.1", "http://127.0.0.1:99", "https://a b", "ftp://x"):
        with pytest.raises(InvalidInput):
            await scene.connecting.begin(ADA, "atlas", wrong)
    scene.http.on("GET", "", error=Refused("10.0.0.1 is not a public address, so it is not fetched."))
    with pytest.raises(Refused):
        await scene.connecting.begin(ADA, "atlas", "https://10.0.0.1")
    assert scene.doorman.states == []
    scene.http.on("GET", "")
    await scene.connecting.begin(ADA, "atlas", "@me@atlas.social")
    assert scene.doorman.going[-1].base_url == "https://atlas.social"


async def test_a_word_after_a_network_that_takes_none_is_refused() -> None:
    scene = await a_scene()
    with pytest.raises(InvalidInput, match="after Atlas"):
        await scene.connecting.ticket(ADA, "atlas", "pages")
    scene = await a_scene(more={"words": ("pages",)})
    await scene.connecting.begin(ADA, "atlas", "Pages")
    assert scene.doorman.going[-1].detail == "pages"


async def test_what_is_typed_is_connected_by_an_admin_only() -> None:
    scene = await a_scene(app=App(base_url="https://atlas.local"), more={"authorizer": None})
    assert scene.connecting.way("atlas").ready is Ready.TYPED
    with pytest.raises(Forbidden):
        await scene.connecting.typed(BO, "atlas", {"access_token": "t"})
    account = await scene.connecting.typed(ADA, "atlas", {"access_token": "token-1", "base_url": ""})
    assert [a.id for a in await scene.atlas()] == [account.id]
    with pytest.raises(InvalidInput, match="typed on the page"):
        await scene.connecting.ticket(ADA, "atlas")


async def test_nothing_secret_is_kept_in_the_clear() -> None:
    scene = await a_scene()
    state, browser = await there(scene)
    rows = await scene.desk.store.read(lambda tx: repr(tx.passages._all.passages))  # type: ignore[attr-defined]
    assert state not in rows
    assert browser not in rows


async def test_the_end_of_what_nobody_can_renew_is_known_and_moves_when_it_is_connected_again() -> None:
    desk, http = await make_desk(), FakeHttp()
    platforms = {linkedin.SPEC.slug: linkedin.SPEC}
    accounts = Accounts(desk.store, desk.vault, platforms, http, desk.files, InProcessBus(), desk.clock)
    app = App(values={"client_id": "id-1", "client_secret": "s-1"})
    connecting = Connecting(
        desk.store,
        desk.vault,
        platforms,
        accounts,
        http,
        desk.clock,
        bus=InProcessBus(),
        apps={linkedin.SPEC.slug: app},
        desk_url=URL,
    )
    for day in (0, 50):
        at = desk.clock.now()
        away = await connecting.begin(ADA, "linkedin")
        state = parse_qs(urlsplit(away.url).query)["state"][0]
        http.on("POST", "/oauth/v2/accessToken", json_body={"access_token": f"t-{day}", "expires_in": 60 * 86400})
        http.on("GET", "/v2/userinfo", json_body={"sub": "abc", "name": "Ada Drift"})
        http.on("GET", "/rest/posts", status=403, json_body={"code": "ACCESS_DENIED", "message": "no"})
        came = await connecting.finish(state, {"code": "c"}, away.browser)
        assert isinstance(came, Connected)
        assert came.accounts[0].ends_at == at + timedelta(days=60)
        assert not came.accounts[0].ends_soon(at)
        await desk.clock.advance(50 * 86400)
        assert came.accounts[0].ends_soon(desk.clock.now() + timedelta(seconds=1))
    assert len([a for a in await accounts.list() if a.platform == linkedin.SPEC.slug]) == 1


async def test_a_renewal_moves_the_end() -> None:
    desk, http = await make_desk(), FakeHttp()
    platforms = {threads.SPEC.slug: threads.SPEC}
    accounts = Accounts(desk.store, desk.vault, platforms, http, desk.files, InProcessBus(), desk.clock)
    http.on("GET", "/me", json_body={"id": "9", "username": "drift"})
    http.on("GET", "/threads_publishing_limit", json_body={"data": [{"quota_usage": 0}]})
    ends = desk.clock.now() + timedelta(days=60)
    account = await accounts.add("threads", {"access_token": "t", "user_id": "9"}, learned={ENDS: ends.isoformat()})
    assert account.ends_at == ends
    await desk.clock.advance(50 * 86400)
    http.on("GET", "/refresh_access_token", json_body={"access_token": "t2", "expires_in": 60 * 86400})
    await accounts.refresh(account.id)
    (fresh,) = [a for a in await accounts.list() if a.id == account.id]
    assert fresh.ends_at == desk.clock.now() + timedelta(days=60)
