#!/usr/bin/env python3
"""Every two steps against each other: the second table of docs/RECOVERY.md.

    ./dev recovery-pairs [--calls 4] [--jobs 3] [--only WORD] [--modes room,call,match] [--write]

Each cell is a run of `turnout run` of its own for each distance in time: in a room or a call of two
bots, one takes the one step and the other takes the other, at the same instant and 100 ms apart; in
matches each seeker takes one of the two by lot. Our own servers, this machine, audio only, default
policy. A call is good when it recovered, or came to a clean end; nobody may be blamed, nothing may
hang. Exit 1 when a cell is not 100 %.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / 'docs' / 'RECOVERY.md'
MARKS = ('<!-- pairs: begin -->', '<!-- pairs: end -->')
DISTANCES_MS = (0, 100)

STEPS = {
    'refresh': {'away_ms': 300},
    'tab_kill': {},
    'leave': {'away_ms': 300},
    'next_partner': {},
    'rapid_retries': {'times': 4, 'every_ms': 200},
    'network_drop': {'for_ms': 3000},
    'loss': {'for_ms': 2000, 'percent': 30},
    'address_change': {},
    'signaling_drop': {'cut': 'reset'},
}


def step(name, bot, delay_ms):
    return {'do': name, 'delay_ms': 500 + delay_ms, **STEPS[name]} | ({} if bot is None else {'bot': bot})


def scenario(mode, first, second, apart_ms, calls):
    is_match = mode == 'match'
    steps = [step(first, None if is_match else 0, 0), step(second, None if is_match else 1, apart_ms)]
    if is_match:
        for one in steps:
            one['share'] = 0.5
    return {
        'name': 'pair',
        'calls': {'kind': mode, 'per_arm': calls * (2 if is_match else 1), 'hold_ms': 300},
        'arrival': {'spacing_ms': 300, 'shape': 'even'},
        'media': {'audio': {'bitrate_bps': 32000}, 'video': None},
        'turn': [{'name': 'direct'}],
        'deadlines': {'wait_ms': 5000},
        'steps': steps,
        'thresholds': {'app_faults': ['count<=0']},
    }


def trouble(mode, out):
    """What went wrong in this run; empty: nothing."""
    summary = json.loads((out / 'summary.json').read_text())
    cell = summary['cells'][0]
    # A call that stood still because this machine did says nothing about recovery.
    lost = cell['aborted'] + cell['not_started'] - cell['abortions'].get('host_stalled', 0)
    found = [f'{lost} calls lost'] if lost else []
    for line in (out / 'events.jsonl').read_text().splitlines():
        event = json.loads(line)
        if event['type'] == 'app_fault':
            found.append('blames the app: ' + event['fault'])
        elif event['type'] == 'session_error':
            found.append(f'{event["error"]} to {event["request"]}')
        elif event['type'] in ('bot_failed', 'link_failed'):
            # Of those who looked for a partner one may be left over, or left at once for the next.
            if mode != 'match' or event['cause'] not in ('no_partner', 'partner_left'):
                found.append(event['cause'])
    missed = {name: s['due'] - s.get('recovered', s.get('told', 0)) for name, s in cell['steps'].items()}
    if mode != 'match':
        found += [f'not back after {name}' for name, n in missed.items() if n > 0]
    return ', '.join(f'{found.count(one)} x {one}' for one in sorted(set(found)))


def run(turnout, folder, cell):
    mode, first, second, apart, calls = cell
    name = f'{mode}-{first}-{second}-{apart}'
    file = folder / f'{name}.json'
    file.write_text(json.dumps(scenario(*cell)))
    try:
        for attempt in range(3):  # 106: the machine could not even begin
            out = folder / f'{name}-{attempt}'
            done = subprocess.run([turnout, 'run', file, '--quiet', '--out', out], timeout=300,
                                  capture_output=True, text=True, check=False)
            if done.returncode != 106:
                break
        found = trouble(mode, out)
    except subprocess.TimeoutExpired:
        found = 'hangs'
    except OSError:
        found = done.stderr.strip()[:200] or f'exit {done.returncode}'
    print(f'{mode}: {first} x {second}, {apart} ms apart: {found or "ok"}', flush=True)
    return cell[:4], found


def table(mode, pairs, results):
    names = [n for n in STEPS if any(n in pair for pair in pairs)]
    lines = ['| | ' + ' | '.join(f'`{n}`' for n in names) + ' |', '|---|' + '---|' * len(names)]
    for first in names:
        row = []
        for second in names:
            pair = (first, second) if (first, second) in pairs else (second, first)
            found = {results[mode, *pair, apart] for apart in DISTANCES_MS}
            row.append('ok' if found == {''} else '; '.join(sorted(found - {''})))
        lines.append(f'| `{first}` | ' + ' | '.join(row) + ' |')
    return '\n'.join(lines)


def pairs_of(mode):
    names = [n for n in STEPS if mode == 'match' or n != 'next_partner']
    return [(a, b) for i, a in enumerate(names) for b in names[i:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev gives it)')
    parser.add_argument('--calls', type=int, default=4, help='a run; matches: pairs [4]')
    parser.add_argument('--jobs', type=int, default=3, help='runs at a time [3]')
    parser.add_argument('--only', default='', help='pairs with this step')
    parser.add_argument('--modes', default='room,call,match')
    parser.add_argument('--write', action='store_true', help='into docs/RECOVERY.md')
    options = parser.parse_args()
    modes = options.modes.split(',')
    cells = [(mode, *pair, apart, options.calls) for mode in modes for pair in pairs_of(mode)
             for apart in DISTANCES_MS if not options.only or options.only in pair]
    results = {}
    with tempfile.TemporaryDirectory(prefix='pairs-') as folder:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            work = [pool.submit(run, options.turnout, pathlib.Path(folder), c) for c in cells]
            results.update(done.result() for done in work)
    bad = {key: found for key, found in results.items() if found}
    print(f'{len(results) - len(bad)} of {len(results)} runs of {options.calls} calls are good')
    if options.write and not options.only:
        head, rest = PAGE.read_text().split(MARKS[0])
        body = [f'{options.calls} calls a run, {len(results)} runs.']
        for mode in modes:
            body += [f'### {mode}', table(mode, pairs_of(mode), results)]
        PAGE.write_text(head + MARKS[0] + '\n' + '\n\n'.join(body) + '\n' + MARKS[1] +
                        rest.split(MARKS[1])[1])
    raise SystemExit(1 if bad else 0)


if __name__ == '__main__':
    main()
