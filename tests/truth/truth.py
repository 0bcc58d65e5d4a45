#!/usr/bin/env python3
"""Planted against told: does turnout say of a fault what we know to be true of it? (docs/TRUTH.md)

    tests/truth/truth.py TURNOUT [--short] [--only WORD] [--jobs N] [--keep FOLDER]

Each row plants one fault in a network namespace of its own, with nftables, signals and clocks that turnout
knows nothing of, and compares what was counted there with what the run told. Exit code: 0 when nothing is told
wrong, 1 when something is, 98 when the machine was too slow for some row to say, 77 when it lets us make no
namespaces.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from rows import ROWS
from watch import TOO_LATE_MS, Watch

SKIPPED = 77
INCONCLUSIVE = 98


def namespace():
    """How to get a network of one's own: as root, or as anybody where users may have namespaces."""
    return ['unshare', '--net'] if os.geteuid() == 0 else ['unshare', '--user', '--map-root-user', '--net']


def why_not():
    for program in ('unshare', 'nft', 'ip', 'turnserver'):
        if not shutil.which(program, path=os.environ['PATH'] + ':/usr/sbin:/sbin'):
            return f'no {program}: packages util-linux, nftables, iproute2, coturn'
    tried = subprocess.run([*namespace(), 'nft', 'add', 'table', 'ip', 'truth'], capture_output=True,
                           text=True, check=False)
    return tried.stderr.strip() if tried.returncode else ''


def carry_out(turnout, index, folder):
    """In the namespace: one row. Its claims go to a file, or what kept it from making any."""
    from lab import Lab
    lab = Lab(turnout, folder)
    watch = Watch()
    try:
        ROWS[index][1](lab)
    except Exception as error:
        lab.says('the row itself', 'comes to its end', f'{type(error).__name__}: {error}', False)
    finally:
        lab.close()
        watch.close()
    (pathlib.Path(folder) / 'claims.json').write_text(json.dumps([lab.claims, watch.worst_ms]))


def ask(turnout, index, folder):
    folder.mkdir()
    started, late_ms = time.monotonic(), 0.0
    # With processes of its own, too: when it is killed, nothing that it started stays.
    command = [*namespace(), '--pid', '--mount-proc', '--fork', '--kill-child', sys.executable, __file__, turnout,
               '--row', str(index), '--keep', folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
        claims, late_ms = json.loads((folder / 'claims.json').read_text())
    except subprocess.TimeoutExpired:
        claims = [{'what': 'the row itself', 'planted': 'ends', 'told': 'nothing in 150 s', 'ok': False}]
    except FileNotFoundError:
        claims = [{'what': 'the row itself', 'planted': 'runs', 'told': done.stderr[-800:], 'ok': False}]
    return claims, time.monotonic() - started, late_ms


def show(planted, claims, seconds, late_ms):
    """true, WRONG, or slow: something seems wrong, and the machine itself was late."""
    word = 'true' if all(claim['ok'] for claim in claims) else 'slow' if late_ms > TOO_LATE_MS else 'WRONG'
    print(f'{word:5} {planted} ({seconds:.0f} s, the machine late by {late_ms:.0f} ms at worst)')
    for claim in claims:
        mark = '    ' if claim['ok'] else 'NOT '
        print(f'    {mark}{claim["what"]}: planted {claim["planted"]}, told {claim["told"]}')
    sys.stdout.flush()
    return word


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev truth gives it)')
    parser.add_argument('--short', action='store_true', help='a few rows, under a minute')
    parser.add_argument('--only', default='', help='rows that have this word')
    parser.add_argument('--jobs', type=int, default=3, help='rows at a time [3]')
    parser.add_argument('--keep', help='where runs are kept; else they are removed')
    parser.add_argument('--row', type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    turnout = str(pathlib.Path(options.turnout).resolve())
    if options.row is not None:
        return carry_out(turnout, options.row, options.keep)
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if reason := why_not():
        print(f'no network namespaces here: {reason}')
        return 1 if 'lab' in os.environ.get('TURNOUT_REQUIRE', '').split(',') else SKIPPED
    chosen = [index for index, (planted, _, short) in enumerate(ROWS)
              if options.only in planted and (short or not options.short)]
    started, words = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix='turnout-truth-') as scratch, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = pathlib.Path(options.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        work = [(index, pool.submit(ask, turnout, index, folder / f'{index:02}')) for index in chosen]
        for index, done in work:
            words.append(show(ROWS[index][0], *done.result()))
    print(f'\n{len(chosen)} planted, {words.count("WRONG")} told wrong, {words.count("slow")} not to be judged '
          f'on this machine now, {time.monotonic() - started:.0f} s')
    for index, word in zip(chosen, words):
        if word != 'true':
            print(f'  {word} {ROWS[index][0]}')
    if 'WRONG' in words or not chosen:
        return 1
    return INCONCLUSIVE if 'slow' in words else 0


if __name__ == '__main__':
    sys.exit(main())
