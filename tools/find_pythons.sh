#!/bin/sh
# Prints the interpreters that can make .venv, one a line, such as `3.13 /usr/bin/python3.13`: those on PATH first, then
# those of pyenv, of uv and of the system, the newest first. `sh tools/find_pythons.sh PYTHON` looks at that one alone.
# If there is none, one line on standard error says why, and the exit status is 1.
set -eu

NAMES='python3.14 python3.13 python3.12 python3.11'

candidates() {
  if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
    return
  fi
  for name in $NAMES python3; do
    command -v "$name" || true
  done
  for name in $NAMES; do
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/"$name" "$HOME"/.local/share/uv/python/*/bin/"$name" \
      /usr/local/bin/"$name" /usr/bin/"$name" /opt/*/bin/"$name"; do
      [ ! -x "$path" ] || printf '%s\n' "$path"
    done
  done
}

# Prints the version of a final release that is new enough.
VERSION='
import sys
assert sys.version_info >= (3, 11) and sys.version_info.releaselevel == "final"
print("%d.%d" % sys.version_info[:2])
'

found=$(
  candidates "$@" | awk '!seen[$0]++' | while read -r python; do
    version=$("$python" -c "$VERSION" 2>/dev/null </dev/null) || continue
    "$python" -c 'import ensurepip, venv' 2>/dev/null </dev/null || version=lacks-venv
    printf '%s %s\n' "$version" "$python"
  done
)
if printf '%s\n' "$found" | grep '^3'; then
  exit 0
elif [ -n "$found" ]; then
  first=$(printf '%s\n' "$found" | head -n 1)
  echo "${first#lacks-venv } lacks the venv module: on Debian and Ubuntu, apt-get install python3-venv" >&2
else
  echo "traffic_booking needs Python 3.11 or newer; none of these is: ${*:-$NAMES python3}" >&2
fi
exit 1
