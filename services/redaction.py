"""Takes secrets out of what others say: out of logs by how they look, out of a refusal because we know what we sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.ports.http import HttpRequest

HIDDEN: Final = "[hidden]"
SECRET_NAME: Final = re.compile(
    r"token|secret|password|authorization|api_?key|jwt|cookie|verifier|assertion|proof|signature", re.IGNORECASE
)
"""Names of what nobody else may read."""
_CODES: Final = frozenset({"code", "state"})
"""Good once and for minutes, and secret for as long."""
_SHORT: Final = 8
"""Characters of what is too short to be a secret, and would tear words apart."""
_NAMED: Final = (
    r"(?<![\w.-])[\w.-]*(?:token|secret|password|api_?key|consumer_key|verifier|assertion|proof|signature)[\w-]{0,40}"
)
_TEXT: Final = re.compile(
    rf"(?i:({_NAMED}(?:=|[\"']\s*[:=,]\s*b?)[\"']?"
    r"|[?&](?:code|state|sig|key)="
    r"|/(?:connect/go|pulled)/"
    r"|\bauthorization[\"']?\s*[:=,]\s*b?[\"']?(?:[a-z]+\s+)?(?!\w+=\")"
    r"|\bbearer\s+))[^\s&\"',})\]]+"
    r"|xox[abp]-[\w-]+|xapp-[\w-]+|sk-[\w-]{8,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"
    r"|[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,}|aW50ZXJhY3Rpb2[\w-]{8,}"
    r"|\b(?:EAA|IGQ|IGAA|THAA|THQ)[A-Za-z0-9]{12,}|\bact\.[\w!-]{12,}"
)
"""What looks like a secret, or stands where one does: in queries, JSON, headers and the desk's own addresses."""


def plain(text: str) -> str:
    """A text without what looks like a secret."""
    return _TEXT.sub(lambda found: f"{found[1] or ''}{HIDDEN}", text)


def without_own(body: bytes, request: HttpRequest) -> bytes:
    """What a server said, without the secrets of the request it answers: some repeat the token they don't take."""
    for secret in sorted(_sent(request), key=len, reverse=True):
        body = body.replace(secret.encode(), b"...")
    return body


def _sent(request: HttpRequest) -> set[str]:
    fields = [*request.params, *request.form, *_texts(request.json)]
    found = {value for name, value in fields if SECRET_NAME.search(name) or name in _CODES}
    for name, value in request.headers.items():
        if SECRET_NAME.search(name):
            found |= {value.rpartition(" ")[2], *re.findall(r"\"([^\"]+)\"", value)}
    return {value for value in found if len(value) >= _SHORT}


def _texts(value: object) -> Iterator[tuple[str, str]]:
    """The named texts of a JSON body, however deep."""
    items: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        fields: Mapping[object, object] = value
        items = fields.items()
    elif isinstance(value, list):
        items = (("", one) for one in value)
    for name, inner in items:
        if isinstance(inner, str):
            yield str(name), inner
        else:
            yield from _texts(inner)
