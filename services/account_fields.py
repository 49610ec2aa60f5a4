"""What an operator pastes to connect an account, read with care: wrong names, wrong types, unusable addresses."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.domain.errors import InvalidInput
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.platform import PlatformSpec

HEADERS: Final = "extra_headers"
"""Kept among the credentials, as JSON: a header may be a secret too."""
_COMMON: Final = frozenset({"base_url", HEADERS, "name"})


def read_fields(spec: PlatformSpec, fields: Mapping[str, object]) -> tuple[dict[str, str], str, str]:
    """What an operator pasted, as credentials, base URL and name; raises `InvalidInput` naming the first at fault."""
    known = {f.name for f in spec.fields} | _COMMON
    for key in fields:
        if key not in known:
            near = nearest(key, sorted(known))
            hint = f"Did you mean {near}?" if near else f"{spec.label} takes {', '.join(sorted(known))}."
            raise InvalidInput(f"{spec.label} has no field “{key}”.", next_step=hint, field=key)
    credentials: dict[str, str] = {}
    for one in spec.fields:
        value = _text(fields.get(one.name), one.name)
        if not value and one.required:
            msg = f"{spec.label} needs the field “{one.name}”."
            raise InvalidInput(msg, next_step=one.help, field=one.name)
        if value and one.name not in _COMMON:
            credentials[one.name] = value
    headers = _headers(fields.get(HEADERS))
    if headers:
        credentials[HEADERS] = json.dumps(headers, sort_keys=True)
    return credentials, check_base_url(_text(fields.get("base_url"), "base_url")), _text(fields.get("name"), "name")


def _headers(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        step = 'Write it like {"X-Gateway": "…"}, or leave it out.'
        raise InvalidInput("extra_headers must be an object of header names and texts.", next_step=step, field=HEADERS)
    return {str(name): _text(text, HEADERS) for name, text in value.items()}


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"The field “{name}” must be a text.", next_step="Put it in quotes.", field=name)
    clean = value.strip()
    if not clean.isprintable():
        msg = f"The field “{name}” has a line break or another invisible character in it."
        raise InvalidInput(msg, next_step="Copy it again, as one line.", field=name)
    return clean


def check_base_url(url: str) -> str:
    """The URL without a trailing slash; https, or plain http on this machine only."""
    if not url:
        return ""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        usable = parts.port != 0
    except ValueError:
        raise _no_server(url) from None
    odd = parts.username or parts.query or parts.fragment or any(c.isspace() for c in url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or odd or not usable:
        raise _no_server(url)
    if parts.scheme == "http" and not _loopback(parts.hostname):
        msg = "Tokens are not sent over plain http to another machine."
        raise InvalidInput(msg, next_step="Use the https address.", field="base_url")
    return parts.geturl().rstrip("/")


def _no_server(url: str) -> InvalidInput:
    hint = "Write it like https://mastodon.social"
    return InvalidInput(f"“{url[:120]}” is not the address of a server.", next_step=hint, field="base_url")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
