#!/usr/bin/env bash
# House rules that a machine can check: format, includes, one door per danger, shipped scenarios.
# Usage: tests/check.sh TURNOUT-PROGRAM. Prints each violation; exit 1 when there is any.
set -uo pipefail
shopt -s lastpipe  # report() counts in this shell, not in one of its own
cd "$(dirname "$0")/.."
turnout=${1:?usage: tests/check.sh TURNOUT-PROGRAM}
failures=0

# report TITLE: lines of stdin are violations.
report() {
  local lines
  lines=$(cat)
  [ -z "$lines" ] && return
  printf '%s:\n%s\n' "$1" "$(sed 's/^/  /' <<<"$lines")"
  failures=$((failures + 1))
}

# sources FOLDER...: our C++ files below them, also those not yet committed.
sources() {
  git ls-files --cached --others --exclude-standard -- "${@/%//*.h}" "${@/%//*.cc}" |
    while read -r file; do [ -f "$file" ] && echo "$file"; done
}

product() { sources pipelines scenarios bots orchestrator; }

# door PATTERN FILES WHY: code that matches PATTERN is allowed in FILES only (a regular expression).
door() {
  product | grep -vE "^($2)\$" | xargs grep -nE -- "$1" | grep -vE '^[^:]+:[0-9]+:\s*//' |
    report "$3"
}

door 'g_signal_connect' 'pipelines/base/signal\.h' \
  'signals are connected with connect() of pipelines/base/signal.h'
door '\bg_(object|bytes|variant)_(ref|unref)\b' 'pipelines/base/gobject_ref\.h' \
  'references are counted by Ref of pipelines/base/gobject_ref.h'
door '"webrtcbin' 'pipelines/peer/webrtcbin\.cc' \
  'webrtcbin is named in pipelines/peer/webrtcbin.cc only'
door '_clock::now|g_get_(monotonic|real)_time|clock_gettime|gettimeofday|\btime\((NULL|nullptr|0)\)' \
  'pipelines/base/clock\.cc' 'clocks are read by pipelines/base/clock.cc only'
door 'mt19937|random_device|\bs?rand\(|g_random_|g_rand_' 'scenarios/.*' \
  'randomness is of scenarios/ only (a plan is its seed)'
door '\b(v?fork|exec[lv]p?e?|system|popen)\(|posix_spawn|g_spawn|GSubprocess|g_subprocess' \
  'pipelines/base/subprocess\.(h|cc)' 'programs are started by pipelines/base/subprocess.cc only'
# The overloads without an error code throw, and nobody catches.
product | xargs grep -nP '(std::filesystem|\bfs)::(?!path\b)[a-z_]+\(' |
  grep -vP '\b(error|ignored|failed)\)|directory_iterator\(\)' |
  report 'std::filesystem is asked with an error_code (error, ignored or failed, as the last argument)'
# loop.cc: a pause that trades latency for wake-ups, on a thread of its own.
door '\b(sleep_for|sleep_until|u?sleep|nanosleep)\(' 'pipelines/base/loop\.cc' \
  'nothing sleeps: loops have timers'

# g++ 12.2 gives the members of `(c ? a : b) = {.., .x = f()}` the values of the other branch.
{ product; sources tests; } |
  xargs perl -0777 -ne 'while (/\?[^;{}?]*:[^;{}]*\)\s*=\s*\{/g) {
    print "$ARGV:", 1 + (substr($_, 0, $-[0]) =~ tr/\n//), "\n" }' |
  report 'no braced list is assigned to a conditional expression (g++ 12.2 miscompiles it)'

# Facts go from folder to folder as types; sentences are made in orchestrator/report and read by people.
sources orchestrator/results orchestrator/doctor |
  xargs grep -nE '\b(text|detail|what|why|words|evidence|reason|sentence)(\(\))?\.(starts_with|ends_with|r?find|contains)\(|(starts_with|ends_with|find|contains)\("[^"]* [^"]*"' |
  report 'results and doctor read types, not sentences of ours'

# tests/support/coturn.cc: nothing tells when another process listens.
sources tests | grep -v '^tests/support/coturn\.cc$' |
  xargs grep -nE '\b(sleep_for|sleep_until|u?sleep|nanosleep)\(' |
  report 'tests wait for events, they do not sleep'

{ product; sources tests; git ls-files -- '*.md' '*.py' '*.sh' '*.txt' '*.json' '*.js' dev .ci; } |
  grep -v '^tests/check\.sh$' | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' |
  report 'what is not done is in an issue, not in the tree'

# Files that docs name, but for patterns.
git ls-files -- '*.md' | xargs grep -noE '\b(tests|pipelines|scenarios|bots|orchestrator|docs|\.ci)/[A-Za-z0-9_./{},*-]+' |
  while IFS=: read -r file line path; do
    path=${path%[.,-]}
    case $path in *[{}*]* | *NAME* | *...*) continue ;; esac
    [ -e "$path" ] || [ -e "$path.h" ] || [ -e "$path.cc" ] || echo "$file:$line: $path"
  done | report 'docs name files that are not there'

python3 tests/include_dag.py | report 'includes (tests/include_dag.txt)'

python3 tests/type_names.py | report 'a type name in two headers'

if command -v clang-format-14 >/dev/null; then
  { product; sources tests; } | xargs -n 40 clang-format-14 --dry-run -Werror 2>&1 |
    grep -oE '^[^ :]+:[0-9]+' | sort -u -t: -k1,1 | report 'not formatted: clang-format-14 -i'
else
  report 'the format was not checked' <<<'clang-format-14 is missing: ./dev check installs it'
fi

"$turnout" validate scenarios/*.json 2>&1 | grep -v ': good: ' | report 'shipped scenarios'

[ "$failures" -eq 0 ]
