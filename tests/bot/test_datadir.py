"""The data directory: made when missing, private, and refused in a sentence when it can't be used."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.datadir import api_token, prepare
from bot.problems import StartProblem


def test_it_is_made_for_its_owner_only_and_left_clean(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"

    assert prepare(Settings(COPYDESK_DATA_DIR=root)) == root

    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert list(root.iterdir()) == []


def test_a_token_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    settings = Settings(COPYDESK_DATA_DIR=tmp_path)

    first, again = api_token(settings), api_token(settings)

    assert first == again
    assert len(first) >= 40
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["token"]


def test_many_who_start_at_once_agree_on_the_token(tmp_path: Path) -> None:
    settings = Settings(COPYDESK_DATA_DIR=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: api_token(settings), range(32)))

    assert tokens == {(tmp_path / "token").read_text()}


def test_a_token_from_the_settings_is_not_written_down(tmp_path: Path) -> None:
    settings = Settings(COPYDESK_DATA_DIR=tmp_path, COPYDESK_TOKEN=SecretStr("t" * 20))

    assert api_token(settings) == "t" * 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["file", "file/deeper"])
def test_a_place_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("in the way")
    root = tmp_path / below

    with pytest.raises(StartProblem) as caught:
        prepare(Settings(COPYDESK_DATA_DIR=root))

    assert caught.value.lines[0].startswith(f"The data directory {root} can't be written (")
    assert caught.value.lines[1] == "Give this user the right to write there, or set COPYDESK_DATA_DIR."


def test_a_token_that_cannot_be_written_is_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StartProblem, match="token can't be written"):
        api_token(Settings(COPYDESK_DATA_DIR=tmp_path / "file"))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_spoilt_token_file_is_not_replaced_behind_anybodys_back(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)

    with pytest.raises(StartProblem, match="is empty or unreadable"):
        api_token(Settings(COPYDESK_DATA_DIR=tmp_path))

    assert (tmp_path / "token").read_bytes() == content
