#!/bin/sh
# Writes both lock files: the runtime first, then the development one held to the same pins.
# Pins already in the files are kept while they fit; UPGRADE=1 takes the newest of everything.
set -eu
cd -- "$(dirname -- "$0")/.."
uv() {
  .venv/bin/python -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --quiet ${UPGRADE:+--upgrade} "$@" >/dev/null
}
uv -o requirements.lock
uv --extra dev -c requirements.lock -o requirements-dev.lock
