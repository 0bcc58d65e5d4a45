#!/usr/bin/env python3
"""Nothing hangs, nothing gets in, nothing is lost: attacks on the programs, and what they say to them.

    ./dev attack [--only WORD] [--group GROUP] [--kills N] [--seed N] [--jobs N] [--list]

Strangers at `turnout serve`, servers that lie to bots, machines and shells that give a run too little, texts that are
wrong, and processes of a run that are killed or stopped at random instants. All of it on this machine, on loopback or
in namespaces of its own; without root some rows are left out, and said so. Ends within ten minutes with a table of
what was tried and what was told. Exit code: 0 when all is as it must be, 1 when something is not, 98 when the machine
was too slow for some row to say.
"""
import argparse
import concurrent.futures
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import liars  # noqa: F401, adds its rows
import machine  # noqa: F401
import strangers  # noqa: F401
import texts  # noqa: F401
from kills import kills
from processes import TooSlow, Wrong
from rows import ROWS, Lab, Skip

STRIKES_AT_A_TIME = 4


def kill_rows(count):
    """So many processes killed, in some rows that go on beside each other."""
    shares = [count // STRIKES_AT_A_TIME + (i < count % STRIKES_AT_A_TIME) for i in range(STRIKES_AT_A_TIME)]
    return [('kills', f'{share} runs in which a random process is killed or stopped ({i + 1})',
             lambda lab, share=share: kills(lab, share)) for i, share in enumerate(shares) if share]


def carry_out(turnout, number, seed, chosen, folder):
    group, tried, attack = chosen
    place = folder / f'{number:02}'
    place.mkdir()
    lab, began = Lab(turnout, place, f'{seed}-{tried}'), time.monotonic()
    try:
        word, told = 'ok', attack(lab)
    except Skip as skip:
        word, told = 'left out', str(skip)
    except TooSlow as slow:
        word, told = 'slow', str(slow)
    except Wrong as wrong:
        word, told = 'WRONG', str(wrong)
    except Exception as error:  # the row itself: shown, and wrong
        word, told = 'WRONG', ' '.join(traceback.format_exception_only(error)).strip() + ' in ' + \
            traceback.format_tb(error.__traceback__)[-1].strip().replace('\n', ' ')
    finally:
        lab.close()
    print(f'{word:8} {time.monotonic() - began:5.1f} s  {group}: {tried}\n{"":18}{told}', flush=True)
    if word == 'ok':
        shutil.rmtree(place, ignore_errors=True)
    return word, group, tried, told


def cell(text):
    return ' '.join(text.split()).replace('|', '/')


def table(results):
    lines = ['| | tried | told |', '|---|---|---|']
    lines += [f'| {word} | {group}: {cell(tried)} | {cell(told)[:300]} |' for word, group, tried, told in results]
    return '\n'.join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('turnout', help='the program (./dev gives it)')
    parser.add_argument('--only', default='', help='what is tried has this word')
    parser.add_argument('--group', default='', help='strangers, liars, machine, texts or kills')
    parser.add_argument('--kills', type=int, default=12, help='runs with a killed process [12]')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=2, help='rows at a time [2]')
    parser.add_argument('--list', action='store_true', help='what would be tried')
    options = parser.parse_args()
    turnout = str(pathlib.Path(options.turnout).resolve())
    chosen = [one for one in [*ROWS, *kill_rows(options.kills)]
              if options.only in one[1] and one[0].startswith(options.group)]
    if options.list:
        print('\n'.join(f'{group}: {tried}' for group, tried, _ in chosen))
        return 0
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix='turnout-attack-'))
    folder.chmod(0o755)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = [pool.submit(carry_out, turnout, number, options.seed, one, folder)
                for number, one in enumerate(chosen)]
        results = [done.result() for done in work]
    wrong, slow = (sum(word == which for word, *_ in results) for which in ('WRONG', 'slow'))
    print('\n' + table(results))
    print(f'\n{len(results) - wrong - slow} of {len(results)} as they must be, {time.monotonic() - began:.0f} s'
          + (f'; what there is of the others: {folder}' if wrong else ''))
    if not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong or not results else 98 if slow else 0


if __name__ == '__main__':
    sys.exit(main())
