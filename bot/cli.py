"""The verbs of `python -m bot`; each imports what it needs, so that a small question gets a quick answer."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from typer.exceptions import TyperException

from bot.problems import StartProblem, told

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.config import Settings

T = TypeVar("T")

app = typer.Typer(
    name="copydesk",
    help="A newsroom desk for a team's social accounts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
account_app = typer.Typer(help="Connect and list accounts.", no_args_is_help=True)
db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(account_app, name="account")
app.add_typer(db_app, name="db")

PlatformName = Annotated[
    str, typer.Argument(help="mastodon, bluesky, x, linkedin, threads, facebook, instagram, tiktok")
]
JsonInput = Annotated[str, typer.Option("--json", help="A file with the JSON, or - for standard input.")]


def main() -> None:
    """Run a verb; what is wrong comes as sentences on stderr and exit code 2, never as a stack trace."""
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        _stop(f"{error}. Try: python -m bot --help".replace("?.", "?")) if str(error) else sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Exception as error:
        problem = told(error)
        if problem is None:
            raise
        _stop(*problem.lines)


@app.command()
def run(
    everything: Annotated[
        bool, typer.Option("--all", help="Doors and publishing in one process (the default).")
    ] = False,
    surfaces: Annotated[bool, typer.Option("--surfaces", help="Only the doors: chat and web.")] = False,
    worker: Annotated[bool, typer.Option("--worker", help="Only the publishing.")] = False,
) -> None:
    """Start the desk."""
    # structlog loads rich wherever it is installed: 4 MB of a server's memory for tracebacks that it never prints.
    sys.modules["rich"] = None  # type: ignore[assignment]  # its import fails, which structlog takes as not installed
    from bot import lifecycle

    if everything + surfaces + worker > 1:
        raise StartProblem("Choose one of --all, --surfaces and --worker.")
    part = lifecycle.Part.SURFACES if surfaces else lifecycle.Part.WORKER if worker else lifecycle.Part.ALL
    settings = _settings()
    _logging(settings)
    asyncio.run(lifecycle.run(settings, part))


@app.command()
def check() -> None:
    """Look at everything that could keep a desk from starting and name every problem at once."""
    from bot import doctor

    report = asyncio.run(doctor.examine())
    for line in report.lines:
        typer.echo(line)
    if report.problems:
        raise typer.Exit(2)


@account_app.command("add")
def account_add(
    platform: PlatformName,
    document: JsonInput = "-",
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Prove the credentials by reading.")] = True,
) -> None:
    """Connect an account, or renew one, from a JSON object in the network's own words."""
    from bot import admin

    settings = _settings()
    _logging(settings)
    typer.echo(json.dumps(_run(admin.add_account(settings, platform, _read(document), verify=verify))))


@account_app.command("list")
def account_list(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
) -> None:
    """Show the connected accounts."""
    from bot import admin

    rows = _run(admin.list_accounts(_settings()))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['platform']:<10} @{row['handle']:<40} {row['name']}  ({row['health']})")
    if not rows:
        typer.echo("No account is connected. Add one with: .venv/bin/python -m bot account add mastodon --json -")


@app.command()
def measure(
    platform: PlatformName,
    document: JsonInput = "-",
) -> None:
    """Count texts as a network counts them; reads {"texts": […]} and needs no account."""
    from bot import registry
    from bot.measure import measure as measured

    typer.echo(json.dumps(measured(registry.platforms(), platform, _read(document)), ensure_ascii=False))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema; a copy is kept first."""
    from bot import admin

    typer.echo(admin.upgrade(_settings()))


@app.command()
def backup(
    target: Annotated[Path | None, typer.Argument(help="The archive to write; default: in the data directory.")] = None,
) -> None:
    """Copy the database and the pictures, but not the secret key, into one archive; the desk may run on."""
    from bot import admin

    typer.echo(str(_run(admin.make_backup(_settings(), target))))


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="What backup wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Move a database that is there aside; it is kept.")] = False,
) -> None:
    """Bring a backup back while the desk is stopped; the secret key is not in it."""
    from bot import restoring

    for line in restoring.bring_back(_settings(), archive, force=force):
        typer.echo(line)


@app.command()
def practice(
    port: Annotated[int, typer.Option(help="Where to listen on this machine.")] = 8421,
) -> None:
    """Serve the practice networks alone, until Ctrl-C."""
    from bot import practising

    settings = _settings()
    _logging(settings)
    asyncio.run(practising.serve_alone(settings, port))


@app.command()
def signin() -> None:
    """Print a new one-time link to the page of the running desk, good for an hour."""
    from bot import admin

    typer.echo(admin.signin_link(_settings()))


@app.command()
def manifest(
    http: Annotated[str, typer.Option("--http", help="Public URL for HTTP mode; without it, Socket Mode.")] = "",
    command: Annotated[str, typer.Option("--command", help="The slash command's name.")] = "/desk",
) -> None:
    """Print the Slack app manifest."""
    from handlers.manifest import manifest_yaml

    typer.echo(manifest_yaml(http=http, command=command), nl=False)


def _settings() -> Settings:
    from bot.config import ConfigurationError, load

    try:
        return load()
    except ConfigurationError as error:
        lines = "; ".join(map(str, error.problems))
        raise StartProblem(f"The settings can't be used: {lines}.", "Correct them and start again.") from None


def _logging(settings: Settings) -> None:
    from bot import log

    log.configure(secrets=settings.secrets())


def _run(work: Coroutine[object, object, T]) -> T:
    return asyncio.run(work)


def _read(document: str) -> str:
    """The text given, which is UTF-8 whatever the terminal speaks; some programs put a mark before it."""
    try:
        given = sys.stdin.buffer.read() if document == "-" else Path(document).read_bytes()
        return given.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        where = "Standard input" if document == "-" else document
        raise StartProblem(f"{where} can't be read ({reason}).", "Give a file with the JSON, or - for stdin.") from None


def _stop(*lines: str) -> NoReturn:
    typer.echo(" ".join(lines), err=True)
    sys.exit(2)
