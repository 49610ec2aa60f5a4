"""What holds for every test: no network but loopback, no paid model call, no settings of the developer, no chance.

Sockets are limited by pytest-socket (see addopts in pyproject.toml). A test that needs a tool which may be missing
calls `require("chromium")`: it skips with a reason, and fails instead when REQUIRE_ALL=1.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import shutil
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY", "WS_PROXY", "WSS_PROXY")
OURS: Final = ("COPYDESK_", "SLACK_", "DISCORD_", "OPENAI_", "ANTHROPIC_", "REPLICATE_")
MODELS: Final = "pydantic_ai.models"


def clean_environment(environ: dict[str, str]) -> dict[str, str]:
    """The environment without proxies and without any setting of the desk or its vendors."""
    proxies = {*PROXIES, *(name.lower() for name in PROXIES)}
    return {name: value for name, value in environ.items() if name not in proxies and not name.startswith(OURS)}


_clean = clean_environment(dict(os.environ))
os.environ.clear()
os.environ.update(_clean)

settings.register_profile("fixed", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


class _SwitchedOff(importlib.abc.Loader):
    """Loads the models module as usual and turns paid requests off before anybody can use it."""

    def __init__(self, real: importlib.abc.Loader) -> None:
        self._real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._real.exec_module(module)
        module.ALLOW_MODEL_REQUESTS = False  # type: ignore[attr-defined]  # the library's own switch


class _ModelSwitch(importlib.abc.MetaPathFinder):
    """Waits for the import, wherever it happens: importing the library up front would cost every run a second."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != MODELS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _SwitchedOff(spec.loader)
        return spec


sys.meta_path.insert(0, _ModelSwitch())


@pytest.fixture
def allow_model_requests() -> Iterator[None]:
    """Lets a test drive a real vendor client against a server on loopback; the sockets still go nowhere else."""
    from pydantic_ai.models import override_allow_model_requests

    with override_allow_model_requests(allow_model_requests=True):
        yield


def require(tool: str) -> str:
    """Path of a program on this machine; without it the test is skipped, or fails when REQUIRE_ALL=1."""
    found = shutil.which(tool)
    if found is None:
        missing(f"{tool} is not installed")
    return found


def missing(reason: str) -> NoReturn:
    """Skip for a reason outside the project, or fail when REQUIRE_ALL=1 says that everything must run."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {reason}.")
    pytest.skip(f"{reason}.")


@pytest.fixture(name="require")
def _require() -> Callable[[str], str]:
    """The same as a fixture, for tests that would rather not import it."""
    return require
