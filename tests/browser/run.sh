#!/usr/bin/env bash
# Runs the browser tests, where there is a browser.
# Usage: tests/browser/run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs [NODE OPTION...]
# WITHIN=own_network.sh: in a network of its own.
# Exit 77 when something is missing, 1 when TURNOUT_REQUIRE names "browser".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='usage: run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs'
turnout=$(realpath -- "${1:?$usage}")
packages=$(realpath -m -- "${2:?$usage}")/packages
tests=${3:?$usage}
shift 3

missing() {
  echo "browser tests need $1" >&2
  case ",${TURNOUT_REQUIRE:-}," in
    *,browser,*) exit 1 ;;
    *) exit 77 ;;
  esac
}

for program in chromium node npm turnserver; do
  command -v "$program" >/dev/null ||
    missing "$program; install with: apt-get install chromium nodejs npm coturn"
done

# Installed beside and moved, so that an interrupted install is never taken for a whole one.
if ! cmp -s "$here/package-lock.json" "$packages/package-lock.json"; then
  rm -rf "$packages" "$packages.new"
  mkdir -p "$packages.new"
  cp "$here/package.json" "$here/package-lock.json" "$packages.new"
  npm ci --prefix "$packages.new" --no-audit --no-fund --silent || missing 'playwright-core: npm ci failed'
  mv "$packages.new" "$packages"
fi

export TURNOUT=$turnout PACKAGES=$packages CHROMIUM
CHROMIUM=$(command -v chromium)
exec ${WITHIN:+"$here/$WITHIN"} node "$@" "$here/$tests"
