"""Settings: three sources, one order, every problem at once, and no secret in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigurationError, load


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load({}, tmp_path)

    assert (settings.COPYDESK_HOST, settings.COPYDESK_PORT) == ("127.0.0.1", 8420)
    assert settings.COPYDESK_UNDO_SECONDS == 15
    assert settings.database_url.endswith("/var/copydesk.db")


def test_the_environment_beats_the_env_file_which_beats_the_toml(tmp_path: Path) -> None:
    (tmp_path / "copydesk.toml").write_text('copydesk_port = 1001\nCOPYDESK_HOST = "::1"\nCOPYDESK_UNDO_SECONDS = 3\n')
    (tmp_path / ".env").write_text("# ports\nexport COPYDESK_PORT=1002\nCOPYDESK_HOST='0.0.0.0'\n")

    settings = load({"COPYDESK_PORT": "1003", "HOME": "/root"}, tmp_path)

    assert (settings.COPYDESK_PORT, settings.COPYDESK_HOST, settings.COPYDESK_UNDO_SECONDS) == (1003, "0.0.0.0", 3)


def test_empty_means_unset_everywhere(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COPYDESK_PORT=\nOPENAI_API_KEY=   \n")

    settings = load({"COPYDESK_TIMEZONE": ""}, tmp_path)

    assert settings.COPYDESK_PORT == 8420
    assert settings.OPENAI_API_KEY is None
    assert settings.COPYDESK_TIMEZONE == "UTC"


def test_a_secret_may_come_from_a_file_and_never_prints(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-very-secret-value\n")

    settings = load({"OPENAI_API_KEY_FILE": "key", "COPYDESK_TOKEN": "t" * 20}, tmp_path)

    assert settings.OPENAI_API_KEY is not None
    assert settings.OPENAI_API_KEY.get_secret_value() == "sk-very-secret-value"
    assert "sk-very" not in repr(settings)
    assert set(settings.secrets()) == {"sk-very-secret-value", "t" * 20}


def test_every_problem_is_named_at_once_with_its_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "COPYDESK_PORT=eighty\nthis is no setting\nCOPYDESK_PROT=8420\nDISCORD_TOKEN_FILE=nowhere\n"
    )
    (tmp_path / "copydesk.toml").write_text("copydesk_host = [1]\n")

    with pytest.raises(ConfigurationError) as caught:
        load(
            {"COPYDESK_TIMEZONE": "Europe/Atlantis", "COPYDESK_PRACTICE": "maybe", "LINKEDIN_VERSION": "2026-11"},
            tmp_path,
        )

    told = "\n".join(map(str, caught.value.problems))
    assert "COPYDESK_PORT (.env)" in told
    assert ".env line 2: is not of the form NAME=value" in told
    assert "no setting COPYDESK_PROT; did you mean COPYDESK_PORT?" in told
    assert "DISCORD_TOKEN_FILE (.env): the file can't be read" in told
    assert "copydesk_host (copydesk.toml): must be a single value" in told
    assert "COPYDESK_TIMEZONE (environment): must be a time zone" in told
    assert "COPYDESK_PRACTICE (environment)" in told
    assert "LINKEDIN_VERSION (environment): must be a year and a month such as 202611" in told


def test_broken_toml_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "copydesk.toml").write_text("a = = 1\n")

    with pytest.raises(ConfigurationError, match=r"copydesk\.toml: can't be read"):
        load({}, tmp_path)


def test_a_wrong_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({"COPYDESK_TOKEN": "tooshort"}, tmp_path)

    assert "COPYDESK_TOKEN" in str(caught.value)
    assert "tooshort" not in str(caught.value)
