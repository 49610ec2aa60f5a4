"""Both vendors over real sockets, built as the desk builds them from its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import bootstrap, serving
from bot.config import Settings
from bot.system_clock import SystemClock
from services.content import openai
from services.domain.errors import DeskError, NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.ids import AccountId
from services.domain.post import Brief
from services.ports.models import ImageModel, Target, WritingTask
from tests.builders import a_brand
from tests.fakes.image_wire import ImageWire, PictureTurn
from tests.fakes.openai_wire import Document, OpenAIWire
from tests.fakes.workers import InlineWorkers
from tests.services.images.tasks import a_task, opened

pytestmark = pytest.mark.usefixtures("allow_model_requests")


class Hasty(SystemClock):
    """Real instants, no waiting."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0)


@asynccontextmanager
async def served(wire: ImageWire | OpenAIWire) -> AsyncIterator[str]:
    listener = serving.bind("127.0.0.1", 0)
    async with serving.serving(wire.app(), listener, grace=1):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def painter(wire: ImageWire | OpenAIWire, vendor: str) -> AsyncIterator[ImageModel]:
    """The image model of a desk whose settings name the stand-in."""
    async with served(wire) as url:
        values = {
            "openai": {"OPENAI_API_KEY": wire.key, "OPENAI_BASE_URL": f"{url}/v1"},
            "replicate": {"REPLICATE_API_TOKEN": wire.key, "REPLICATE_BASE_URL": url},
        }[vendor]
        model = bootstrap.image_model(Settings.model_validate(values), Hasty(), InlineWorkers())
        yield model
        await model.aclose()


@pytest.mark.parametrize("vendor", ["openai", "replicate"])
async def test_a_picture_comes_through(vendor: str) -> None:
    wire = ImageWire()
    async with painter(wire, vendor) as model:
        painted = await model.paint(a_task(scene="a pier at low water"))

    assert opened(painted.data).size == (1600, 900)
    assert "a pier at low water" in wire.prompts[0]
    assert wire.tokens_at_files == []


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (PictureTurn.MODERATED, Refused),
        (PictureTurn.RETIRED, NeedsOperator),
        (PictureTurn.NO_QUOTA, NeedsOperator),
        (PictureTurn.RATE_LIMIT, RateLimited),
        (PictureTurn.DOWN, Unavailable),
        (PictureTurn.NONSENSE, Unavailable),
    ],
)
async def test_what_goes_wrong_is_told_after_one_call(turn: PictureTurn, kind: type[DeskError]) -> None:
    wire = ImageWire(script=[turn])
    async with painter(wire, "openai") as model:
        with pytest.raises(kind):
            await model.paint(a_task())

    assert len(wire.prompts) == 1


async def test_a_server_that_only_writes_goes_on_writing() -> None:
    """One address for both: that it has no pictures hurts no draft."""

    def write(_prompt: str, _schema: Document) -> Document:
        return {"topic": "Tides", "variants": [{"account_id": "a1", "text": "High water at noon."}]}

    wire = OpenAIWire(write)
    target = Target(account_id=AccountId("one"), label="Mastodon", limit=500, unit="characters", guidance="")
    async with served(wire) as url:
        values = {"OPENAI_API_KEY": wire.key, "OPENAI_BASE_URL": f"{url}/v1"}
        pictures = bootstrap.image_model(Settings.model_validate(values), SystemClock(), InlineWorkers())
        texts = openai.build(clock=SystemClock(), api_key=wire.key, model="gpt-stand-in", base_url=f"{url}/v1")
        with pytest.raises(NeedsOperator, match="The server at OPENAI_BASE_URL has no image model"):
            await pictures.paint(a_task())
        writing = await texts.write(WritingTask(brand=a_brand(), brief=Brief(text="tides"), targets=(target,)))
        await pictures.aclose()
        await texts.aclose()

    assert writing.texts == {"one": "High water at noon."}
