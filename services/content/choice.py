"""Reads the text model's setting, so that the vendor is one word of configuration."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Final

from services.domain.errors import InvalidInput

OFFLINE: Final = "offline"
SETTING: Final = "COPYDESK_TEXT_MODEL"
# As published by the vendors in November 2026. Names are retired within a year or two: the setting overrides them, and
# an unknown name is told to the operator. The order is the order of preference when several keys are set.
DEFAULT_MODELS: Final[dict[str, str]] = {
    "openai": "gpt-6.1-terra",
    "anthropic": "claude-sonnet-5-5",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKeys:
    """What each vendor needs to be called; empty means unset, and keys never show in a repr."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    anthropic_api_key: str = field(default="", repr=False)
    anthropic_base_url: str = ""

    def key(self, vendor: str) -> str:
        """The vendor's key."""
        return {"openai": self.openai_api_key, "anthropic": self.anthropic_api_key}[vendor]

    def base_url(self, vendor: str) -> str:
        """The vendor's own address as the operator set it, without a trailing slash."""
        return {"openai": self.openai_base_url, "anthropic": self.anthropic_base_url}[vendor].rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A vendor and its model; `vendor` is a key of `DEFAULT_MODELS` or "offline", then `model` is empty."""

    vendor: str
    model: str


def choose_text_model(choice: str, keys: ModelKeys) -> ModelChoice:
    """Read "vendor:model", "offline" or nothing; raises `InvalidInput` for a vendor that isn't here or has no key."""
    wanted = choice.strip()
    if not wanted:
        return _first_with_key(keys)
    vendor, _, model = (part.strip() for part in wanted.partition(":"))
    vendor = vendor.lower()
    if vendor == OFFLINE:
        return ModelChoice(vendor=OFFLINE, model="")
    if vendor not in DEFAULT_MODELS:
        raise _unknown(vendor)
    # A server of one's own often needs no key; the vendor's own always does.
    if not keys.key(vendor) and not keys.base_url(vendor):
        raise InvalidInput(
            f"{SETTING} asks for {vendor}, but {vendor.upper()}_API_KEY is not set.",
            next_step=f"Set {vendor.upper()}_API_KEY, or set {SETTING} to offline.",
            field=SETTING,
        )
    return ModelChoice(vendor=vendor, model=model or DEFAULT_MODELS[vendor])


def _first_with_key(keys: ModelKeys) -> ModelChoice:
    for vendor, model in DEFAULT_MODELS.items():
        if keys.key(vendor):
            return ModelChoice(vendor=vendor, model=model)
    return ModelChoice(vendor=OFFLINE, model="")


def _unknown(vendor: str) -> InvalidInput:
    known = [*DEFAULT_MODELS, OFFLINE]
    near = difflib.get_close_matches(vendor, known, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else "Write it as vendor:model."
    return InvalidInput(
        f'{SETTING} names "{vendor[:40]}", which is not a vendor of text models here; known are {", ".join(known)}.',
        next_step=hint,
        field=SETTING,
    )
