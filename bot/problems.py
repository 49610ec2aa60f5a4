"""What keeps a desk from starting, in sentences for whoever runs it."""

from __future__ import annotations


class StartProblem(Exception):
    """The process can't go on; each line is one problem with its next step. Exit code 2."""

    def __init__(self, *lines: str) -> None:
        """Keep the lines for printing."""
        super().__init__(" ".join(lines))
        self.lines = lines
