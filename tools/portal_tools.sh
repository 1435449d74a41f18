#!/bin/sh
# Installs what the tests of the reference portal need beside .venv, if it may: Chromium and a font with Arabic by apt,
# axe-core by npm. Names what is missing in one line, and fails.
set -u
cd "$(dirname "$0")/.." || exit 1

have() { command -v "$1" >/dev/null 2>&1; }
wanted=
have chromium || have chromium-browser || have google-chrome || wanted="$wanted chromium"
have npm || test -f build/axe/*.min.js 2>/dev/null || wanted="$wanted npm"
have fc-list && fc-list 2>/dev/null | grep -qi arabic || wanted="$wanted fonts-noto-core"
if test -n "$wanted"; then
  if have apt-get && test "$(id -u)" = 0; then
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
  fi || :
  have chromium || have chromium-browser || have google-chrome || {
    echo "missing for the tests of the portal:$wanted (apt-get install$wanted)" >&2
    exit 1
  }
fi
exec .venv/bin/python -m tools.axe_core
