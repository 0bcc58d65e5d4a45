#!/usr/bin/env bash
# Bots against partners and servers that others wrote, in a network of its own (own_network.sh).
# Usage: tests/interop/run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs [WORD...]
# Exit 77 when something is missing, 1 when TURNOUT_REQUIRE names "browser".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='usage: run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs [WORD...]'
turnout=$(realpath -- "${1:?$usage}")
packages=$(realpath -m -- "${2:?$usage}")/packages
tests=${3:?$usage}
shift 3

missing() {
  echo "interop tests need $1" >&2
  case ",${TURNOUT_REQUIRE:-}," in
    *,browser,*) exit 1 ;;
    *) exit 77 ;;
  esac
}

for program in chromium firefox-esr certutil /usr/sbin/nginx node npm turnserver; do
  command -v "$program" >/dev/null || missing "$program; install with: apt-get install chromium firefox-esr libnss3-tools nginx-light nodejs npm coturn"
done
/usr/bin/python3 -c 'import aiortc, socketio, aiohttp' 2>/dev/null ||
  missing 'aiortc; install with: apt-get install python3-aiortc python3-socketio python3-aiohttp'

# Installed beside and moved, so that an interrupted install is never taken for a whole one.
if ! cmp -s "$here/package-lock.json" "$packages/package-lock.json"; then
  rm -rf "$packages" "$packages.new"
  mkdir -p "$packages.new"
  cp "$here/package.json" "$here/package-lock.json" "$packages.new"
  npm ci --prefix "$packages.new" --no-audit --no-fund --silent || missing 'their packages: npm ci failed'
  mv "$packages.new" "$packages"
fi

export TURNOUT=$turnout PACKAGES=$packages CHROMIUM FIREFOX
CHROMIUM=$(command -v chromium)
FIREFOX=$(command -v firefox-esr)
exec "$here/own_network.sh" node "$here/$tests" "$@"
