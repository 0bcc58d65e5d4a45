#!/usr/bin/env python3
"""A long run with every step that bots can take: what its processes hold must not grow.

    ./dev soak [MINUTES] [--rate CALLS_PER_S] [--seed N] [--keep FOLDER]

Calls of two bots, directly and by TURN, with refreshes, drops, new addresses, lost sockets and retries, at an even
rate (10 minutes, 0.5 calls/s). After a warm-up of 40 % of the time the resident memory of the bot host, of the signaling
server and of `turnout run` itself stays within 5 %, and so do the files of each; coturn has as many sockets in the end
as before, so that each allocation was released. Exit code: 0 when all is so, 1 when not.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile
import time

from processes import Run, children, memory_mb, open_files

WARM_UP = 0.4
MOST_GROWTH = 1.05
# Steps of the allocator; what a bot more or less at that moment takes.
SLACK_MB, SLACK_FILES = 1.0, 12
EVERY_S = 2.0


def scenario(minutes, rate):
    arms = [{'name': 'direct'},
            {'name': 'turn-udp', 'policy': 'relay', 'ice_servers': [{'urls': 'turn:{coturn}?transport=udp'}]}]
    return {
        'name': 'soak',
        'calls': {'kind': 'call', 'per_arm': max(1, round(minutes * 60 * rate / len(arms))), 'hold_ms': 1500},
        'arrival': {'rate_per_s': rate, 'shape': 'even'}, 'hosts': 1,
        'media': {'audio': {'bitrate_bps': 32000}, 'video': {'bitrate_bps': 150000}},
        'turn': arms, 'recovery': {'silence_ms': 1000, 'attempt_ms': 3000},
        'steps': [
            {'do': 'network_drop', 'bot': 0, 'delay_ms': 500, 'for_ms': 2000, 'share': 0.5},
            {'do': 'refresh', 'bot': 0, 'delay_ms': 500, 'away_ms': 300, 'share': 0.5},
            {'do': 'address_change', 'bot': 0, 'delay_ms': 500, 'share': 0.5},
            {'do': 'rapid_retries', 'bot': 1, 'delay_ms': 200, 'times': 4, 'every_ms': 200, 'share': 0.3},
            {'do': 'signaling_drop', 'bot': 1, 'delay_ms': 500, 'share': 0.5},
        ],
        'thresholds': {'success_rate': ['rate>=0.95'], 'recovery_rate': ['rate>=0.9'], 'app_faults': ['count<=0']},
    }


def watch(run):
    """Until the run has ended: {role: [(seconds, MB, files), ...]}."""
    seen = {}
    while not run.has_ended():
        for pid, role in {run.pid: 'run', **children(run.pid)}.items():
            try:
                point = time.monotonic() - run.began, memory_mb(pid), open_files(pid)
            except OSError:
                continue
            seen.setdefault(role, []).append(point)
        time.sleep(EVERY_S)
    return seen


def growth(points, length):
    """Medians at the begin and the end of what comes after the warm-up: MB, files."""
    warm = [point for point in points if point[0] > WARM_UP * length]
    fifth = max(1, len(warm) // 5)
    return [tuple(statistics.median(point[what] for point in part) for part in (warm[:fifth], warm[-fifth - 3:-3] or warm))
            for what in (1, 2)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev gives it)')
    parser.add_argument('minutes', nargs='?', type=float, default=10)
    parser.add_argument('--rate', type=float, default=0.5, help='calls a second [0.5]')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep', help='where the run is kept; else it is removed')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='turnout-soak-') as scratch:
        folder = pathlib.Path(options.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        run = Run(str(pathlib.Path(options.turnout).resolve()), folder, scenario(options.minutes, options.rate), '--seed',
                  options.seed)
        try:
            seen = watch(run)
            code = run.wait(60)
        finally:
            run.end()
        length, wrong = time.monotonic() - run.began, []
        print(f'{length:.0f} s\n\n| process | MB after the warm-up | MB in the end | files | in the end | |\n|---|---|---|---|---|---|')
        for role, points in sorted(seen.items()):
            (first_mb, last_mb), (first_files, last_files) = growth(points, length)
            flat = (last_mb <= first_mb * MOST_GROWTH + SLACK_MB or role == 'coturn') and \
                last_files <= first_files * MOST_GROWTH + SLACK_FILES
            wrong += [] if flat else [role]
            print(f'| {role} | {first_mb:.1f} | {last_mb:.1f} | {first_files:.0f} | {last_files:.0f} | '
                  f'{"flat" if flat else "GROWS"} |')
        print(f'\nexit {code}: {run.last_words()}')
        if code not in (0, 98):  # 98: this machine was too busy for figures, not for this
            wrong.append(f'exit {code}')
        if left := run.orphans():
            wrong.append(f'still there: {left}')
        print('all as it must be' if not wrong else 'wrong: ' + ', '.join(wrong))
        return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
