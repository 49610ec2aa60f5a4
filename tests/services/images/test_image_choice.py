"""The setting for the image model is read as documented."""

from __future__ import annotations

import pytest

from bot import registry
from bot.bootstrap import image_model
from bot.config import Settings
from bot.problems import StartProblem
from services.domain.errors import InvalidInput
from services.images.choice import DEFAULT_MODELS, ImageChoice, ImageKeys, choose_image_model
from tests.fakes.clock import FakeClock
from tests.fakes.workers import InlineWorkers

KNOWN = "known are openai, replicate, offline."
BOTH = ImageKeys(openai_api_key="sk-one", replicate_api_token="r8_two")
SDXL = "stability-ai/sdxl:7762fd07"


@pytest.mark.parametrize(
    ("choice", "keys", "expected"),
    [
        ("", ImageKeys(), ("offline", "")),
        (" ", BOTH, ("openai", DEFAULT_MODELS["openai"])),
        ("", ImageKeys(replicate_api_token="r8_two"), ("replicate", DEFAULT_MODELS["replicate"])),
        ("", ImageKeys(openai_base_url="http://127.0.0.1:1/v1"), ("offline", "")),
        ("offline", BOTH, ("offline", "")),
        ("OpenAI:gpt-image-x", BOTH, ("openai", "gpt-image-x")),
        (f"replicate:{SDXL}", BOTH, ("replicate", SDXL)),
        ("replicate", BOTH, ("replicate", DEFAULT_MODELS["replicate"])),
        ("openai:mine", ImageKeys(openai_base_url="http://127.0.0.1:1/v1/"), ("openai", "mine")),
    ],
)
def test_choices(choice: str, keys: ImageKeys, expected: tuple[str, str]) -> None:
    assert choose_image_model(choice, keys) == ImageChoice(vendor=expected[0], model=expected[1])


@pytest.mark.parametrize(
    ("choice", "message", "next_step"),
    [
        (
            "replicat:x",
            f'COPYDESK_IMAGE_MODEL names "replicat", which is not a vendor of image models here; {KNOWN}',
            'Did you mean "replicate"?',
        ),
        (
            "anthropic:x",
            f'COPYDESK_IMAGE_MODEL names "anthropic", which is not a vendor of image models here; {KNOWN}',
            "Write it as vendor:model.",
        ),
        (
            f"replicate:{SDXL}",
            "COPYDESK_IMAGE_MODEL asks for replicate, but REPLICATE_API_TOKEN is not set.",
            "Set REPLICATE_API_TOKEN, or set COPYDESK_IMAGE_MODEL to offline.",
        ),
    ],
)
def test_what_cannot_be_chosen(choice: str, message: str, next_step: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        choose_image_model(choice, ImageKeys(openai_api_key="sk-one"))

    assert (caught.value.message, caught.value.next_step) == (message, next_step)


@pytest.mark.parametrize("model", ["stability-ai/sdxl", "sdxl:7762", "stability-ai/sdxl:", "a/b/c:1"])
def test_replicate_needs_a_version(model: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        choose_image_model(f"replicate:{model}", BOTH)

    assert "replicate runs a model only with its version" in caught.value.message
    assert caught.value.next_step == "Write it as replicate:owner/name:version; the model's page lists its versions."


def test_keys_stay_out_of_the_repr() -> None:
    assert "sk-one" not in repr(BOTH)
    assert "r8_two" not in repr(BOTH)


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "offline"),
        ({"OPENAI_API_KEY": "sk-one"}, f"openai:{DEFAULT_MODELS['openai']}"),
        ({"REPLICATE_API_TOKEN": "r8_two"}, f"replicate:{DEFAULT_MODELS['replicate']}"),
        ({"OPENAI_API_KEY": "sk-one", "COPYDESK_IMAGE_MODEL": "offline"}, "offline"),
        ({"REPLICATE_API_TOKEN": "r8_two", "COPYDESK_IMAGE_MODEL": f"replicate:{SDXL}"}, f"replicate:{SDXL}"),
    ],
)
async def test_the_desk_builds_what_the_settings_choose(values: dict[str, str], name: str) -> None:
    model = image_model(settings(**values), FakeClock(), InlineWorkers())

    assert model.name == name
    await model.aclose()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"COPYDESK_IMAGE_MODEL": "replicate:a/b", "REPLICATE_API_TOKEN": "r8_two"},
            'COPYDESK_IMAGE_MODEL names "a/b" without a version; replicate runs a model only with its version.',
        ),
        (
            {"OPENAI_API_KEY": "sk-one", "OPENAI_BASE_URL": "http://models.example.org/v1"},
            "OPENAI_BASE_URL must be an https address; plain http is for this machine (127.0.0.1, localhost) only.",
        ),
        (
            {"REPLICATE_API_TOKEN": "r8_two", "REPLICATE_BASE_URL": "http://10.0.0.1"},
            "REPLICATE_BASE_URL must be an https address; plain http is for this machine (127.0.0.1, localhost) only.",
        ),
    ],
)
def test_what_could_never_paint_keeps_the_desk_from_starting(values: dict[str, str], line: str) -> None:
    with pytest.raises(StartProblem) as caught:
        image_model(settings(**values), FakeClock(), InlineWorkers())

    assert caught.value.lines[0] == line


def test_every_vendor_has_a_default_model() -> None:
    assert list(registry.IMAGE_VENDORS) == list(DEFAULT_MODELS)
