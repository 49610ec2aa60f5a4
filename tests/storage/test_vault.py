"""Credentials at rest: what opens them, and everything that must not."""

from __future__ import annotations

import base64
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import InvalidInput, NeedsOperator
from services.domain.ids import AccountId
from storage.vault import KeyedVault, key_from_text, load_or_create_keys, open_vault

if TYPE_CHECKING:
    from pathlib import Path

MINE, OTHER = AccountId("acc1"), AccountId("acc2")
OLD, NEW = b"o" * 32, b"n" * 32
SECRETS = {"access_token": "hunter2", "note": "ü"}


@given(st.dictionaries(st.text(), st.text()))
def test_what_was_sealed_opens_again(credentials: dict[str, str]) -> None:
    vault = KeyedVault([NEW])
    assert vault.open(MINE, vault.seal(MINE, credentials)) == credentials


def test_a_row_moved_to_another_account_opens_nothing() -> None:
    vault = KeyedVault([NEW])
    mine, other = vault.seal(MINE, {"token": "a"}), vault.seal(OTHER, {"token": "b"})
    for account, sealed in ((OTHER, mine), (MINE, other)):
        with pytest.raises(NeedsOperator, match="do not belong to this account"):
            vault.open(account, sealed)


def test_an_installation_opens_for_its_team_alone() -> None:
    vault = KeyedVault([NEW])
    sealed = vault.seal_installation("slack", "T1", SECRETS)
    assert vault.open_installation("slack", "T1", sealed) == SECRETS
    assert b"hunter2" not in sealed
    for surface, team in (("slack", "T2"), ("discord", "T1")):
        with pytest.raises(NeedsOperator, match="do not belong to this installation") as refusal:
            vault.open_installation(surface, team, sealed)
        assert refusal.value.next_step == "Install the app there again."
    with pytest.raises(NeedsOperator, match="another secret key"):
        KeyedVault([OLD]).open_installation("slack", "T1", sealed)
    with pytest.raises(NeedsOperator, match="are damaged"):
        vault.open_installation("slack", "T1", sealed[:5])


def test_a_sign_in_opens_for_its_own_way_alone() -> None:
    vault = KeyedVault([NEW])
    sealed = vault.seal_passage("abc", SECRETS)
    assert vault.open_passage("abc", sealed) == SECRETS
    with pytest.raises(NeedsOperator, match="do not belong to this sign-in"):
        vault.open_passage("abd", sealed)
    with pytest.raises(NeedsOperator, match="do not belong to this account"):
        vault.open(AccountId("abc"), sealed)


@given(st.sampled_from(["account", "installation", "slack", ""]), st.sampled_from(["T1", "slack:T1", ":", ""]))
def test_neither_an_account_nor_an_installation_opens_for_the_other(surface: str, team: str) -> None:
    vault = KeyedVault([NEW])
    account = AccountId(f"{surface}:{team}")
    with pytest.raises(NeedsOperator, match="do not belong"):
        vault.open(account, vault.seal_installation(surface, team, SECRETS))
    with pytest.raises(NeedsOperator, match="do not belong"):
        vault.open_installation(surface, team, vault.seal(account, SECRETS))


def test_a_key_is_replaced_by_putting_a_new_one_first() -> None:
    before = KeyedVault([OLD]).seal(MINE, SECRETS)
    both = KeyedVault([NEW, OLD])
    assert both.open(MINE, before) == SECRETS
    assert not both.current(before)
    after = both.seal(MINE, SECRETS)
    assert both.current(after)
    assert KeyedVault([NEW]).open(MINE, after) == SECRETS
    with pytest.raises(NeedsOperator, match="another secret key"):
        KeyedVault([OLD]).open(MINE, after)


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    vault = KeyedVault([NEW])
    sealed = bytearray(vault.seal(MINE, SECRETS))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(NeedsOperator):
        vault.open(MINE, bytes(sealed))


@given(st.integers(0, 80))
def test_a_shortened_row_is_noticed(length: int) -> None:
    vault = KeyedVault([NEW])
    sealed = vault.seal(MINE, SECRETS)
    with pytest.raises(NeedsOperator):
        vault.open(MINE, sealed[: min(length, len(sealed) - 1)])


def test_nothing_shows_secrets() -> None:
    vault = KeyedVault([NEW])
    sealed = vault.seal(MINE, SECRETS)
    assert repr(vault) == str(vault) == "KeyedVault()"
    assert b"hunter2" not in sealed
    assert sealed != vault.seal(MINE, SECRETS)
    with pytest.raises(NeedsOperator) as problem:
        vault.open(OTHER, sealed)
    assert "hunter2" not in f"{problem.value!r} {problem.value.next_step}"


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b""]])
def test_a_vault_needs_whole_keys(keys: list[bytes]) -> None:
    with pytest.raises(InvalidInput, match="32 bytes"):
        KeyedVault(keys)


class TestKeyFromText:
    """What people put into the settings."""

    def test_base64_of_32_bytes_is_the_key_itself(self) -> None:
        key = bytes(range(200, 232))
        text = base64.urlsafe_b64encode(key).decode()
        assert key_from_text(text) == key_from_text(f" {text.rstrip('=')}\n") == key

    def test_a_passphrase_always_makes_the_same_key(self) -> None:
        key = key_from_text("correct horse battery")
        assert len(key) == 32
        assert key == key_from_text("correct horse battery ")
        assert key != key_from_text("correct horse batterz")

    @pytest.mark.parametrize("text", ["", "fifteen letters", " " * 40])
    def test_a_short_one_is_refused_without_being_shown(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="at least 16") as refusal:
            key_from_text(text)
        assert refusal.value.field == "COPYDESK_SECRET_KEY"
        assert "fifteen" not in str(refusal.value)


class TestKeyFile:
    """The file that is made when nothing is set."""

    def test_is_made_once_for_its_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "data" / "secret.key"
        (key,) = load_or_create_keys(path)
        assert len(key) == 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_or_create_keys(path) == (key,)
        assert [p.name for p in path.parent.iterdir()] == ["secret.key"]

    def test_is_the_same_for_all_who_start_at_once(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(load_or_create_keys, [tmp_path / "secret.key"] * 32))
        assert len(found) == 1

    def test_is_closed_to_others_with_a_warning(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = tmp_path / "secret.key"
        (key,) = load_or_create_keys(path)
        path.chmod(0o644)
        with caplog.at_level(logging.WARNING):
            assert load_or_create_keys(path) == (key,)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "mode 644" in caplog.text
        assert path.read_text().strip() not in caplog.text

    def test_may_hold_older_keys_below_the_current_one(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.key"
        path.write_text("".join(f"{base64.urlsafe_b64encode(key).decode()}\n\n" for key in (NEW, OLD)))
        path.chmod(0o600)
        assert load_or_create_keys(path) == (NEW, OLD)

    @pytest.mark.parametrize("content", ["", "\n", "hunter2\n", "ü" * 44])
    def test_with_anything_else_in_it_is_refused(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "secret.key"
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
        with pytest.raises(NeedsOperator, match="no key") as refusal:
            load_or_create_keys(path)
        assert "hunter2" not in str(refusal.value)

    def test_is_not_made_when_a_secret_is_set(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.key"
        sealed = open_vault("correct horse battery", path).seal(MINE, SECRETS)
        assert not path.exists()
        with pytest.raises(NeedsOperator, match="another secret key"):
            open_vault(None, path).open(MINE, sealed)
        assert path.exists()
