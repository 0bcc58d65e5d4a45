"""Programs of an attack: what the kernel tells of them, and how a row runs `turnout`."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

TICKS = os.sysconf('SC_CLK_TCK')


class Wrong(Exception):
    """What was told is not what must be told; the words are the row's last column."""


class TooSlow(Exception):
    """This machine has so little time that a run could not even begin."""


def expect(is_so, words):
    if not is_so:
        raise Wrong(words)


def until(what, look, seconds=10.0, pause=0.02):
    """What `look` gives, once that is true."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        expect(time.monotonic() < end, f'waited {seconds:g} s in vain for {what}')
        time.sleep(pause)
    return seen


# --- /proc ---

def _stat(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    except OSError:
        return None


def lives(pid):
    stat = _stat(pid)
    return stat is not None and stat[0] not in 'ZX'


def cpu_seconds(pid):
    stat = _stat(pid)
    return (int(stat[11]) + int(stat[12])) / TICKS if stat else 0.0


def memory_mb(pid):
    """Resident; 0 of who is gone."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
            if line.startswith('VmRSS'):
                return int(line.split()[1]) / 1024
    return 0.0


def open_files(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def role_of(command):
    for word, role in (('turnout-bot-host', 'host'), ('turnserver', 'coturn'), ('\0serve\0', 'signaling')):
        if word in command:
            return role
    return 'other'


def children(pid):
    """{pid: role} of the direct children that live."""
    found = {}
    for entry in os.listdir('/proc'):
        stat = _stat(entry) if entry.isdigit() else None
        if stat and int(stat[1]) == pid and stat[0] not in 'ZX':
            with contextlib.suppress(OSError):
                found[int(entry)] = role_of(pathlib.Path(f'/proc/{entry}/cmdline').read_text())
    return found


# --- turnout ---

class Run:
    """`turnout run` of a scenario, with folders of its own."""

    def __init__(self, turnout, folder, scenario, *options, before=(), env=None, name='run'):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f'{name}-', dir=folder))
        self.turnout = turnout
        self.temporary = self.folder / 'tmp'
        self.temporary.mkdir()
        self.out = self.folder / 'out'
        file = self.folder / 'scenario.json'
        file.write_text(scenario if isinstance(scenario, str) else json.dumps(scenario))
        self.screen = self.folder / 'screen'
        self.began = time.monotonic()
        self._children = {}
        self._is_bare = bool(before)  # given less than it needs on purpose
        if '--out' in options:
            self.out = pathlib.Path(options[options.index('--out') + 1])
        else:
            options = ('--out', self.out, *options)
        with open(self.screen, 'wb') as screen:
            self._process = subprocess.Popen(
                [*before, turnout, 'run', file, '--quiet', '--no-color', *map(str, options)],
                env={**os.environ, 'TMPDIR': str(self.temporary), **(env or {})},
                stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, cwd=self.folder)
        self.pid = self._process.pid

    def has_ended(self):
        self._children.update(children(self.pid))
        return self._process.poll() is not None

    def wait(self, seconds=60):
        """The exit code, negative of a signal; a run that goes on is a hang, and is ended."""
        end = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() > end:
                self.end()
                raise Wrong(f'hangs: no end in {seconds:g} s; {self.last_words()}')
            time.sleep(0.05)
        words = self.text()
        if not self._is_bare and 'two peers of this process do not connect' in words and 'no connection in' in words:
            raise TooSlow(self.last_words())
        return self._process.returncode

    def end(self):
        """Whatever it takes; for cleaning up."""
        for pid in [self.pid, *self.everybody()]:
            with contextlib.suppress(OSError):
                if pid == self.pid or pid in children(self.pid) or lives(pid) and role_of(
                        pathlib.Path(f'/proc/{pid}/cmdline').read_text()) != 'other':
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def everybody(self):
        """Every child there ever was, as far as anybody looked."""
        self._children.update(children(self.pid))
        return dict(self._children)

    def orphans(self, seconds=10.0):
        """Children that outlive the run; they get some time to notice."""
        end = time.monotonic() + seconds
        while left := [f'{role} {pid}' for pid, role in self._children.items() if lives(pid)]:
            if time.monotonic() > end:
                return left
            time.sleep(0.05)
        return []

    def left_behind(self):
        return sorted(path.name for path in self.temporary.iterdir())

    def text(self):
        return self.screen.read_text(errors='replace')

    def last_words(self):
        return ' | '.join(self.text().strip().splitlines()[-2:])[-300:]

    def events(self):
        """All whole lines of the log, as far as they are JSON, and how many of them are not."""
        found, unreadable = [], 0
        try:
            text = (self.out / 'events.jsonl').read_bytes()
        except OSError:
            return found, unreadable
        for line in text[:text.rfind(b'\n') + 1].splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                unreadable += 1
        return found, unreadable

    def of(self, event_type):
        return [event for event in self.events()[0] if event['type'] == event_type]

    def report(self):
        """What `turnout report` says of what is left: exit code and text."""
        done = subprocess.run([self.turnout, 'report', self.out, '--no-color', '--html', self.folder / 'report.html',
                               '--junit', self.folder / 'report.xml'], capture_output=True, text=True, timeout=60,
                              errors='replace', check=False)
        return done.returncode, done.stdout + done.stderr


def run_to_end(turnout, folder, scenario, *options, seconds=60, **how):
    run = Run(turnout, folder, scenario, *options, **how)
    return run.wait(seconds), run


def small(arms=('direct',), calls=2, hold_ms=300, **more):
    """A scenario of a few calls, audio only; arms: of direct, relay."""
    arm = {'direct': {'name': 'direct'},
           'relay': {'name': 'relay', 'policy': 'relay',
                     'ice_servers': [{'urls': 'turn:{coturn}?transport=udp'}]}}
    return {'name': 'attack', 'calls': {'per_arm': calls, 'hold_ms': hold_ms},
            'arrival': {'spacing_ms': 300, 'shape': 'even'},
            'media': {'audio': {'bitrate_bps': 32000}, 'video': None},
            'turn': [arm[name] for name in arms], 'thresholds': {'success_rate': ['rate>=1']}} | more
