"""The call all vendors share, on the library's own test models: no wire at all."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from services.content.structured import StructuredModel, Vendor, profile
from services.domain.errors import Unavailable
from services.domain.ids import AccountId
from tests.services.content.support import StillClock, task

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

VENDOR = Vendor(slug="openai", label="OpenAI")
TWO = json.dumps({"variants": [{"account_id": "a1", "text": "One."}, {"account_id": "a2", "text": "Two."}]})


def structured(model: TestModel | FunctionModel) -> StructuredModel:
    return StructuredModel(vendor=VENDOR, model="m", connect=lambda: model, clock=StillClock())


def silent(text: str) -> TestModel:
    return TestModel(custom_output_text=text, profile=profile())


async def test_an_answer_for_every_account() -> None:
    answered = silent(TWO)
    writing = await structured(answered).write(task("Tides", 300, 500))
    assert writing.texts == {AccountId("acc1"): "One.", AccountId("acc2"): "Two."}
    asked = answered.last_model_request_parameters
    assert asked is not None
    assert (asked.output_mode, asked.function_tools) == ("native", [])


async def test_the_correction_names_what_is_missing() -> None:
    said: list[str] = []

    def answer(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        said.append(str(messages[-1]))
        return ModelResponse(parts=[TextPart(TWO.replace("a2", "b7") if len(said) == 1 else TWO)])

    writing = await structured(FunctionModel(answer)).write(task("Tides", 300, 500))
    assert set(writing.texts) == {AccountId("acc1"), AccountId("acc2")}
    assert len(said) == 2
    assert "variants lacks a text for account_id a2." in said[1]


async def test_it_connects_once() -> None:
    made: list[int] = []

    def connect() -> TestModel:
        made.append(1)
        return silent(TWO)

    model = StructuredModel(vendor=VENDOR, model="m", connect=connect, clock=StillClock())
    await model.write(task("Tides", 300))
    await model.write(task("Tides", 300))
    assert made == [1]


async def test_a_mistake_of_ours_surfaces() -> None:
    def broken() -> TestModel:
        raise RuntimeError("our own bug")

    model = StructuredModel(vendor=VENDOR, model="m", connect=broken, clock=StillClock())
    with pytest.raises(RuntimeError, match="our own bug"):
        await model.write(task("Tides", 300))


async def test_the_connection_is_inside_the_deadline() -> None:
    def answer(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        raise TimeoutError

    with pytest.raises(Unavailable, match="timed out"):
        await structured(FunctionModel(answer)).write(task("Tides", 300))


def test_importing_the_vendors_imports_no_sdk() -> None:
    code = (
        "import sys, services.content.openai, services.content.anthropic, services.content.writer;"
        "print([m for m in ('openai', 'anthropic', 'pydantic_ai', 'httpx2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
