#!/usr/bin/env python3
"""Planted against told: does turnout say of a fault what we know to be true of it? (docs/TRUTH.md)

    tests/truth/truth.py TURNOUT [--short] [--only WORD] [--jobs N] [--keep FOLDER] [--write PAGE]

Each row plants one fault in a network namespace of its own, with nftables, signals and clocks that turnout
knows nothing of, and compares what was counted there with what the run told. Exit code: 0 when nothing is told
wrong, 1 when something is, 98 when the machine was too slow for some row to say (77 with --short: skipped),
77 when it lets us make no namespaces.
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


def word_of(claims, late_ms):
    """true, WRONG, or slow: something seems wrong, and the machine itself was late."""
    return 'true' if all(claim['ok'] for claim in claims) else 'slow' if late_ms > TOO_LATE_MS else 'WRONG'


def ask_until_told(turnout, index, folder, tries=3):
    """Once more, by itself, as long as the machine was too late to say."""
    for attempt in range(tries):
        answer = ask(turnout, index, folder.with_name(f'{folder.name}-{attempt + 2}'))
        if word_of(answer[0], answer[2]) != 'slow':
            break
    return answer


def show(planted, claims, seconds, late_ms):
    word = word_of(claims, late_ms)
    print(f'{word:5} {planted} ({seconds:.0f} s, the machine late by {late_ms:.0f} ms at worst)')
    for claim in claims:
        mark = '    ' if claim['ok'] else 'NOT '
        print(f'    {mark}{claim["what"]}: planted {claim["planted"]}, told {claim["told"]}')
    sys.stdout.flush()
    return word


def told_text(claim):
    """One claim of the table: what was told, and what is true where these differ."""
    told, true = claim['told'], claim['planted']
    told = told if len(told) <= 60 else told[:57] + '...'
    text = f"{claim['what']}: {told}" if claim['ok'] else f"**{claim['what']}: {told}**"
    text = text.replace('|', '/')
    return text if told == true or claim['what'] in ('names', 'does not name') else f'{text} (true: {true})'


def write(file, answers):
    """The table at the end of the page, between the lines that mark it: a row each, with all its claims."""
    begin, end = '<!-- rows: by ./dev truth --write -->\n', '<!-- end of rows -->\n'
    lines = ['| planted | told |\n', '|---|---|\n']
    for planted, claims in answers:
        told = '; '.join(dict.fromkeys(map(told_text, claims)))
        lines.append(f'| {planted} | {told} |\n'.replace('\r', ''))
    head, mark, rest = pathlib.Path(file).read_text().partition(begin)
    if not mark:
        head += '\n## The table\n\n'
    pathlib.Path(file).write_text(head + begin + ''.join(lines) + end + rest.partition(end)[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev truth gives it)')
    parser.add_argument('--short', action='store_true', help='a few rows, under a minute')
    parser.add_argument('--only', default='', help='rows that have this word')
    parser.add_argument('--jobs', type=int, default=3, help='rows at a time [3]')
    parser.add_argument('--keep', help='where runs are kept; else they are removed')
    parser.add_argument('--write', metavar='PAGE', help='puts the table into this page: docs/TRUTH.md')
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
    started, answers = time.monotonic(), {}
    with tempfile.TemporaryDirectory(prefix='turnout-truth-') as scratch, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folder = pathlib.Path(options.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        work = [(index, pool.submit(ask, turnout, index, folder / f'{index:02}')) for index in chosen]
        for index, done in work:
            answers[index] = done.result()
            show(ROWS[index][0], *answers[index])
        for index in [index for index in chosen if word_of(answers[index][0], answers[index][2]) == 'slow']:
            print('once more, alone: ', end='')
            answers[index] = ask_until_told(turnout, index, folder / f'{index:02}')
            show(ROWS[index][0], *answers[index])
    words = [word_of(claims, late_ms) for claims, _, late_ms in answers.values()]
    print(f'\n{len(chosen)} planted, {words.count("WRONG")} told wrong, {words.count("slow")} not to be judged '
          f'on this machine now, {time.monotonic() - started:.0f} s')
    for index, word in zip(chosen, words):
        if word != 'true':
            print(f'  {word} {ROWS[index][0]}')
    if options.write:
        write(options.write, [(ROWS[index][0], answers[index][0]) for index in chosen])
    if 'WRONG' in words or not chosen:
        return 1
    if 'slow' in words:
        return SKIPPED if options.short else INCONCLUSIVE
    return 0


if __name__ == '__main__':
    sys.exit(main())
