"""Texts that turnout reads: scenarios, event logs. What is wrong is answered with its place; nothing dies of it, and
time and memory follow what is there."""
import json
import os
import pathlib
import subprocess
import time

from processes import expect, small
from rows import row

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / 'scenarios'
GOOD, BAD = 0, 104
WRONG_VALUES = (None, True, -1, 0, 1.5, 10**18, 2**63, -2**64, 1e308, '', 'nonsense', 'x' * 5000, '\u0000', '\u202e', [], {},
                [[]], {'x': 1}, [1, 'two'])


def validate(lab, files, seconds=60):
    done = subprocess.run([lab.turnout, 'validate', *map(str, files)], capture_output=True, text=True, errors='replace',
                          timeout=seconds, check=False)
    expect(done.returncode in (GOOD, BAD), f'exit {done.returncode}: {done.stderr[-200:]}')
    return done


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key)
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))


def changed(value, path, new):
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return copy


@row('texts', '1,500 scenarios with a wrong value: another type, too big, too small, odd text')
def wrong_values(lab):
    shipped = [json.loads(file.read_text()) for file in sorted(SHIPPED.glob('*.json'))]
    files = []
    for number in range(1500):
        scenario = lab.random.choice(shipped)
        path = lab.random.choice(list(leaves(scenario)))
        file = lab.folder / f'{number:04}.json'
        file.write_text(json.dumps(changed(scenario, path, lab.random.choice(WRONG_VALUES))))
        files.append(file)
    began, bad, unplaced = time.monotonic(), 0, []
    for first in range(0, len(files), 250):
        batch = files[first:first + 250]
        done = validate(lab, batch, 120)
        told = done.stdout + done.stderr
        for file in batch:
            lines = [line for line in told.splitlines() if file.name in line]
            expect(lines, f'nothing is told of {file.read_text()[:200]}')
            if any(': good' in line for line in lines):
                continue
            bad += 1
            if not any(line.split(file.name, 1)[1].startswith(':') for line in lines):
                unplaced.append(lines[0])
    expect(not unplaced, f'without a place: {unplaced[:2]}')
    return f'{bad} refused with their place, {1500 - bad} are good all the same, {time.monotonic() - began:.1f} s'


@row('texts', 'scenario files: 20,000 unknown keys, 100 MB, deep, a NUL, a key twice, numbers that wrap')
def bad_scenarios(lab):
    told = []
    texts = {
        'unknown keys': json.dumps({'name': 'x', **{f'k{i}': 0 for i in range(20000)}}),
        'deep': '{"name":' + '[' * 100000 + ']' * 100000 + '}',
        'NUL': '{"name": "a\\u0000b"}',
        'raw NUL': '{"name": "a\0b"}',
        'key twice': '{"name": "x", "na\\u006de": "y"}',
        'wraps': '{"name": "x", "calls": {"per_arm": -18446744073709551614}}',
        'not UTF-8': None,
        'empty': '',
        '100 MB': '{"name": "' + 'x' * 100_000_000 + '"}',
    }
    for what, text in texts.items():
        file = lab.folder / 'one.json'
        file.write_bytes(b'{"name": "\xff\xfe"}' if text is None else text.encode())
        began = time.monotonic()
        done = validate(lab, [file], 20)
        said = len(done.stdout) + len(done.stderr)
        expect(done.returncode == BAD, f'{what}: exit {done.returncode}')
        expect(said < 100_000, f'{what}: {said} bytes of words')
        expect(time.monotonic() - began < 5, f'{what}: {time.monotonic() - began:.1f} s')
        told.append(what)
    return 'refused: ' + ', '.join(told)


@row('texts', 'scenario files that are none: a pipe nobody writes to, /dev/zero, a folder')
def no_files(lab):
    pipe = lab.folder / 'pipe'
    os.mkfifo(pipe)
    for file in (pipe, '/dev/zero', lab.folder):
        done = validate(lab, [file], 30)
        expect(done.returncode == BAD, f'{file}: exit {done.returncode}')
    return 'exit 104, 104, 104'


@row('texts', 'a report of a plan of a million calls and a log of three lines')
def million(lab):
    code, run = lab.run(small(calls=1))
    expect(code in (0, 98), f'exit {code}: {run.last_words()}')
    stored = json.loads((run.out / 'scenario.json').read_text())
    stored['calls']['per_arm'] = 100_000
    stored['turn'] = [{'name': f'arm-{i}'} for i in range(10)]
    (run.out / 'scenario.json').write_text(json.dumps(stored))
    log = run.out / 'events.jsonl'
    log.write_text(''.join(log.read_text().splitlines(keepends=True)[:3]))
    began = time.monotonic()
    child = subprocess.Popen([lab.turnout, 'report', run.out, '--no-color'], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    megabytes, took = usage.ru_maxrss / 1024, time.monotonic() - began
    expect(child.returncode == 98, f'exit {child.returncode}')
    expect(megabytes < 300, f'{megabytes:.0f} MB')
    return f'exit 98, {megabytes:.0f} MB, {took:.1f} s'


def edit(lines, rnd):
    """One line of a log, as an accident or somebody with an editor leaves it."""
    at = rnd.randrange(len(lines))
    line = lines[at]
    kind = rnd.randrange(9)
    if kind == 0:
        lines[at] = line[:rnd.randrange(len(line))]
    elif kind == 1:
        lines.insert(rnd.randrange(len(lines)), line)
    elif kind == 2:
        del lines[at]
    elif kind == 3:
        lines[at] = rnd.randbytes(60)
    elif kind == 4:
        del lines[at:]
        lines.append(line[:20])
    elif kind in (5, 6):
        try:
            event = json.loads(line)
        except ValueError:
            return
        key = rnd.choice(list(event))
        if kind == 5:
            event[key] = rnd.choice(WRONG_VALUES)
        else:
            del event[key]
        lines[at] = json.dumps(event, separators=(',', ':')).encode()
    elif kind == 7:
        other = rnd.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        byte = rnd.randrange(len(line)) if line else 0
        lines[at] = line[:byte] + bytes([rnd.randrange(256)]) + line[byte + 1:]


@row('texts', '150 event logs that were edited: lines cut, doubled, swapped, with wrong values')
def edited_logs(lab):
    code, run = lab.run(small(('direct', 'relay')))
    expect(code in (0, 98), f'exit {code}: {run.last_words()}')
    log = run.out / 'events.jsonl'
    whole, codes = log.read_bytes().splitlines(), {}
    for _ in range(150):
        lines = list(whole)
        for _ in range(lab.random.randrange(1, 6)):
            if lines:
                edit(lines, lab.random)
        log.write_bytes(b'\n'.join(lines) + b'\n')
        code, text = run.report()
        expect(code in (0, 98, 99, 104), f'exit {code}: {text[-200:]}')
        codes[code] = codes.get(code, 0) + 1
    return ', '.join(f'{times} x exit {code}' for code, times in sorted(codes.items()))
