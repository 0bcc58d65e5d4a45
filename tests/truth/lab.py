"""What a row of the table works with: its wire, its run, and what it claims in the end."""
import pathlib

from tap import Tap
from trial import Trial
from turn import Turn
from wire import Count, KINDS, Wire

# What the issue of a figure may be off: one percentage point, five milliseconds.
POINTS = 0.01
MS = 5


class Lab:
    def __init__(self, turnout, folder):
        self.turnout = turnout
        self.folder = pathlib.Path(folder)
        self.wire = Wire()
        self.claims = []  # {what, planted, told, ok}
        self._open = []

    # Making things

    def run(self, scenario, *options):
        trial = Trial(self.turnout, self.folder, scenario, *options)
        self._open.append(trial.stop)
        return trial

    def tap(self):
        tap = Tap()
        self._open.append(tap.close)
        return tap

    def turn(self, *options):
        """A TURN server with these lines in its configuration."""
        server = Turn(self.folder, *options)
        self._open.append(server.stop)
        return server

    def close(self):
        for stop in reversed(self._open):
            stop()

    # Comparing planted with told

    def says(self, what, planted, told, ok=None):
        """Told is to be what was planted, or ok tells."""
        self.claims.append({'what': what, 'planted': str(planted), 'told': str(told),
                            'ok': bool(planted == told if ok is None else ok)})

    def figure(self, what, planted, told, within, unit):
        missing = told is None
        text = 'nothing' if missing else f'{told * 100:.1f} %' if unit == '%' else f'{told:.1f} {unit}'
        wanted = f'{planted * 100:.1f} %' if unit == '%' else f'{planted:.1f} {unit}'
        self.says(what, wanted, text, not missing and abs(told - planted) <= within)

    def between(self, what, low, high, told, unit='ms'):
        text = 'nothing' if told is None else f'{told:.1f} {unit}'
        self.says(what, f'{low:.0f}..{high:.0f} {unit}', text, told is not None and low <= told <= high)

    def losses(self, trial, arm=None):
        """The loss of each kind and direction, as the wire counted it and as the run tells it: both in the
        mean of the calls."""
        counts = self.wire.counts()
        for kind in KINDS:
            for sender in (0, 1):
                true = [sum((counts[kind].get(flow, Count()) for flow in trial.flows_of(sender, call['id'])), Count())
                        for call in trial.plan()]
                losses = [count.loss for count in true if count.sent]
                if losses:
                    self.figure(f'loss of {kind} from bot {sender}', sum(losses) / len(losses),
                                trial.told_loss(kind, sender, arm), POINTS, '%')

    def recoveries(self, trial, tap, new_pair):
        """What brought media back at each end: the pair it had before, or one that new_pair made."""
        self.says('link ends that recovered', 2 * trial.scenario['calls']['per_arm'],
                  len({(event['call'], event['bot']) for event in trial.of('link_recovered')}))
        for event in sorted(trial.of('link_recovered'), key=lambda event: (event['call'], event['bot'])):
            call, bot = event['call'], event['bot']
            before, after = tap.flows_around_gap(trial.flows_to(call, bot))
            self.says(f'call {call}, bot {bot} recovered by', 'none' if before == after else new_pair, event['rung'])

    def fates(self, trial, arm=None, **planted):
        """kept=, degraded=, dropped=: how many calls; those not named are 0."""
        for fate in ('kept', 'degraded', 'dropped'):
            self.says(f'calls {fate}', planted.get(fate, 0), trial.told_fate(fate, arm))

    def is_no_pass(self, trial):
        self.says('verdict', 'not pass', trial.summary['verdict'], trial.summary['verdict'] != 'pass')
        self.says('exit code', 'not 0', trial.exit_code, trial.exit_code != 0)
