"""One run of turnout in the namespace of a row: started, watched by its event log, disturbed, read."""
import csv
import json
import os
import pathlib
import random
import signal
import subprocess
import time


class Stuck(Exception):
    """What a row waited for did not happen."""


class Trial:
    def __init__(self, turnout, folder, scenario, *options):
        self.folder = pathlib.Path(folder)
        self.scenario = scenario
        self.out = self.folder / 'run'
        file = self.folder / 'scenario.json'
        file.write_text(json.dumps(scenario))
        self._events, self._read = [], 0
        with open(self.folder / 'screen', 'w', encoding='utf-8') as screen:
            self._process = subprocess.Popen(
                [turnout, 'run', file, '--out', self.out, '--quiet', '--no-color', *options],
                stdout=screen, stderr=subprocess.STDOUT)
        self._turnout = turnout

    # While it runs

    def events(self):
        """All that the log holds now, in the order of what happened."""
        try:
            with open(self.out / 'events.jsonl', 'rb') as file:
                file.seek(self._read)
                text = file.read()
        except FileNotFoundError:
            return self._events
        whole = text.rfind(b'\n') + 1
        self._read += whole
        self._events += [json.loads(line) for line in text[:whole].splitlines()]
        return self._events

    def of(self, event_type, **fields):
        return [event for event in self.events() if event['type'] == event_type
                and all(event.get(key) == value for key, value in fields.items())]

    def wait(self, what, happened, timeout=30):
        """Until happened() is true; turnout or the clock may say that it never will be."""
        end = time.monotonic() + timeout
        while True:
            over = self._process.poll() is not None
            found = happened()
            if found:
                return found
            if over or time.monotonic() > end:
                raise Stuck(f'waited for {what}: {(self.folder / "screen").read_text()[-800:]}')
            time.sleep(0.005)

    def wait_media(self, links, kinds=2):
        """Until so many link ends have media of so many kinds."""
        self.wait('media', lambda: len(self.of('media_started')) >= links * kinds)

    def wait_hosts(self):
        """Until the bot hosts are ready: they have tried themselves out by then, and no call has begun."""
        self.wait('bot hosts', lambda: self.of('run_started'))

    def epoch_ns(self):
        return self.wait('the start', lambda: self.of('run_started'))[0]['epoch_ns']

    @property
    def pid(self):
        return self._process.pid

    def service_pid(self, service):
        return self.of('service_started', service=service)[-1]['pid']

    def host_pids(self):
        return [event['pid'] for event in
                self.wait('a bot host', lambda: self.of('host_started'))]

    def sleep_until(self, t_ns):
        while (left := t_ns - time.monotonic_ns()) > 0:
            time.sleep(left / 1e9 * 0.9 + 1e-4)

    def pause(self, ms):
        self.sleep_until(time.monotonic_ns() + int(ms * 1e6))

    def freeze(self, pids, ms):
        """These processes stand still for so long. The instants from and to which they did, in ns."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        begin = time.monotonic_ns()
        self.sleep_until(begin + int(ms * 1e6))
        end = time.monotonic_ns()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        return begin, end

    def freeze_hosts(self, ms):
        return self.freeze(self.host_pids(), ms)

    def freeze_each_call(self, ms, seed, within_ms, arm=None):
        """One freeze a call, at a random moment of the first so many ms after it was to start."""
        chance, frozen = random.Random(seed), []
        epoch = self.epoch_ns()
        for call in self.plan():
            if arm and call['turn'] != arm:
                continue
            self.sleep_until(epoch + int((call['start_ms'] + chance.uniform(0, within_ms)) * 1e6))
            frozen.append((call['id'], *self.freeze_hosts(ms)))
        return frozen

    def plan(self):
        file = self.out / 'plan.json'
        self.wait('the plan', file.exists)
        return json.loads(file.read_text())['calls']

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)

    # When it is over

    def end(self, timeout=120):
        try:
            self.exit_code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait(10)
            raise Stuck(f'turnout does not end: {(self.folder / "screen").read_text()[-800:]}') from None
        self.events()
        self.screen = (self.folder / 'screen').read_text()
        try:
            self.summary = json.loads((self.out / 'summary.json').read_text())
        except FileNotFoundError:
            raise Stuck(f'no summary: {self.screen[-800:]}') from None
        return self

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)

    def verdict_of_report(self):
        """Of the files that are left, whoever ended the run: verdict and exit code."""
        done = subprocess.run([self._turnout, 'report', self.out, '--json', '-', '--no-color'],
                              capture_output=True, text=True, timeout=60, check=False)
        return json.loads(done.stdout)['verdict'], done.returncode

    def cell(self, arm=None):
        return next(cell for cell in self.summary['cells'] if arm in (None, cell['turn']))

    def calls(self):
        """What the table of calls says of each."""
        file = self.folder / 'calls.csv'
        subprocess.run([self._turnout, 'report', self.out, '--csv', file, '--no-color'],
                       stdout=subprocess.DEVNULL, timeout=60, check=False)
        with open(file, encoding='utf-8') as rows:
            return list(csv.DictReader(rows))

    def flows(self):
        """Of each bot that sends: (call, bot), its address and where it sends to, all pairs that it had."""
        pairs = {((event['call'], event['bot']), event['local']['address'], event['remote']['address'])
                 for event in self.of('pair_selected')}
        return sorted(pairs)

    def flows_of(self, sender, call=None):
        """(source, destination) of what this bot sends, in one call or all."""
        return [(source, target) for (at, bot), source, target in self.flows()
                if bot == sender and call in (None, at)]

    def flows_to(self, call, receiver):
        return [(source, target) for (at, bot), source, target in self.flows()
                if at == call and bot != receiver]

    # What is told, wherever it stands; None when it is not

    def told_fate(self, fate, arm=None):
        return self.cell(arm)['fates'].get(fate)

    def _flows(self, kind, figure, arm, senders=(0, 1)):
        """Of this kind, the figure of each flow from one of these bots, over the calls."""
        directions = {f'{bot}-{1 - bot}' for bot in senders}
        return [flow[figure] for flow in self.cell(arm)['flows'] if flow['kind'] == kind
                and flow['direction'] in directions and flow[figure] and flow[figure]['n']]

    def _mean(self, figures):
        return sum(figure['mean'] for figure in figures) / len(figures) if figures else None

    def told_loss(self, kind, sender, arm=None):
        """Of what this bot sent, in the mean of the calls."""
        return self._mean(self._flows(kind, 'loss', arm, [sender]))

    def told_gap_ms(self, kind, arm=None):
        return max((figure['max'] for figure in self._flows(kind, 'gap_ms', arm)), default=None)

    def told_jitter_ms(self, kind, arm=None):
        return self._mean(self._flows(kind, 'jitter_ms', arm))

    def told_bitrate_bps(self, kind, arm=None):
        told = self._mean(self._flows(kind, 'bitrate_kbps', arm))
        return None if told is None else told * 1000

    def told_diagnoses(self, arm=None):
        return {diagnosis['cause'] for diagnosis in self.cell(arm)['diagnoses']}

    def told_stalls(self):
        """Intervals in which a bot host stood still: begin and end in ns, length in ms."""
        return [(event['t_ns'], event['t_ns'] + event['length_ms'] * 1e6, event['length_ms'])
                for event in self.of('stalled') if event['process'].startswith('host')]
