"""A painter that follows a script, one answer a call, and paints a plain ground when the script is over."""

from __future__ import annotations

import io
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.ports.models import Painted

if TYPE_CHECKING:
    import asyncio

    from services.ports.models import PictureTask


@dataclass
class ScriptedPainter:
    """`ImageModel` for tests; an answer is a `Painted` or an error to raise."""

    name: str = "scripted"
    answers: deque[Painted | Exception] = field(default_factory=deque)
    tasks: list[PictureTask] = field(default_factory=list)
    """Every call, in order."""
    gate: asyncio.Event | None = None
    """When set, each call waits for it before it answers."""
    contrast: float | None = None
    """What plain pictures say about their lettering."""

    def then(self, *answers: Painted | Exception) -> ScriptedPainter:
        """Write the next answers down."""
        self.answers.extend(answers)
        return self

    async def aclose(self) -> None:
        """Nothing is open."""

    async def paint(self, task: PictureTask) -> Painted:
        """See `ImageModel.paint`."""
        self.tasks.append(task)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        shade = 20 * len(self.tasks)
        plain = Painted(data=a_ground(shade), alt=f"Picture {len(self.tasks)}", contrast=self.contrast)
        return answer or plain


def a_ground(shade: int, width: int = 32, height: int = 18) -> bytes:
    """A small PNG of one colour."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade % 256, 38, 30)).save(out, format="PNG")
    return out.getvalue()
