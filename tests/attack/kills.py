"""kill -9 and kill -STOP of a random process of a run at a random instant: the run ends, alone, with a log that can be
read and an exit code that says whose fault it was."""
import contextlib
import os
import signal
import time

from processes import Run, TooSlow, Wrong, expect, lives, small

ROLES = ('orchestrator', 'host', 'coturn', 'signaling')
PASS, INCONCLUSIVE, ENVIRONMENT = 0, 98, 106
FAULTY = ('host_exited', 'service_exited')
# The longest way: 15 s until a host that is still counts as hung, twice, and what calls take.
LONGEST_S = 90

SCENARIO = small(('direct', 'relay'), calls=4, hold_ms=700, hosts=2, deadlines={
    'connect_ms': 5000, 'first_media_ms': 4000, 'join_ms': 4000, 'leave_ms': 1500})


def victim_of(run, role, rnd, seconds=3):
    if role == 'orchestrator':
        return run.pid
    end = time.monotonic() + seconds
    while not run.has_ended() and time.monotonic() < end:
        run.everybody()
        if here := [pid for pid, its in run.everybody().items() if its == role and lives(pid)]:
            return rnd.choice(here)
        time.sleep(0.01)
    return None


def is_right(code, run, role, how, hit):
    """Why not; empty: it is."""
    events, _ = run.events()
    faults = [event for event in events if event['type'] in FAULTY and not event['expected']]
    began = any(event['type'] == 'run_started' for event in events)
    if role == 'orchestrator' and hit and how == signal.SIGKILL:
        return '' if code == -signal.SIGKILL else 'not killed'
    if code not in (PASS, INCONCLUSIVE, ENVIRONMENT):
        return 'blames somebody else'
    if code == ENVIRONMENT and began:
        return '106 of a run that had begun'
    if code == PASS and faults:
        return f'pass, though {faults[0]["type"]} is in the log'
    return ''


def strike(lab, number, temporary):
    rnd = lab.random
    role = ROLES[number % 4]
    how = rnd.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP))
    delay = rnd.uniform(0.0, 0.6) if rnd.random() < 0.25 else rnd.uniform(0.05, 6)
    run = Run(lab.turnout, lab.folder, SCENARIO, '--seed', number + 1, env={'TMPDIR': str(temporary)})
    what = f'{how.name} of {role} after {delay:.2f} s'
    pid = None
    try:
        while time.monotonic() - run.began < delay and not run.has_ended():
            time.sleep(0.02)
        pid = victim_of(run, role, rnd)
        if pid is not None:
            with contextlib.suppress(OSError):
                os.kill(pid, how)
        if role == 'orchestrator' and how == signal.SIGSTOP:  # its children wait for it, as they should
            time.sleep(rnd.uniform(0.2, 3))
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGCONT)
        code = run.wait(LONGEST_S)
        orphans = run.orphans(20)
        expect(not orphans, f'still there: {orphans}')
        wrong = is_right(code, run, role, how, pid is not None)
        expect(not wrong, f'exit {code}: {wrong}: {run.last_words()}')
        _, unreadable = run.events()
        expect(unreadable == 0, f'{unreadable} lines of the log are none')
        again, text = run.report()
        allowed = (again == code or code in (-9, PASS)) and again in (0, 98, 104, 106) or code == ENVIRONMENT
        expect(allowed and 'terminate' not in text, f'the report ends with {again}, the run with {code}: {text[-200:]}')
    except Wrong as wrong:
        raise Wrong(f'{what}: {wrong}') from None
    finally:
        if pid is not None and pid != run.pid and lives(pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        run.end()
    return code


def kills(lab, count):
    temporary = lab.folder / 'tmp'
    temporary.mkdir()
    codes, wrong = {}, []
    for number in range(count):
        try:
            code = strike(lab, number, temporary)
            codes[code] = codes.get(code, 0) + 1
        except Wrong as found:
            wrong.append(f'{number}: {found}')
        except TooSlow:
            codes['too slow'] = codes.get('too slow', 0) + 1
    expect(not wrong, f'{len(wrong)} of {count}: ' + ' // '.join(wrong[:4]))
    return f'{count} runs: ' + ', '.join(f'{times} x exit {code}' for code, times in sorted(codes.items(), key=str))
