"""A machine, a shell, a folder that give `turnout run` less than it needs: each is named, with the exit code of
what was in the way, and nothing hangs or is left."""
import json
import os
import shutil
import signal
import subprocess
import time

from processes import Run, Wrong, children, expect, lives, small, until
from rows import Skip, row

PASS, USAGE, INCONCLUSIVE, FAILED, BAD_SCENARIO, INTERRUPTED, ENVIRONMENT = 0, 2, 98, 99, 104, 105, 106
# How it may end where something is missing: at work all the same, in doubt, or with what is missing.
ANYHOW = (PASS, INCONCLUSIVE, ENVIRONMENT)


def need_root():
    if os.geteuid() != 0:
        raise Skip('needs root')


def own(*kinds):
    """In a namespace of its own; `before` of a Run."""
    need_root()
    return ['unshare', *kinds, '--']


def shell(before, kinds=()):
    wrap = own(*kinds) if kinds else []
    return [*wrap, 'sh', '-c', f'{before}; exec "$@"', 'sh']


def judge(code, run, allowed, words=()):
    told = run.last_words()
    expect(code in allowed, f'exit {code}, not {" or ".join(map(str, allowed))}: {told}')
    expect('terminate called' not in run.text() and 'Aborted' not in run.text(), told)
    for word in words:
        expect(word in run.text(), f'not told of {word!r}: {told}')
    expect(not (left := run.orphans()), f'still there: {left}')
    expect(not run.left_behind(), f'left in TMPDIR: {run.left_behind()}')
    return f'exit {code}' + (f': {told}' if code == ENVIRONMENT else '')


BOTH = small(('direct', 'relay'), calls=1)


@row('machine', 'disks of 4, 16, 64, 200 kB for the output folder')
def disk_full(lab):
    need_root()
    told = []
    for size in (4, 16, 64, 200):
        disk = lab.folder / f'disk-{size}'
        disk.mkdir()
        before = shell(f'mount -t tmpfs -o size={size}k none {disk}', ('--mount',))
        run = Run(lab.turnout, lab.folder, BOTH, '--out', disk / 'run', '--html', disk / 'r.html', before=before)
        told.append(f'{size} kB: exit {judge_code(run, (INCONCLUSIVE, ENVIRONMENT, PASS))}')
    return ', '.join(told)


def judge_code(run, allowed):
    code = run.wait()
    judge(code, run, allowed)
    return code


@row('machine', 'TMPDIR that is full, that is not there; an output folder that is read-only')
def no_room(lab):
    need_root()
    full, fixed = lab.folder / 'full', lab.folder / 'fixed'
    full.mkdir()
    fixed.mkdir()
    told = [judge((run := Run(lab.turnout, lab.folder, BOTH, before=shell(
        f'mount -t tmpfs -o size=4k none {full}; head -c 4096 /dev/zero >{full}/x', ('--mount',)),
        env={'TMPDIR': str(full)})).wait(), run, (ENVIRONMENT, INCONCLUSIVE))]
    code, run = lab.run(BOTH, env={'TMPDIR': '/nonexistent'})
    told.append(judge(code, run, (ENVIRONMENT, PASS)))
    code, run = lab.run(BOTH, '--out', fixed / 'r', before=shell(f'mount -t tmpfs -o ro none {fixed}', ('--mount',)))
    told.append(judge(code, run, (ENVIRONMENT,)))
    return '; '.join(told)[:300]


@row('machine', '--out: a file, a folder that is not empty, nothing, /dev/null/x, 300 bytes, a newline')
def bad_out(lab):
    taken = lab.folder / 'taken'
    taken.mkdir()
    (taken / 'x').touch()
    told = []
    for out, allowed in (('/etc/hostname', (USAGE, ENVIRONMENT)), (taken, (USAGE, ENVIRONMENT)),
                         ('', (USAGE,)), ('/dev/null/x', (ENVIRONMENT,)),
                         (lab.folder / ('x' * 300), (ENVIRONMENT,)), (lab.folder / 'a\nmin-port=1', (USAGE,))):
        code, run = lab.run(BOTH, '--out', out)
        judge(code, run, allowed)
        told.append(str(code))
    return 'exit ' + ', '.join(told)


@row('machine', 'names: a folder with spaces and umlauts, a program behind a link, a folder that was removed')
def names(lab):
    out = lab.folder / 'sp ace' / 'ünï çödé ☃'
    out.parent.mkdir()
    code, run = lab.run(BOTH, '--out', out)
    judge(code, run, (PASS, INCONCLUSIVE))
    link = lab.folder / 'link'
    link.symlink_to(lab.turnout)
    run = Run(str(link), lab.folder, BOTH)
    judge(run.wait(), run, (PASS, INCONCLUSIVE))
    alone = lab.folder / 'alone'
    shutil.copy(lab.turnout, alone)
    run = Run(str(alone), lab.folder, BOTH)
    judge(run.wait(), run, (ENVIRONMENT,), ['turnout-bot-host'])
    gone = lab.folder / 'gone'
    run = Run(lab.turnout, lab.folder, BOTH, before=shell(f'mkdir {gone}; cd {gone}; rmdir {gone}'))
    judge(run.wait(), run, (PASS, INCONCLUSIVE))
    return 'run; without turnout-bot-host beside it: exit 106'


@row('machine', 'open files: 10 to 128')
def few_files(lab):
    told = []
    for files in (10, 16, 20, 24, 32, 48, 64, 128):
        code, run = lab.run(BOTH, before=shell(f'ulimit -n {files}'))
        judge(code, run, ANYHOW)
        told.append(f'{files}: {code}')
    return 'exit ' + ', '.join(told)


@row('machine', 'memory: 200 MB to 3 GB of addresses; files of 4 kB; a stack of 128 kB')
def little_memory(lab):
    told = []
    for limit in ('-v 200000', '-v 400000', '-v 800000', '-v 1500000', '-v 3000000', '-f 8', '-s 128'):
        run = Run(lab.turnout, lab.folder, BOTH, before=shell(f'ulimit {limit}'))
        code = run.wait(90)
        # What ends it before it can say anything is the limit itself.
        expect(code in (*ANYHOW, 127, -signal.SIGXFSZ) or code < 0 and limit.startswith('-v'), f'{limit}: exit {code}: '
               f'{run.last_words()}')
        expect(not (left := run.orphans()), f'{limit}: still there: {left}')
        told.append(f'{limit}: {code}')
    return 'exit ' + ', '.join(told)


@row('machine', 'environments: empty, no HOME, no PATH, odd locales and time zones, proxies, GStreamer without plugins')
def environments(lab):
    path = os.environ['PATH']
    told = []
    for before, allowed in ((['env', '-i', f'PATH={path}'], (PASS, INCONCLUSIVE)),
                            (['env', 'HOME=/nonexistent'], (PASS, INCONCLUSIVE)),
                            (['env', 'LANG=C', 'LC_ALL=C', 'TZ=Foo/Bar123'], (PASS, INCONCLUSIVE)),
                            (['env', 'LC_ALL=de_DE.UTF-8', 'TZ=:/etc/passwd'], (PASS, INCONCLUSIVE)),
                            (['env', 'PATH='], ANYHOW), (['env', '-u', 'PATH'], ANYHOW),
                            (['env', 'http_proxy=http://192.0.2.1:1', 'all_proxy=socks://192.0.2.1:1'],
                             (PASS, INCONCLUSIVE)),
                            (['env', 'GST_REGISTRY=/nonexistent/x', 'GST_PLUGIN_SYSTEM_PATH_1_0=/nonexistent'],
                             (ENVIRONMENT,)),
                            (['env', 'GST_REGISTRY=/proc/x'], (PASS, INCONCLUSIVE))):
        code, run = lab.run(BOTH, before=before)
        try:
            expect(code in allowed, f'exit {code}: {run.last_words()}')
            expect(not run.orphans(), 'something is still there')
        except Wrong as wrong:
            raise Wrong(f'{" ".join(before[1:])[:60]}: {wrong}') from None
        told.append(str(code))
    return 'exit ' + ', '.join(told)


@row('machine', 'networks: no loopback, loopback alone, 20 local ports, no IPv6')
def networks(lab):
    need_root()
    told = []
    for setup, allowed in (('true', (ENVIRONMENT, INCONCLUSIVE)), ('ip link set lo up', (PASS, INCONCLUSIVE)),
                           ('ip link set lo up; sysctl -qw net.ipv4.ip_local_port_range="61000 61020"', ANYHOW),
                           ('ip link set lo up; sysctl -qw net.ipv6.conf.all.disable_ipv6=1', (PASS, INCONCLUSIVE))):
        run = Run(lab.turnout, lab.folder, BOTH, before=shell(setup, ('--net',)))
        try:
            code = run.wait(90)
            judge(code, run, allowed)
        except Wrong as wrong:
            raise Wrong(f'{setup}: {wrong}') from None
        told.append(str(code))
    return 'exit ' + ', '.join(told)


@row('machine', 'no /dev/shm, no /proc')
def no_proc(lab):
    need_root()
    told = []
    for setup in ('umount -l /dev/shm || mount -t tmpfs -o ro none /dev/shm', 'umount -l /proc'):
        run = Run(lab.turnout, lab.folder, BOTH, before=shell(f'{setup} 2>/dev/null', ('--mount',)))
        code = run.wait(90)
        judge(code, run, ANYHOW)
        told.append(str(code))
    return 'exit ' + ', '.join(told)


@row('machine', 'standard files: closed, full, a reader that goes')
def standard_files(lab):
    told = []
    for redirect, options, allowed in (('exec >&- 2>&-', (), (PASS, INCONCLUSIVE)),
                                       ('exec <&- >&- 2>&-', (), (PASS, INCONCLUSIVE)),
                                       ('exec >/dev/full', ('--json', '-'), (ENVIRONMENT,)),
                                       ('exec >/dev/full', (), ANYHOW)):
        run = Run(lab.turnout, lab.folder, BOTH, *options, before=shell(redirect))
        code = run.wait()
        judge(code, run, allowed)
        _, unreadable = run.events()
        expect(unreadable == 0, f'{redirect}: {unreadable} lines of the log are none')
        told.append(str(code))
    return 'exit ' + ', '.join(told)


@row('machine', 'signals HUP TERM INT QUIT PIPE USR1 ALRM while calls go on')
def signals(lab):
    told = []
    for name in ('HUP', 'TERM', 'INT', 'QUIT', 'PIPE', 'USR1', 'ALRM'):
        run = Run(lab.turnout, lab.folder, small(('direct', 'relay'), calls=4, hold_ms=1500))
        until('a bot', lambda run=run: run.of('bot_started') or run.has_ended(), 30)
        run.everybody()
        os.kill(run.pid, getattr(signal, f'SIG{name}'))
        code = run.wait(30)
        expect(not (left := run.orphans()), f'SIG{name}: still there: {left}')
        if name in ('HUP', 'TERM', 'INT'):
            expect(code == INTERRUPTED, f'SIG{name}: exit {code}')
            expect(not run.left_behind(), f'SIG{name}: left: {run.left_behind()}')
        expect(run.events()[1] == 0, f'SIG{name}: the log has lines that are none')
        told.append(f'{name}: {code}')
    return 'exit ' + ', '.join(told)


@row('machine', 'four runs in one second with no --out; three with the same')
def at_once(lab):
    home = lab.folder / 'home'
    home.mkdir()
    runs = [Run(lab.turnout, lab.folder, BOTH, before=shell(f'cd {home}')) for _ in range(4)]
    for run in runs:
        judge(run.wait(90), run, (PASS, INCONCLUSIVE))
    runs = [Run(lab.turnout, lab.folder, BOTH, '--out', home / 'same') for _ in range(3)]
    codes = sorted(run.wait(90) for run in runs)
    expect(sum(code in (PASS, INCONCLUSIVE) for code in codes) == 1 and all(
        code in (PASS, INCONCLUSIVE, USAGE, ENVIRONMENT) for code in codes), f'the same --out: exit {codes}')
    return f'each its own folder; the same --out: exit {codes}'


@row('machine', 'kill -STOP of a bot host, of coturn, of the signaling server')
def stopped(lab):
    told = []
    for role in ('host', 'coturn', 'signaling'):
        run = Run(lab.turnout, lab.folder, small(('direct', 'relay'), calls=30, hold_ms=500))
        until('a bot', lambda run=run: run.of('bot_started') or run.has_ended(), 30)
        victim = next(pid for pid, its in children(run.pid).items() if its == role)
        run.everybody()
        os.kill(victim, signal.SIGSTOP)
        began = time.monotonic()
        try:
            code = run.wait(100)
            expect(code == INCONCLUSIVE, f'{role}: exit {code}: {run.last_words()}')
            expect(not (left := run.orphans()), f'{role}: still there: {left}')
        finally:
            if lives(victim):
                os.kill(victim, signal.SIGCONT)
        told.append(f'{role}: {code} after {time.monotonic() - began:.0f} s')
    return 'exit ' + ', '.join(told)


@row('machine', 'a folder of runs that cannot be used: a link to nowhere, to itself, a file, without permission')
def bad_runs(lab):
    told = []
    for number, make in enumerate(('ln -s /nonexistent/x runs', 'ln -s runs runs', 'touch runs',
                                   'mkdir -p runs/latest')):
        home = lab.folder / f'home-{number}'
        home.mkdir()
        screen = home / 'screen'
        file = lab.folder / 'scenario.json'
        file.write_text(json.dumps(small(calls=1)))
        with open(screen, 'wb') as out:
            done = subprocess.run(['sh', '-c', f'{make}; exec "$@"', 'sh', lab.turnout, 'run', file, '--quiet'],
                                  cwd=home, stdout=out, stderr=out, timeout=60, check=False)
        text = screen.read_text(errors='replace')
        allowed = (PASS, INCONCLUSIVE) if 'latest' in make else (ENVIRONMENT, USAGE)
        expect(done.returncode in allowed and 'terminate' not in text, f'{make}: exit {done.returncode}: {text[-200:]}')
        told.append(str(done.returncode))
    return 'exit ' + ', '.join(told)
