"""The setting for the text model is read as documented."""

from __future__ import annotations

import pytest

from services.content.choice import DEFAULT_MODELS, ModelChoice, ModelKeys, choose_text_model
from services.domain.errors import InvalidInput

KNOWN = "known are openai, anthropic, offline."
BOTH = ModelKeys(openai_api_key="sk-one", anthropic_api_key="sk-two")


@pytest.mark.parametrize(
    ("choice", "keys", "expected"),
    [
        ("", ModelKeys(), ("offline", "")),
        ("  ", BOTH, ("openai", DEFAULT_MODELS["openai"])),
        ("", ModelKeys(anthropic_api_key="sk-two"), ("anthropic", DEFAULT_MODELS["anthropic"])),
        ("offline", BOTH, ("offline", "")),
        ("OpenAI:gpt-x", BOTH, ("openai", "gpt-x")),
        ("openai: org/model:free ", BOTH, ("openai", "org/model:free")),
        ("anthropic", BOTH, ("anthropic", DEFAULT_MODELS["anthropic"])),
        ("openai:llama", ModelKeys(openai_base_url="http://127.0.0.1:1/v1/"), ("openai", "llama")),
    ],
)
def test_choices(choice: str, keys: ModelKeys, expected: tuple[str, str]) -> None:
    assert choose_text_model(choice, keys) == ModelChoice(vendor=expected[0], model=expected[1])


@pytest.mark.parametrize(
    ("choice", "message", "next_step"),
    [
        (
            "opnai:gpt-x",
            f'COPYDESK_TEXT_MODEL names "opnai", which is not a vendor of text models here; {KNOWN}',
            'Did you mean "openai"?',
        ),
        (
            "replicate:a/b",
            f'COPYDESK_TEXT_MODEL names "replicate", which is not a vendor of text models here; {KNOWN}',
            "Write it as vendor:model.",
        ),
        (
            "anthropic:x",
            "COPYDESK_TEXT_MODEL asks for anthropic, but ANTHROPIC_API_KEY is not set.",
            "Set ANTHROPIC_API_KEY, or set COPYDESK_TEXT_MODEL to offline.",
        ),
    ],
)
def test_a_wrong_choice_is_one_sentence(choice: str, message: str, next_step: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        choose_text_model(choice, ModelKeys(openai_api_key="sk-one"))
    assert (caught.value.message, caught.value.next_step, caught.value.field) == (
        message,
        next_step,
        "COPYDESK_TEXT_MODEL",
    )


def test_keys_never_show() -> None:
    assert "sk-" not in repr(BOTH)
