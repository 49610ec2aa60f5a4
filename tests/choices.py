"""Options for tests: one that must be chosen, one with a default, a switch, a line and a list."""

from __future__ import annotations

from typing import Final

from services.ports.options import Choice, PostOption, switch

VISIBILITY: Final = PostOption(
    name="visibility",
    title="Who can see it",
    choices=(Choice(value="public", text="Everyone"), Choice(value="private", text="Followers only")),
)
WARNING: Final = PostOption(name="warning", title="Content warning", most=20, help="Hides the post behind these words.")
POLL: Final = PostOption(name="poll", title="Poll", most=100, lines=True, once=True)
MARK: Final = switch("made_with_ai", "Made with AI", shown=True)
REPLIES: Final = PostOption(
    name="replies",
    title="Who can reply",
    asked=True,
    choices=(Choice(value="all", text="Everybody"), Choice(value="none", text="Nobody")),
)
CALM: Final = (VISIBILITY, WARNING, POLL)
"""Nothing has to be chosen."""
STRICT: Final = (MARK, REPLIES)
"""Nothing goes out before somebody chose."""
