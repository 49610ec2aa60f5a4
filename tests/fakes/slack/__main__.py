"""`python -m tests.fakes.slack --port 0`: the fake as a process, for tests that start the whole bot against it.

It prints one line of JSON with what the bot's environment needs, then serves until it gets SIGINT or SIGTERM.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

import yaml

from tests.fakes.real_clock import RealClock
from tests.fakes.slack.control import ControlledSlack
from tests.fakes.slack.world import AppConfig


async def serve(port: int, manifest: str | None) -> None:
    """Serve until told to stop; ana, an admin, and ben are in #desk with the app."""
    text = await asyncio.to_thread(Path(manifest).read_text, encoding="utf-8") if manifest else ""
    app = AppConfig.from_manifest(yaml.safe_load(text)) if text else AppConfig()
    slack = ControlledSlack(clock=RealClock(), app=app)
    slack.join("ana", is_admin=True, email="ana@example.org")
    slack.join("ben", email="ben@example.org")
    slack.channel("desk", "ana", "ben")
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    await slack.start(port)
    told = {
        "SLACK_API_BASE_URL": slack.api_url,
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "control": f"{slack.world.base}/_fake/",
        "authorize": slack.authorize_url,
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    await done.wait()
    await slack.stop()


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack", description="A fake Slack on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--manifest", help="the app's manifest, so that what it lacks is lacking here too")
    args = parser.parse_args()
    asyncio.run(serve(args.port, args.manifest))


if __name__ == "__main__":
    main()
