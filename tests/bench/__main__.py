"""`python -m tests.bench [--only NAME]`: what `make bench` runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bench.harness import REGISTRY, discover, run


def main(arguments: list[str]) -> int:
    """Measure all benches, or the one asked for; 2 when there is no bench of that name."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Copydesk against its baselines.")
    parser.add_argument("--only", metavar="NAME", help="measure this bench alone")
    only: str | None = parser.parse_args(arguments).only
    discover(Path(__file__).parent)
    if only is not None and only not in REGISTRY.benches:
        known = ", ".join(REGISTRY.benches) or "none yet"
        print(f"There is no bench named {only}. There are: {known}.", file=sys.stderr)
        return 2
    chosen = [one for name, one in REGISTRY.benches.items() if only in {None, name}]
    return run(chosen, into=Path("var/bench.json"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
