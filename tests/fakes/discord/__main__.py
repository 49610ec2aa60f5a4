"""`python -m tests.fakes.discord --port 0`: the fake as a process, for tests that start the whole bot against it.

It prints one line of JSON with what the bot's environment needs, then serves until it gets SIGINT or SIGTERM.
"""

import argparse
import asyncio
import json
import signal
import sys

from tests.fakes.discord.control import ControlledDiscord
from tests.fakes.real_clock import RealClock


async def serve(port: int) -> None:
    """Serve until told to stop; ana, who manages the guild, and ben see #desk with the app."""
    discord = ControlledDiscord(clock=RealClock())
    discord.role("manager", "manage_guild")
    discord.join("ana", "manager")
    discord.join("ben")
    discord.channel("desk")
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    await discord.start(port)
    told = {
        "DISCORD_API_BASE_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_TOKEN": discord.world.app.token,
        "control": f"{discord.world.base}/_fake/",
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    await done.wait()
    await discord.stop()


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord", description="A fake Discord on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
