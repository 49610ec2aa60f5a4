"""The safety net of the suite is itself tested: it must catch what it is there for."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.conftest import clean_environment, missing, require

if TYPE_CHECKING:
    from pathlib import Path


def test_a_socket_to_anywhere_else_is_refused() -> None:
    warned = pytest.warns(UserWarning, match="tried to use socket")
    with socket.socket() as one, warned, pytest.raises(SocketConnectBlockedError):
        one.connect(("192.0.2.1", 80))


def test_a_socket_to_loopback_is_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no unix sockets here.")
def test_a_unix_socket_is_allowed(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        assert client.getpeername() == path


def test_paid_model_requests_are_off_however_late_the_library_is_imported() -> None:
    from pydantic_ai import models

    assert models.ALLOW_MODEL_REQUESTS is False
    with pytest.raises(RuntimeError, match="not allowed"):
        models.check_allow_model_requests()


@pytest.mark.usefixtures("allow_model_requests")
def test_a_test_can_ask_for_model_requests_to_loopback() -> None:
    from pydantic_ai import models

    models.check_allow_model_requests()


def test_proxies_and_the_developers_settings_are_gone() -> None:
    dirty = {"HTTPS_PROXY": "p", "no_proxy": "q", "COPYDESK_TOKEN": "t", "OPENAI_API_KEY": "k", "PATH": "/bin"}
    assert clean_environment(dirty) == {"PATH": "/bin"}
    assert clean_environment(dict(os.environ)) == dict(os.environ)


def test_a_missing_tool_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not installed"):
        require("no-such-tool")


def test_a_missing_tool_fails_when_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="no server answers"):
        missing("no server answers")


def test_a_tool_that_is_there_is_found_by_its_path() -> None:
    assert require("sh").endswith("/sh")
