"""Reads the image model's setting, so that the vendor is one word of configuration."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Final

import regex

from services.domain.errors import InvalidInput

OFFLINE: Final = "offline"
SETTING: Final = "COPYDESK_IMAGE_MODEL"
# As published in November 2026. Names are retired within a year or two: the setting overrides them, and an unknown name
# is told to the operator. The order is the order of preference when several keys are set.
DEFAULT_MODELS: Final[dict[str, str]] = {
    "openai": "gpt-image-2.6-flare",
    "replicate": "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
}
KEY_SETTINGS: Final[dict[str, str]] = {"openai": "OPENAI_API_KEY", "replicate": "REPLICATE_API_TOKEN"}
_NEEDS_VERSION: Final = frozenset({"replicate"})
_WITH_VERSION: Final = regex.compile(r"[\w.-]+/[\w.-]+:[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageKeys:
    """What each vendor needs to be called; empty means unset, and keys never show in a repr."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    replicate_api_token: str = field(default="", repr=False)
    replicate_base_url: str = ""

    def key(self, vendor: str) -> str:
        """The vendor's key."""
        return {"openai": self.openai_api_key, "replicate": self.replicate_api_token}[vendor]

    def base_url(self, vendor: str) -> str:
        """The vendor's address as the operator set it, without a trailing slash."""
        return {"openai": self.openai_base_url, "replicate": self.replicate_base_url}[vendor].rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChoice:
    """A vendor and its model; `vendor` is a key of `DEFAULT_MODELS` or "offline", then `model` is empty."""

    vendor: str
    model: str


def choose_image_model(choice: str, keys: ImageKeys) -> ImageChoice:
    """Read "vendor:model", "offline" or nothing; raises `InvalidInput` for what could never paint."""
    wanted = choice.strip()
    if not wanted:
        return _first_with_key(keys)
    vendor, _, model = (part.strip() for part in wanted.partition(":"))
    vendor = vendor.lower()
    if vendor == OFFLINE:
        return ImageChoice(vendor=OFFLINE, model="")
    if vendor not in DEFAULT_MODELS:
        raise _unknown(vendor)
    # A server of one's own often needs no key; the vendor's own always does.
    if not keys.key(vendor) and not keys.base_url(vendor):
        raise InvalidInput(
            f"{SETTING} asks for {vendor}, but {KEY_SETTINGS[vendor]} is not set.",
            next_step=f"Set {KEY_SETTINGS[vendor]}, or set {SETTING} to offline.",
            field=SETTING,
        )
    if model:
        check_version(vendor, model)
    return ImageChoice(vendor=vendor, model=model or DEFAULT_MODELS[vendor])


def _first_with_key(keys: ImageKeys) -> ImageChoice:
    for vendor, model in DEFAULT_MODELS.items():
        if keys.key(vendor):
            return ImageChoice(vendor=vendor, model=model)
    return ImageChoice(vendor=OFFLINE, model="")


def check_version(vendor: str, model: str) -> None:
    """Raise `InvalidInput` for a model that its vendor runs only with a version, and that has none."""
    if vendor in _NEEDS_VERSION and not _WITH_VERSION.fullmatch(model):
        raise InvalidInput(
            f'{SETTING} names "{model[:80]}" without a version; {vendor} runs a model only with its version.',
            next_step=f"Write it as {vendor}:owner/name:version; the model's page lists its versions.",
            field=SETTING,
        )


def _unknown(vendor: str) -> InvalidInput:
    known = [*DEFAULT_MODELS, OFFLINE]
    near = difflib.get_close_matches(vendor, known, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else "Write it as vendor:model."
    return InvalidInput(
        f'{SETTING} names "{vendor[:40]}", which is not a vendor of image models here; known are {", ".join(known)}.',
        next_step=hint,
        field=SETTING,
    )
