#!/bin/sh
# Makes .venv what the lock says, and does nothing at all when it already is.
#
#   sh scripts/venv.sh runtime    what `make run` needs (requirements.lock)
#   sh scripts/venv.sh dev        tests and tools as well (requirements-dev.lock, a superset with the same pins)
#
# The lock that was installed is kept inside .venv, written last, and compared byte by byte: an unchanged environment
# starts without pip or Python. PYTHON=/path/to/python3.12 chooses the interpreter of a new .venv. Exit 2 means a person must act.
set -u

kind=${1:-runtime}
cd -- "$(dirname -- "$0")/.." || exit 2
case $kind in
  runtime) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "Copydesk: scripts/venv.sh takes runtime or dev, not '$kind'." >&2; exit 2 ;;
esac
again="make ${COPYDESK_TARGET:-run}"
venv=.venv
python=$venv/bin/python
mark=$venv/copydesk-installing
log=$venv/copydesk-install.log

if [ ! -e "$mark" ] && [ -x "$python" ] && cmp -s "$lock" "$venv/copydesk-$kind.lock"; then
  exit 0
fi

unset PYTHONHOME PYTHONPATH
PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PIP_USER PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT
trap 'echo >&2; echo "Copydesk: setting up was interrupted. Run $again again and it starts afresh." >&2; exit 130' INT TERM HUP

# Prints "ok|no-venv|old VERSION EXECUTABLE", or nothing when the command is not a working Python.
probe() {
  "$1" -c '
import sys
word = "ok" if (3, 11) <= sys.version_info[:2] <= (3, 13) else "old"
if word == "ok":
    try:
        import ensurepip, venv
    except ImportError:
        word = "no-venv"
print("%s %d.%d.%d %s" % ((word,) + sys.version_info[:3] + (sys.executable,)))
' 2>/dev/null </dev/null
}

# Sets $found to the first suitable interpreter, or says in one sentence what is missing.
find_python() {
  found= unsuitable= without_venv=
  for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    answer=$(probe "$candidate") || continue
    rest=${answer#* }
    case $answer in
      ok\ *) found=${rest#* }; version=${rest%% *}; return 0 ;;
      no-venv\ *) [ -n "$without_venv" ] || without_venv=$rest ;;
      old\ *) [ -n "$unsuitable" ] || unsuitable=$rest ;;
    esac
  done
  if [ -n "$without_venv" ]; then
    echo "Copydesk needs Python's venv module, which Python ${without_venv%% *} at ${without_venv#* } lacks. Install it (on Debian and Ubuntu: apt install python3-venv) and run $again again." >&2
  elif [ -n "$unsuitable" ]; then
    echo "Copydesk needs Python 3.11, 3.12 or 3.13; found ${unsuitable%% *} at ${unsuitable#* }. Install one of them and run $again again." >&2
  else
    echo "Copydesk needs Python 3.11, 3.12 or 3.13; found none. Install one of them and run $again again." >&2
  fi
  return 1
}

# An environment that was cut short, or whose Python went away or grew too old or too new, is made anew.
if [ -e "$venv" ]; then
  case $(probe "$python") in
    ok\ *) [ -e "$mark" ] && fresh=yes || fresh= ;;
    *) fresh=yes ;;
  esac
else
  fresh=yes
fi
if [ -n "$fresh" ]; then
  find_python || exit 2
  rm -rf "$venv" && mkdir "$venv" && : >"$mark" || exit 2
  if ! "$found" -m venv "$venv" >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    echo "Copydesk: Python $version at $found could not make $venv (see above). Nothing else was changed; put that right and run $again again." >&2
    exit 2
  fi
fi

count=$(grep -c '==' "$lock")
echo "Copydesk: installing $count packages into $venv; this takes about a minute, once." >&2
: >"$mark"
"$python" -m pip install --no-deps --require-hashes --retries 2 -r "$lock" >"$log" 2>&1
status=$?
if [ "$status" -ne 0 ]; then
  if ! grep -q '^Installing collected packages' "$log"; then
    [ -n "$fresh" ] || rm -f "$mark" # pip gave up before it touched anything: what was there still works
  fi
  if grep -qE 'NewConnectionError|ConnectTimeout|NameResolution|Connection (refused|reset)|Network is unreachable|Retrying|ProxyError' "$log"; then
    echo "Copydesk: the package index could not be reached, so nothing was installed. Check the network and run $again again (details: $log)." >&2
  else
    grep '^ERROR' "$log" | head -n 3 >&2
    echo "Copydesk: its packages could not be installed. Put right what pip says above and run $again again (details: $log)." >&2
  fi
  exit 2
fi
cp requirements.lock "$venv/copydesk-runtime.lock" || exit 2
[ "$kind" = dev ] && { cp requirements-dev.lock "$venv/copydesk-dev.lock" || exit 2; }
rm -f "$mark"
