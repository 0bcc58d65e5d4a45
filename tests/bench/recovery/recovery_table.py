#!/usr/bin/env python3
"""The table of docs/RECOVERY.md: what each recovery policy buys against each fault.

    ./dev recovery-table [--calls 20] [--jobs 3] [--only WORD] [--seed 1]

Each cell is a run of `turnout run` of its own: one fault, one policy, the same calls over three
arms (direct, TURN/UDP, TURN/TLS), bots of this machine, our own servers, audio only. A cell says in
how many calls every link was back within 30 s of the end of the fault, and how long that took from
then in the middle call of those; "0 ms" is media that never stopped for long, or was back before.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import tempfile

POLICIES = ['none', 'ice_restart', 'recreate', 'ladder']
ARMS = {'direct': [], 'turn-udp': 'turn:{coturn}?transport=udp', 'turn-tls': 'turns:{coturn}'}
ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / 'docs' / 'RECOVERY.md'
MARKS = ('<!-- table: begin -->', '<!-- table: end -->')


def drop(seconds, one_side, of='all'):
    step = {'do': 'network_drop', 'of': of, 'for_ms': int(seconds * 1000), 'delay_ms': 1000}
    return [dict(step, bot=0) if one_side else step]


def faults():
    """Label, steps of bots, faults of servers."""
    rows = []
    for seconds in (0.5, 2, 5, 15, 40):
        rows.append((f'no network for {seconds:g} s, one side', drop(seconds, True), []))
        rows.append((f'no network for {seconds:g} s, both sides', drop(seconds, False), []))
    rows.append(('no media for 5 s, one side', drop(5, True, 'media'), []))
    rows.append(('no signaling for 5 s, one side', drop(5, True, 'signaling'), []))
    refresh = {'do': 'refresh', 'delay_ms': 1000, 'away_ms': 800}
    rows.append(('page refreshed, one side', [dict(refresh, bot=0)], []))
    rows.append(('pages refreshed, both sides', [refresh], []))
    rows.append(('new address, one side', [{'do': 'address_change', 'bot': 0, 'delay_ms': 1000}], []))
    rows.append(('TURN server dead for 3 s', [], [{'do': 'turn_kill', 'at_ms': 15000, 'for_ms': 3000}]))
    return rows


def scenario(label, steps, server_faults, policy, calls, seed):
    arms = [{'name': 'direct'}] + [
        {'name': name, 'policy': 'relay', 'ice_servers': [{'urls': url}]}
        for name, url in ARMS.items() if url]
    return {
        'name': 'recovery',
        'description': f'{label}, policy {policy}',
        'seed': seed,
        'calls': {'per_arm': calls, 'hold_ms': 25000 if server_faults else 500},
        'arrival': {'rate_per_s': 5, 'shape': 'even'},
        'media': {'audio': {'bitrate_bps': 32000}, 'video': None},
        'turn': arms,
        'steps': steps,
        'faults': server_faults,
        'recovery': {'policy': policy},
    }


def run(turnout, folder, cell):
    label, steps, server_faults, policy, calls, seed = cell
    name = f'{label}-{policy}'.replace(' ', '_').replace(',', '')
    file = folder / f'{name}.json'
    file.write_text(json.dumps(scenario(*cell)))
    out = folder / name
    done = subprocess.run([turnout, 'run', file, '--quiet', '--out', out], timeout=900,
                          capture_output=True, text=True, check=False)
    try:
        summary = json.loads((out / 'summary.json').read_text())
    except OSError:
        raise SystemExit(f'{label}, {policy}: {done.stderr}')
    print(f'{label}, {policy}: exit {done.returncode}', flush=True)
    action = (steps or server_faults)[0]['do']
    cells = {c['turn']: c['steps'].get(action) for c in summary['cells']}
    for step in cells.values():
        if step:
            step['is_doubtful'] = summary['verdict'] == 'inconclusive'
    return (label, policy), cells, summary['run']


def text(step):
    if not step or step['due'] == 0:
        return 'not hit'
    share = f'{step["recovered"]}/{step["due"]}' + ('\u2020' if step['is_doubtful'] else '')
    p50 = (step['recovery_ms'] or {}).get('p50')
    if step['recovered'] == 0 or p50 is None:
        return share
    return f'{share}, {p50 / 1000:.1f} s' if p50 >= 100 else f'{share}, {p50:.0f} ms'


def table(rows, results, arm):
    lines = ['| fault | ' + ' | '.join(f'`{p}`' for p in POLICIES) + ' |',
             '|---|' + '---|' * len(POLICIES)]
    for label, _, _ in rows:
        cells = [text(results[label, policy].get(arm)) for policy in POLICIES]
        lines.append(f'| {label} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def write(page, rows, results, facts):
    begin, end = MARKS
    doubtful = any(step and step["is_doubtful"]
                   for cells in results.values() for step in cells.values())
    head, rest = page.split(begin)
    tail = rest.split(end)[1]
    body = [f'{facts["calls"]} calls a cell, seed {facts["seed"]}, profile {facts["profile"]}, '
            f'{facts["versions"]}.']
    if doubtful:
        body.append('\u2020 the machine was too slow for this run: its times may be too long.')
    for arm in ARMS:
        body += [f'### {arm}', table(rows, results, arm)]
    return head + begin + '\n' + '\n\n'.join(body) + '\n' + end + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev gives it)')
    parser.add_argument('--calls', type=int, default=20, help='a cell and arm [20]')
    parser.add_argument('--jobs', type=int, default=3, help='runs at a time [3]')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='', help='rows that have this word; nothing is written')
    options = parser.parse_args()
    rows = [row for row in faults() if options.only in row[0]]
    cells = [(*row, policy, options.calls, options.seed) for row in rows for policy in POLICIES]
    results = {}
    facts = {'calls': options.calls, 'seed': options.seed}
    with tempfile.TemporaryDirectory(prefix='recovery-') as folder:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            work = [pool.submit(run, options.turnout, pathlib.Path(folder), c) for c in cells]
            for done in work:
                key, found, about = done.result()
                results[key] = found
                facts['profile'] = about['profile']
                facts['versions'] = ', '.join(f'{k} {v}' for k, v in about['versions'].items())
    if options.only:
        for arm in ARMS:
            print(f'\n{arm}\n' + table(rows, results, arm))
    else:
        PAGE.write_text(write(PAGE.read_text(), rows, results, facts))
        print(f'wrote {PAGE.relative_to(ROOT)}')


if __name__ == '__main__':
    main()
