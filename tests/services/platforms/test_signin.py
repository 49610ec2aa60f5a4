"""What each network is asked when somebody signs in there: addresses, parameters, proofs, refusals, and no secrets."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot.registry import PLATFORMS
from services import oauth
from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, Refused, Unavailable
from services.graph.tokens import ENDS, SEEN
from services.platforms import facebook, instagram, linkedin, mastodon, threads, tiktok, x
from tests.services.platforms.signing_in import NOW, REDIRECT, a_way, asked, sent

if TYPE_CHECKING:
    from services.ports.platform import PlatformSpec

X_APP: Final = {"client_id": "app-1", "client_secret": "app-secret"}
X_KEYS: Final = {"consumer_key": "key-1", "consumer_secret": "key-secret"}
META_APP: Final = {"app_id": "900", "app_secret": "meta-secret"}
TOKENS: Final = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "expires_in": 7200,
    "scope": "tweet.read tweet.write users.read media.write offline.access tweet.moderate.write",
}
TIKTOK_APP: Final = {"client_key": "tt-key", "client_secret": "tiktok-secret"}
SIXTY: Final = 60 * 86400


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    assert (
        oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )
    assert 43 <= len(oauth.verifier()) <= 128


@pytest.mark.parametrize("spec", [s for s in PLATFORMS if s.signin and s.signin.authorizer], ids=lambda s: s.slug)
def test_how_to_get_an_app_is_told_in_five_steps(spec: PlatformSpec) -> None:
    assert spec.signin is not None
    if all(not kind for kind in spec.signin.apps):
        assert spec.signin.steps == ()
        return
    assert len(spec.signin.steps) == 5
    assert sum("{redirect}" in step for step in spec.signin.steps) == 1
    named = " ".join(spec.signin.steps)
    assert all(f"{spec.slug}_{f.name}".upper() in named for f in spec.signin.apps[0] if f.told)
    assert all(step.format(redirect=REDIRECT) for step in spec.signin.steps)


class TestX:
    """OAuth 2 with PKCE, and OAuth 1.0a."""

    async def test_where_people_agree(self) -> None:
        authorizer, http = a_way(x.SPEC, X_APP)
        begun = await authorizer.begin("state-1")
        where, query = asked(begun.url)
        assert where == "https://x.com/i/oauth2/authorize"
        assert query == {
            "response_type": "code",
            "client_id": "app-1",
            "redirect_uri": REDIRECT,
            "scope": "tweet.read tweet.write users.read media.write offline.access tweet.moderate.write",
            "state": "state-1",
            "code_challenge": challenge_of(begun.kept["verifier"]),
            "code_challenge_method": "S256",
        }
        assert http.requests == []

    async def test_what_is_traded(self) -> None:
        authorizer, http = a_way(x.SPEC, X_APP)
        http.on("POST", "/2/oauth2/token", json_body=TOKENS)
        (found,) = await authorizer.finish({"verifier": "v"}, {"code": "code-1", "state": "s"})
        request = http.requests[0]
        assert request.url == "https://api.x.com/2/oauth2/token"
        assert sent(request) == {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": REDIRECT,
            "code_verifier": "v",
        }
        assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"app-1:app-secret").decode()
        assert found.fields == {"access_token": "access-1", "refresh_token": "refresh-1", **X_APP}
        assert found.learned == {"expires_at": (NOW + timedelta(hours=2)).isoformat()}
        assert request.timeout <= 25

    async def test_a_public_app_names_itself(self) -> None:
        authorizer, http = a_way(x.SPEC, {"client_id": "app-1"}, base_url="http://127.0.0.1:9/x")
        assert (await authorizer.begin("s")).url.startswith("http://127.0.0.1:9/x/i/oauth2/authorize?")
        http.on("POST", "/x/2/oauth2/token", json_body=TOKENS)
        (found,) = await authorizer.finish({"verifier": "v"}, {"code": "c"})
        assert sent(http.requests[0])["client_id"] == "app-1"
        assert "Authorization" not in http.requests[0].headers
        assert found.fields["base_url"] == "http://127.0.0.1:9/x"

    async def test_a_right_that_was_not_given_is_named(self) -> None:
        authorizer, http = a_way(x.SPEC, X_APP)
        http.on("POST", "/2/oauth2/token", json_body={**TOKENS, "scope": "tweet.read users.read offline.access"})
        with pytest.raises(NeedsReauth, match=r"the rights tweet\.write, media\.write"):
            await authorizer.finish({"verifier": "v"}, {"code": "c"})

    async def test_three_steps_with_a_consumer_key(self) -> None:
        authorizer, http = a_way(x.SPEC, X_KEYS)
        told = "oauth_token=req-1&oauth_token_secret=req-secret&oauth_callback_confirmed=true"
        http.on("POST", "/oauth/request_token", body=told)
        begun = await authorizer.begin("ignored")
        assert (begun.url, begun.state) == ("https://api.x.com/oauth/authorize?oauth_token=req-1", "req-1")
        header = http.requests[0].headers["Authorization"]
        assert 'oauth_callback="https%3A%2F%2Fdesk.example%2Fconnect%2Fcallback"' in header
        assert "oauth_token=" not in header
        assert 'oauth_signature_method="HMAC-SHA1"' in header
        http.on("POST", "/oauth/access_token", body="oauth_token=100-t&oauth_token_secret=t-secret&screen_name=d")
        (found,) = await authorizer.finish(begun.kept, {"oauth_token": "req-1", "oauth_verifier": "proof"})
        header = http.requests[1].headers["Authorization"]
        assert 'oauth_verifier="proof"' in header
        assert 'oauth_token="req-1"' in header
        assert found.fields == {**X_KEYS, "access_token": "100-t", "access_token_secret": "t-secret"}

    @pytest.mark.parametrize("answer", [{"denied": "req-1"}, {"oauth_token": "other", "oauth_verifier": "p"}, {}])
    async def test_a_no_or_a_wrong_token_ends_it(self, answer: dict[str, str]) -> None:
        authorizer, http = a_way(x.SPEC, X_KEYS)
        with pytest.raises(Refused):
            await authorizer.finish({"token": "req-1", "secret": "s"}, answer)
        assert http.requests == []

    async def test_an_address_that_x_does_not_know(self) -> None:
        authorizer, http = a_way(x.SPEC, X_KEYS)
        http.on(
            "POST", "/oauth/request_token", body="oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=false"
        )
        with pytest.raises(Refused) as caught:
            await authorizer.begin("s")
        assert REDIRECT in caught.value.fix


class TestMastodon:
    """An application on each server."""

    async def test_an_application_is_made_and_used(self) -> None:
        authorizer, http = a_way(mastodon.SPEC, base_url="https://social.example")
        http.on("POST", "/api/v1/apps", json_body={"client_id": "id", "client_secret": "secret", "id": "1"})
        begun = await authorizer.begin("state-1")
        made = sent(http.requests[0])
        assert made == {
            "client_name": "Copydesk",
            "redirect_uris": REDIRECT,
            "scopes": "read write:statuses write:media",
        }
        where, query = asked(begun.url)
        assert where == "https://social.example/oauth/authorize"
        assert query["code_challenge"] == challenge_of(begun.kept["verifier"])
        assert (query["state"], query["client_id"], query["scope"]) == ("state-1", "id", made["scopes"])
        http.on(
            "POST", "/oauth/token", json_body={"access_token": "t", "scope": made["scopes"], "token_type": "Bearer"}
        )
        (found,) = await authorizer.finish(begun.kept, {"code": "c"})
        traded = sent(http.requests[1])
        assert traded["code_verifier"] == begun.kept["verifier"]
        assert (traded["client_id"], traded["client_secret"], traded["redirect_uri"]) == ("id", "secret", REDIRECT)
        assert found.fields == {"base_url": "https://social.example", "access_token": "t"}

    @pytest.mark.parametrize(
        ("scope", "missing"), [("read write", ""), ("read write:statuses", "write:media"), ("", "")]
    )
    async def test_rights(self, scope: str, missing: str) -> None:
        authorizer, http = a_way(mastodon.SPEC, base_url="https://social.example")
        http.on("POST", "/oauth/token", json_body={"access_token": "t", "scope": scope})
        if not missing:
            assert await authorizer.finish({}, {"code": "c"})
            return
        with pytest.raises(NeedsReauth, match=missing):
            await authorizer.finish({}, {"code": "c"})

    async def test_a_server_that_answers_nonsense(self) -> None:
        authorizer, http = a_way(mastodon.SPEC, base_url="https://social.example")
        http.on("POST", "/api/v1/apps", body="<html>")
        with pytest.raises(Unavailable):
            await authorizer.begin("s")


class TestLinkedIn:
    """Members, and pages."""

    async def test_a_member(self) -> None:
        authorizer, http = a_way(linkedin.SPEC, X_APP)
        where, query = asked((await authorizer.begin("state-1")).url)
        assert where == "https://www.linkedin.com/oauth/v2/authorization"
        assert query == {
            "response_type": "code",
            "client_id": "app-1",
            "redirect_uri": REDIRECT,
            "state": "state-1",
            "scope": "openid profile w_member_social",
        }
        answer = {"access_token": "t", "expires_in": SIXTY, "scope": "openid,profile,w_member_social"}
        http.on("POST", "/oauth/v2/accessToken", json_body=answer)
        (found,) = await authorizer.finish({}, {"code": "c"})
        assert http.requests[0].url == "https://www.linkedin.com/oauth/v2/accessToken"
        assert sent(http.requests[0]) == {
            "grant_type": "authorization_code",
            "code": "c",
            "redirect_uri": REDIRECT,
            **X_APP,
        }
        assert found.fields == {"access_token": "t"}
        assert found.learned == {"expires_at": (NOW + timedelta(days=60)).isoformat()}

    async def test_the_month_of_the_api_that_is_set_is_asked_for_and_kept(self) -> None:
        authorizer, http = a_way(linkedin.SPEC, {**X_APP, "version": "202611"}, detail="pages")
        more = {"refresh_token": "r", "refresh_token_expires_in": 365 * 86400}
        http.on("POST", "/oauth/v2/accessToken", json_body={"access_token": "t", "expires_in": SIXTY, **more})
        role = {"organization": "urn:li:organization:1", "role": "ADMINISTRATOR", "state": "APPROVED"}
        http.on("GET", "/rest/organizationAcls", json_body={"elements": [role]})
        http.on("GET", "/rest/organizations/1", json_body={"id": 1, "localizedName": "Drift Seas"})
        (found,) = await authorizer.finish({}, {"code": "c"})
        assert "version" not in sent(http.requests[0])
        assert [r.headers["LinkedIn-Version"] for r in http.requests[1:]] == ["202611"] * 2
        page = "urn:li:organization:1"
        assert found.fields == {"access_token": "t", "version": "202611", "refresh_token": "r", "author": page, **X_APP}

    async def test_a_partner_gets_what_renews_it(self) -> None:
        authorizer, http = a_way(linkedin.SPEC, X_APP)
        more = {"refresh_token": "r", "refresh_token_expires_in": 365 * 86400}
        http.on("POST", "/oauth/v2/accessToken", json_body={"access_token": "t", "expires_in": SIXTY, **more})
        (found,) = await authorizer.finish({}, {"code": "c"})
        assert found.fields == {"access_token": "t", "refresh_token": "r", **X_APP}
        assert found.learned["renewable_until"] == (NOW + timedelta(days=365)).isoformat()

    async def test_the_pages_somebody_may_post_for(self) -> None:
        authorizer, http = a_way(linkedin.SPEC, X_APP, detail="pages")
        query = asked((await authorizer.begin("s")).url)[1]
        assert query["scope"] == "w_organization_social r_organization_social rw_organization_admin"
        http.on("POST", "/oauth/v2/accessToken", json_body={"access_token": "t", "expires_in": SIXTY})
        roles = [
            {"organization": "urn:li:organization:1", "role": "ADMINISTRATOR", "state": "APPROVED"},
            {"organization": "urn:li:organization:2", "role": "ANALYST", "state": "APPROVED"},
            {"organization": "urn:li:organization:3", "role": "CONTENT_ADMINISTRATOR", "state": "APPROVED"},
        ]
        http.on("GET", "/rest/organizationAcls", json_body={"elements": roles})
        http.on("GET", "/rest/organizations/1", json_body={"id": 1, "localizedName": "Drift Seas", "vanityName": "d"})
        http.on("GET", "/rest/organizations/3", status=403, json_body={"message": "no"})
        found = await authorizer.finish({}, {"code": "c"})
        assert [(f.fields["author"], f.label) for f in found] == [
            ("urn:li:organization:1", "Drift Seas"),
            ("urn:li:organization:3", "3"),
        ]

    async def test_an_ending_token_tells_when(self) -> None:
        from services.platforms.linkedin.tokens import ends_at

        kept = {"expires_at": NOW.isoformat(), "renewable_until": (NOW + timedelta(days=9)).isoformat()}
        assert ends_at(kept, refreshable=False) == NOW
        assert ends_at(kept, refreshable=True) == NOW + timedelta(days=9)
        assert ends_at({}, refreshable=False) is None


LONG: Final = [
    (
        threads.SPEC,
        "https://threads.com/oauth/authorize",
        "https://graph.threads.net/oauth/access_token",
        "https://graph.threads.net/access_token",
        "th_exchange_token",
    ),
    (
        instagram.SPEC,
        "https://www.instagram.com/oauth/authorize",
        "https://api.instagram.com/oauth/access_token",
        "https://graph.instagram.com/access_token",
        "ig_exchange_token",
    ),
]


@pytest.mark.parametrize(("spec", "page", "codes", "root", "grant"), LONG, ids=["threads", "instagram"])
class TestLongLived:
    """A code, an hour, sixty days."""

    async def test_the_three_steps(self, spec: PlatformSpec, page: str, codes: str, root: str, grant: str) -> None:
        authorizer, http = a_way(spec, META_APP)
        where, query = asked((await authorizer.begin("state-1")).url)
        assert spec.signin is not None
        assert where == page
        assert query == {
            "client_id": "900",
            "redirect_uri": REDIRECT,
            "scope": ",".join(spec.signin.scopes),
            "response_type": "code",
            "state": "state-1",
        }
        http.on("POST", "/oauth/access_token", json_body={"access_token": "short", "user_id": 17841})
        http.on("GET", "/access_token", json_body={"access_token": "long", "token_type": "bearer", "expires_in": SIXTY})
        (found,) = await authorizer.finish({}, {"code": "code-1#_"})
        assert [r.url for r in http.requests] == [codes, root]
        assert sent(http.requests[0]) == {
            "client_id": "900",
            "client_secret": "meta-secret",
            "grant_type": "authorization_code",
            "redirect_uri": REDIRECT,
            "code": "code-1",
        }
        assert sent(http.requests[1]) == {
            "grant_type": grant,
            "client_secret": "meta-secret",
            "access_token": "short",
        }
        assert found.fields == {"user_id": "17841", "access_token": "long"}
        assert found.learned == {SEEN: NOW.isoformat(), ENDS: (NOW + timedelta(days=60)).isoformat()}

    async def test_one_address_for_all(self, spec: PlatformSpec, page: str, codes: str, root: str, grant: str) -> None:
        del page, codes, root, grant
        authorizer, http = a_way(spec, META_APP, base_url="http://127.0.0.1:9/meta")
        assert (await authorizer.begin("s")).url.startswith("http://127.0.0.1:9/meta/oauth/authorize?")
        http.on("POST", "/oauth/access_token", json_body={"access_token": "short", "user_id": "1"})
        http.on("GET", "/access_token", json_body={"access_token": "long"})
        (found,) = await authorizer.finish({}, {"code": "c"})
        assert all(r.url.startswith("http://127.0.0.1:9/meta/") for r in http.requests)
        assert found.fields["base_url"] == "http://127.0.0.1:9/meta"
        assert ENDS not in found.learned

    async def test_a_right_that_was_not_given(
        self, spec: PlatformSpec, page: str, codes: str, root: str, grant: str
    ) -> None:
        del page, codes, root, grant
        assert spec.signin is not None
        for told in (list(spec.signin.scopes[:1]), spec.signin.scopes[0]):
            authorizer, http = a_way(spec, META_APP)
            answer = {"access_token": "short", "user_id": "1", "permissions": told}
            http.on("POST", "/oauth/access_token", json_body={"data": [answer]})
            with pytest.raises(NeedsReauth, match="content_publish"):
                await authorizer.finish({}, {"code": "c"})


class TestFacebook:
    """Pages."""

    async def walk(self, pages: list[dict[str, object]], *, granted: tuple[str, ...] = ()) -> tuple[object, object]:
        authorizer, http = a_way(facebook.SPEC, META_APP)
        http.on("GET", "/oauth/access_token", json_body={"access_token": "short", "expires_in": 3600})
        http.on("GET", "/oauth/access_token", json_body={"access_token": "long", "expires_in": SIXTY})
        assert facebook.SPEC.signin is not None
        given = [{"permission": p, "status": "granted"} for p in granted or facebook.SPEC.signin.scopes]
        given.append({"permission": "email", "status": "declined"})
        http.on("GET", "/me/permissions", json_body={"data": given})
        http.on("GET", "/me/accounts", json_body={"data": pages})
        return await authorizer.finish({}, {"code": "code-1"}), http

    async def test_where_people_agree(self) -> None:
        authorizer, _ = a_way(facebook.SPEC, META_APP)
        where, query = asked((await authorizer.begin("state-1")).url)
        assert where == "https://www.facebook.com/v26.0/dialog/oauth"
        assert (query["client_id"], query["response_type"], query["state"]) == ("900", "code", "state-1")
        assert query["scope"].split(",")[:2] == ["pages_show_list", "pages_manage_posts"]

    async def test_from_a_code_to_each_page(self) -> None:
        pages: list[dict[str, object]] = [
            {"id": "1", "name": "Drift Seas", "access_token": "page-1", "tasks": ["CREATE_CONTENT", "MANAGE"]},
            {"id": "2", "name": "Only looked at", "access_token": "page-2", "tasks": ["ANALYZE"]},
            {"id": "3", "access_token": "page-3"},
        ]
        found, http = await self.walk(pages)
        assert [(f.fields, f.label) for f in found] == [  # type: ignore[attr-defined]
            ({"page_id": "1", "access_token": "page-1"}, "Drift Seas"),
            ({"page_id": "3", "access_token": "page-3"}, "3"),
        ]
        first, second, rights, listed = http.requests  # type: ignore[attr-defined]
        assert first.url == second.url == "https://graph.facebook.com/v26.0/oauth/access_token"
        assert sent(first) == {
            "client_id": "900",
            "client_secret": "meta-secret",
            "redirect_uri": REDIRECT,
            "code": "code-1",
        }
        assert sent(second) == {
            "grant_type": "fb_exchange_token",
            "client_id": "900",
            "client_secret": "meta-secret",
            "fb_exchange_token": "short",
        }
        assert rights.headers["Authorization"] == listed.headers["Authorization"] == "Bearer long"

    async def test_a_right_that_was_not_given(self) -> None:
        with pytest.raises(NeedsReauth, match="the right pages_manage_posts"):
            await self.walk([], granted=("pages_show_list", "pages_read_engagement"))

    async def test_nobody_who_manages_a_page(self) -> None:
        found, _ = await self.walk([])
        assert found == ()


class TestTikTok:
    """The proof in hexadecimal, and two tokens that end."""

    async def test_where_people_agree(self) -> None:
        authorizer, _ = a_way(tiktok.SPEC, TIKTOK_APP)
        begun = await authorizer.begin("state-1")
        where, query = asked(begun.url)
        assert where == "https://www.tiktok.com/v2/auth/authorize/"
        assert query == {
            "client_key": "tt-key",
            "scope": "user.info.basic,user.info.stats,video.list,video.publish",
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "state": "state-1",
            "code_challenge": hashlib.sha256(begun.kept["verifier"].encode()).hexdigest(),
            "code_challenge_method": "S256",
        }
        assert query["code_challenge"] == query["code_challenge"].lower()
        assert len(query["code_challenge"]) == 64

    async def test_what_is_traded(self) -> None:
        authorizer, http = a_way(tiktok.SPEC, TIKTOK_APP)
        answer = {
            "access_token": "act.1",
            "expires_in": 86400,
            "open_id": "o-1",
            "refresh_expires_in": 365 * 86400,
            "refresh_token": "rft.1",
            "scope": "user.info.basic,user.info.stats,video.list,video.publish",
            "token_type": "Bearer",
        }
        http.on("POST", "/v2/oauth/token/", json_body=answer)
        (found,) = await authorizer.finish({"verifier": "v"}, {"code": "c*1!2"})
        assert http.requests[0].url == "https://open.tiktokapis.com/v2/oauth/token/"
        assert sent(http.requests[0]) == {
            **TIKTOK_APP,
            "grant_type": "authorization_code",
            "code": "c*1!2",
            "redirect_uri": REDIRECT,
            "code_verifier": "v",
        }
        assert found.fields == {"access_token": "act.1", "refresh_token": "rft.1", **TIKTOK_APP}
        assert found.learned == {
            "expires_at": (NOW + timedelta(days=1)).isoformat(),
            "renewable_until": (NOW + timedelta(days=365)).isoformat(),
        }

    async def test_a_no_with_a_good_status_is_one(self) -> None:
        authorizer, http = a_way(tiktok.SPEC, TIKTOK_APP)
        body = {"error": "invalid_grant", "error_description": "Authorization code is expired.", "log_id": "1"}
        http.on("POST", "/v2/oauth/token/", json_body=body)
        with pytest.raises(Refused, match="Authorization code is expired"):
            await authorizer.finish({"verifier": "v"}, {"code": "c"})

    async def test_a_right_that_was_not_given(self) -> None:
        authorizer, http = a_way(tiktok.SPEC, TIKTOK_APP)
        http.on("POST", "/v2/oauth/token/", json_body={"access_token": "a", "scope": "user.info.basic,video.list"})
        with pytest.raises(NeedsReauth, match=r"user\.info\.stats, video\.publish"):
            await authorizer.finish({"verifier": "v"}, {"code": "c"})


SIGNED: Final = [
    (tiktok.SPEC, TIKTOK_APP, "/v2/oauth/token/", "POST"),
    (x.SPEC, X_APP, "/2/oauth2/token", "POST"),
    (linkedin.SPEC, X_APP, "/oauth/v2/accessToken", "POST"),
    (mastodon.SPEC, {}, "/oauth/token", "POST"),
    (threads.SPEC, META_APP, "/oauth/access_token", "POST"),
    (instagram.SPEC, META_APP, "/oauth/access_token", "POST"),
    (facebook.SPEC, META_APP, "/oauth/access_token", "GET"),
]


@pytest.mark.parametrize(("spec", "app", "path", "method"), SIGNED, ids=[str(row[0].slug) for row in SIGNED])
class TestRefusals:
    """The same at all of them."""

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ({"error": "access_denied", "error_description": "The user denied"}, "Access was not granted"),
            ({"error": "user_cancelled_login"}, "Access was not granted"),
            ({"error": "invalid_scope", "error_description": "Scope <b>bad</b>"}, "did not sign anybody in"),
            ({}, "did not sign anybody in"),
        ],
    )
    async def test_without_a_code_nobody_is_asked(  # noqa: PLR0917 - one case of a table
        self, spec: PlatformSpec, app: dict[str, str], path: str, method: str, answer: dict[str, str], said: str
    ) -> None:
        del path, method
        authorizer, http = a_way(spec, app, base_url="https://n.example")
        with pytest.raises(Refused, match=said) as caught:
            await authorizer.finish({"verifier": "v"}, answer)
        assert "/desk connect" in caught.value.fix
        assert http.requests == []

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (
                400,
                {"error": "invalid_grant", "error_description": "code-9 expired, app-secret meta-secret tiktok-secret"},
                Refused,
            ),
            (400, {"error": {"message": "This authorization code has been used.", "code": 100}}, Refused),
            (
                400,
                {"error_type": "OAuthException", "code": 400, "error_message": "Matching code was not found"},
                Refused,
            ),
            (401, {"error": "invalid_client"}, NeedsOperator),
            (401, "", NeedsOperator),
            (503, "", Unavailable),
            (200, "<html>", Unavailable),
            (200, {"token_type": "bearer"}, Unavailable),
            (200, [], Unavailable),
        ],
    )
    async def test_what_a_no_means_and_that_it_tells_no_secret(  # noqa: PLR0917 - one case of a table
        self,
        spec: PlatformSpec,
        app: dict[str, str],
        path: str,
        method: str,
        status: int,
        body: object,
        kind: type[DeskError],
    ) -> None:
        authorizer, http = a_way(spec, app, base_url="https://n.example")
        text = body if isinstance(body, str) else None
        http.on(method, path, status=status, json_body=body, body=text)
        with pytest.raises(kind) as caught:
            await authorizer.finish({"verifier": "v"}, {"code": "code-9"})
        told = f"{caught.value.message} {caught.value.next_step}"
        for secret in ("code-9", *(value for name, value in app.items() if "secret" in name)):
            assert secret not in told

    async def test_nothing_secret_is_printed(
        self, spec: PlatformSpec, app: dict[str, str], path: str, method: str
    ) -> None:
        authorizer, http = a_way(spec, app, base_url="https://n.example")
        http.on("POST", "/api/v1/apps", json_body={"client_id": "id", "client_secret": "app-secret"})
        begun = await authorizer.begin("state-1")
        del path, method
        for secret in ("app-secret", "meta-secret", "tiktok-secret", "state-1", *begun.kept.values()):
            assert secret not in repr((authorizer, begun))
