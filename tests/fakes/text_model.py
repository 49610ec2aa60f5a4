"""A writer that follows a script, one answer a call, and writes something plain when the script is over."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.ports.models import Writing
from tests.builders import an_outline

if TYPE_CHECKING:
    import asyncio

    from services.ports.models import WritingTask


@dataclass
class ScriptedModel:
    """`TextModel` for tests; an answer is a `Writing`, a text for every account, or an error to raise."""

    name: str = "scripted"
    answers: deque[Writing | str | Exception] = field(default_factory=deque)
    tasks: list[WritingTask] = field(default_factory=list)
    """Every call, in order."""
    gate: asyncio.Event | None = None
    """When set, each call waits for it before it answers."""

    def then(self, *answers: Writing | str | Exception) -> ScriptedModel:
        """Write the next answers down."""
        self.answers.extend(answers)
        return self

    async def aclose(self) -> None:
        """Nothing is open."""

    async def write(self, task: WritingTask) -> Writing:
        """See `TextModel.write`."""
        self.tasks.append(task)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.popleft() if self.answers else f"Text {len(self.tasks)} about {task.brief.text}."
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Writing):
            return answer
        return Writing(outline=an_outline(), texts={t.account_id: f"{answer} ({t.label})" for t in task.targets})
