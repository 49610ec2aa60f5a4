"""Who speaks: OAuth 1.0a signs each call with keys that do not end, OAuth 2 shows a token that lives two hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from services.ports.clock import Clock

_KEYS: Final = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_PORTAL: Final = "Copy it again from your app's keys and tokens in the X developer console."


class Signer(Protocol):
    """Makes the Authorization header of a call."""

    @property
    def refreshable(self) -> bool:
        """Whether a refused token may be replaced without a person."""
        ...

    def authorize(self, method: str, url: str, params: Sequence[tuple[str, str]]) -> str:
        """The header for a call; `params` are those of its query."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """The four keys of a user's app (RFC 5849, HMAC-SHA1); bodies that are no forms are not part of a signature."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    clock: Clock = field(repr=False)
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16), repr=False)

    @property
    def refreshable(self) -> bool:
        """See `Signer`."""
        return False

    def authorize(self, method: str, url: str, params: Sequence[tuple[str, str]]) -> str:
        """See `Signer`."""
        own = {"oauth_consumer_key": self.consumer_key, "oauth_token": self.access_token}
        keys = (self.consumer_secret, self.access_token_secret)
        return signed(method, url, params, own, keys, self.clock.now(), self.nonce())


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """A user's access token, perhaps with what renews it."""

    access_token: str = field(repr=False)
    refreshable: bool = False

    def authorize(self, method: str, url: str, params: Sequence[tuple[str, str]]) -> str:  # noqa: ARG002 (signs nothing)
        """See `Signer`."""
        return f"Bearer {self.access_token}"


def signed(  # noqa: PLR0917 - the parts of one signature
    method: str,
    url: str,
    params: Sequence[tuple[str, str]],
    own: Mapping[str, str],
    keys: tuple[str, str],
    now: datetime,
    nonce: str = "",
) -> str:
    """The header of a call with its signature; `own` says who asks, `keys` are the app's and the token's secrets."""
    claims = {
        **own,
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_version": "1.0",
    }
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in (*claims.items(), *params))
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method, _escaped(url), _escaped(joined)))
    digest = hmac.new("&".join(map(_escaped, keys)).encode(), base.encode(), hashlib.sha1).digest()
    told = {**claims, "oauth_signature": base64.b64encode(digest).decode()}
    return "OAuth " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in sorted(told.items()))


def signer_of(credentials: Mapping[str, str], clock: Clock) -> Signer:
    """The right one for what an operator pasted; raises `InvalidInput` naming what is missing or one too many."""
    given = {name: value for name, value in credentials.items() if value}
    first = any(name in given for name in _KEYS if name != "access_token")
    second = any(name in given for name in ("refresh_token", "client_id", "client_secret"))
    if first and second:
        raise InvalidInput(
            "These are keys of OAuth 1.0a and tokens of OAuth 2 together; an account needs one kind.",
            next_step="Give consumer_key, consumer_secret, access_token, access_token_secret, or access_token, "
            "refresh_token, client_id, client_secret.",
            field="client_id",
        )
    if first:
        for name in _KEYS:
            if name not in given:
                raise InvalidInput(f"OAuth 1.0a needs the field “{name}” too.", next_step=_PORTAL, field=name)
        one, two, three, four = (_token(given[name], name) for name in _KEYS)
        return OAuth1(consumer_key=one, consumer_secret=two, access_token=three, access_token_secret=four, clock=clock)
    if "refresh_token" in given and "client_id" not in given:
        raise InvalidInput("Renewing the token needs the field “client_id” too.", next_step=_PORTAL, field="client_id")
    token = _token(given.get("access_token", ""), "access_token")
    return OAuth2(access_token=token, refreshable="refresh_token" in given)


def _token(value: str, name: str) -> str:
    clean = value.strip().removeprefix("Bearer ").strip()
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput(f"The field “{name}” can't be a key or token of X.", next_step=_PORTAL, field=name)
    return clean


def _escaped(text: str) -> str:
    return quote(text, safe="~")
