"""One typed settings tree, read once from environment, `.env` and `copydesk.toml`, with every problem named at once."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from services.domain.account import PracticeMode
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_FILE: Final = ".env"
TOML_FILE: Final = "copydesk.toml"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = "must be a time zone such as Europe/Berlin"
        raise ValueError(msg) from None
    return name


def _http_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        msg = "must start with https:// (or http:// on this machine)"
        raise ValueError(msg)
    return url.rstrip("/")


def _month(version: str) -> str:
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", version):
        msg = "must be a year and a month such as 202611"
        raise ValueError(msg)
    return version


Zone = Annotated[str, AfterValidator(_zone)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Month = Annotated[str, AfterValidator(_month)]


class Settings(BaseModel):
    """Every setting under its environment name; secrets never print."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    COPYDESK_DATA_DIR: Path = Path("var")
    COPYDESK_DATABASE_URL: str = ""
    COPYDESK_HOST: str = "127.0.0.1"
    COPYDESK_PORT: int = Field(default=8420, ge=1, le=65535)
    COPYDESK_TOKEN: SecretStr | None = Field(default=None, min_length=16)
    COPYDESK_SECRET_KEY: SecretStr | None = Field(default=None, min_length=16)
    COPYDESK_PUBLIC_URL: HttpUrl | None = None
    COPYDESK_TIMEZONE: Zone = "UTC"
    COPYDESK_UNDO_SECONDS: float = Field(default=15, ge=0, le=3600)
    COPYDESK_PRACTICE: PracticeMode = PracticeMode.AUTO
    SLACK_BOT_TOKEN: SecretStr | None = None
    SLACK_APP_TOKEN: SecretStr | None = None
    SLACK_SIGNING_SECRET: SecretStr | None = None
    SLACK_CLIENT_ID: str = ""
    SLACK_CLIENT_SECRET: SecretStr | None = None
    SLACK_API_BASE_URL: HttpUrl | None = None
    DISCORD_TOKEN: SecretStr | None = None
    DISCORD_API_BASE_URL: HttpUrl | None = None
    DISCORD_GATEWAY_URL: str | None = None
    OPENAI_API_KEY: SecretStr | None = None
    OPENAI_BASE_URL: HttpUrl | None = None
    ANTHROPIC_API_KEY: SecretStr | None = None
    ANTHROPIC_BASE_URL: HttpUrl | None = None
    REPLICATE_API_TOKEN: SecretStr | None = None
    REPLICATE_BASE_URL: HttpUrl | None = None
    X_CLIENT_ID: str = ""
    X_CLIENT_SECRET: SecretStr | None = None
    X_CONSUMER_KEY: SecretStr | None = None
    X_CONSUMER_SECRET: SecretStr | None = None
    X_BASE_URL: HttpUrl | None = None
    LINKEDIN_CLIENT_ID: str = ""
    LINKEDIN_CLIENT_SECRET: SecretStr | None = None
    LINKEDIN_VERSION: Month = ""
    LINKEDIN_BASE_URL: HttpUrl | None = None
    FACEBOOK_APP_ID: str = ""
    FACEBOOK_APP_SECRET: SecretStr | None = None
    FACEBOOK_BASE_URL: HttpUrl | None = None
    INSTAGRAM_APP_ID: str = ""
    INSTAGRAM_APP_SECRET: SecretStr | None = None
    INSTAGRAM_BASE_URL: HttpUrl | None = None
    THREADS_APP_ID: str = ""
    THREADS_APP_SECRET: SecretStr | None = None
    THREADS_BASE_URL: HttpUrl | None = None
    TIKTOK_CLIENT_KEY: str = ""
    TIKTOK_CLIENT_SECRET: SecretStr | None = None
    TIKTOK_BASE_URL: HttpUrl | None = None
    MASTODON_BASE_URL: HttpUrl | None = None
    BLUESKY_BASE_URL: HttpUrl | None = None
    COPYDESK_TEXT_MODEL: str = ""
    COPYDESK_IMAGE_MODEL: str = ""

    @property
    def database_url(self) -> str:
        """Where the rows are: SQLite in the data directory unless said otherwise."""
        return self.COPYDESK_DATABASE_URL or f"sqlite:///{self.COPYDESK_DATA_DIR.resolve() / 'copydesk.db'}"

    def of_network(self, slug: str, name: str) -> str:
        """What is set for one network under one of its own words, such as X_CLIENT_ID; empty when nothing is."""
        value = getattr(self, f"{slug}_{name}".upper(), None)
        return value.get_secret_value() if isinstance(value, SecretStr) else value or ""

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for hiding them in logs."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(v.get_secret_value() for v in values if isinstance(v, SecretStr))


def plain(secret: SecretStr | None) -> str:
    """A secret as the library behind it wants it; empty when it is not set."""
    return secret.get_secret_value() if secret else ""


_SECRETS: Final = frozenset(n for n, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the settings, with where it stands."""

    where: str
    message: str

    def __str__(self) -> str:
        """As a line for people."""
        return f"{self.where}: {self.message}"


class ConfigurationError(Exception):
    """The settings can't be used; carries every problem, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep them all."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def load(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read the settings; the environment beats `.env`, which beats `copydesk.toml`. Raises `ConfigurationError`."""
    settings, problems = read(environ, folder)
    if problems:
        raise ConfigurationError(problems)
    return settings


def read(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> tuple[Settings, list[Problem]]:
    """The settings with the defaults for whatever is wrong, and all that is wrong: to look at, never to run with."""
    folder = folder or Path()
    problems: list[Problem] = []
    values: dict[str, tuple[str, str]] = {}
    for where, found in (
        (TOML_FILE, _toml(folder / TOML_FILE, problems)),
        (ENV_FILE, _dotenv(folder / ENV_FILE, problems)),
        ("environment", _environment(os.environ if environ is None else environ)),
    ):
        chosen = _with_files(found, where, folder, problems)
        values |= {name: (value, where) for name, value in chosen.items() if value != ""}
    plain = {name: value for name, (value, _) in values.items()}
    try:
        return Settings.model_validate(plain), problems
    except ValidationError as error:
        errors = error.errors(include_input=False, include_context=False)
        problems += [_problem(dict(e), values) for e in errors]
        wrong = {str(e["loc"][0]) for e in errors if e["loc"]}
        return Settings.model_validate({n: v for n, v in plain.items() if n not in wrong}), problems


def _problem(error: Mapping[str, object], values: Mapping[str, tuple[str, str]]) -> Problem:
    location = error["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else "settings"
    text = str(error["msg"]).removeprefix("Value error, ")
    return Problem(where=f"{name} ({values.get(name, ('', 'settings'))[1]})", message=text)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Only our own names: other programs may use the prefix too."""
    known = set(Settings.model_fields) | {f"{name}_FILE" for name in _SECRETS}
    return {name: value for name, value in environ.items() if name in known}


def _dotenv(path: Path, problems: list[Problem]) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(where=str(path.name), message=f"can't be read ({_reason(error)})"))
        return {}
    found: dict[str, str] = {}
    for binding in bindings:
        line = f"{path.name} line {binding.original.line}"
        if binding.error or (binding.key is not None and binding.value is None):
            problems.append(Problem(where=line, message="is not of the form NAME=value"))
        elif binding.key is not None and _known(binding.key, line, problems):
            found[binding.key] = binding.value or ""
    return found


def _toml(path: Path, problems: list[Problem]) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(where=path.name, message=f"can't be read ({_reason(error)})"))
        return {}
    found: dict[str, str] = {}
    for key, value in content.items():
        name = key.upper()
        if isinstance(value, dict | list):
            problems.append(Problem(where=f"{key} ({path.name})", message="must be a single value"))
        elif _known(name, path.name, problems):
            found[name] = ("1" if value else "0") if isinstance(value, bool) else str(value)
    return found


def _known(name: str, where: str, problems: list[Problem]) -> bool:
    names = [*Settings.model_fields, *(f"{n}_FILE" for n in sorted(_SECRETS))]
    if name in names:
        return True
    near = nearest(name, names)
    if name.startswith("COPYDESK_") or near:
        hint = f"; did you mean {near}?" if near else ""
        problems.append(Problem(where=where, message=f"there is no setting {name}{hint}"))
    return False


def _with_files(found: dict[str, str], where: str, folder: Path, problems: list[Problem]) -> dict[str, str]:
    """Replace NAME_FILE by what that file holds; a value given directly wins."""
    values = {
        name: value.strip() for name, value in found.items() if not (name.endswith("_FILE") and name[:-5] in _SECRETS)
    }
    for name in (n for n in found if n.endswith("_FILE") and n[:-5] in _SECRETS and found[n].strip()):
        try:
            content = (folder / found[name].strip()).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(where=f"{name} ({where})", message=f"the file can't be read ({_reason(error)})"))
            continue
        if not values.get(name[:-5]):
            values[name[:-5]] = content
    return values


def _reason(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
