"""The one list of concrete adapters: a new network, vendor or surface is a folder or a file, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.content import anthropic, openai
from services.platforms import bluesky, mastodon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.platform import Platforms, PlatformSpec

PLATFORMS: Final[tuple[PlatformSpec, ...]] = (mastodon.SPEC, bluesky.SPEC)
"""In the order people see them."""
VENDORS: Final = (openai.VENDOR, anthropic.VENDOR)
"""In the order of choice when no model is named."""


def platforms() -> Platforms:
    """The specs by slug."""
    found: Mapping = {spec.slug: spec for spec in PLATFORMS}
    return found
