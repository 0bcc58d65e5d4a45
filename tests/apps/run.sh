#!/usr/bin/env bash
# Runs tests against servers of other people's kind of app, where there are Node and their packages.
# Usage: tests/apps/run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs [NODE OPTION...]
# Exit 77 when something is missing, 1 when TURNOUT_REQUIRE names "node" (or "browser", for pages.mjs).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage='usage: run.sh TURNOUT-PROGRAM BUILD-FOLDER TESTS.mjs'
turnout=$(realpath "${1:?$usage}")
packages=$(realpath -m "${2:?$usage}")/packages
tests=${3:?$usage}
shift 3

needs=node
[ "$tests" != pages.mjs ] || needs=browser
missing() {
  echo "tests of apps need $1" >&2
  case ",${TURNOUT_REQUIRE:-}," in
    *,$needs,*) exit 1 ;;
    *) exit 77 ;;
  esac
}

programs=(node npm)
[ "$needs" = node ] || programs+=(chromium)
for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || missing "$program; install with: apt-get install nodejs npm chromium"
done

# Installed beside and moved, so that an interrupted install is never taken for a whole one.
if ! cmp -s "$here/package-lock.json" "$packages/package-lock.json"; then
  rm -rf "$packages" "$packages.new"
  mkdir -p "$packages.new"
  cp "$here/package.json" "$here/package-lock.json" "$packages.new"
  npm ci --prefix "$packages.new" --no-audit --no-fund --silent || missing 'their packages: npm ci failed'
  mv "$packages.new" "$packages"
fi

export TURNOUT=$turnout PACKAGES=$packages CHROMIUM
CHROMIUM=$(command -v chromium || true)
exec node "$@" "$here/$tests"
