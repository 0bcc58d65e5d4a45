"""Processes of turnout and TURN servers that stand still or die: whom is it told of?"""
import turn
from planting import AUDIO_ONLY, EVERY_CALL_WORKS, flows_of_kind, relay, row, scenario


def freezes(ms):
    def plant(lab):
        # Apart from each other: a host that never gets to run between two freezes is given up as dead.
        run = lab.run(scenario(f'freeze-{ms}', calls=20, hold_ms=300, rate_per_s=min(0.9, 1000 / (ms + 600)),
                               media=AUDIO_ONLY,
                               turn=[relay('turn-udp', 'turn:{coturn}?transport=udp')],
                               thresholds={'success_rate': ['rate>=1'], 'connect_time': ['max<150']}))
        frozen = run.freeze_each_call(ms, seed=ms, within_ms=150)
        run.end()
        lab.says('exit code', 'not 99', run.exit_code, run.exit_code != 99)
        lab.says('verdict', 'not fail', run.summary['verdict'], run.summary['verdict'] != 'fail')
        lab.says('servers blamed', {}, run.cell()['ice_candidate_errors'])
        stalls = run.told_stalls()
        for call, begin, end in frozen:
            told = max((length for start, stop, length in stalls if start < end and stop > begin), default=None)
            lab.figure(f'stall at call {call}', (end - begin) / 1e6, told, 25, 'ms')
        lab.says('stalls that were not planted', 0,
                 sum(all(start >= end or stop <= begin for _, begin, end in frozen) and length > 200
                     for start, stop, length in stalls))
    return plant


for length in (200, 600, 1200):
    row(f'bot host frozen for {length} ms at a random moment of each of 20 calls')(freezes(length))


@row('wrong TURN password in one arm, bot host frozen for 1 s in the other')
def wrong_password_beside_a_freeze(lab):
    run = lab.run(scenario('password', calls=5, hold_ms=300, rate_per_s=1, media=AUDIO_ONLY, turn=[
        {'name': 'direct'},
        relay('wrong', 'turn:{coturn}', username='somebody', credential='not the password')]))
    epoch = run.epoch_ns()
    call = [call for call in run.plan() if call['turn'] == 'direct'][-1]
    run.sleep_until(epoch + int((call['start_ms'] + 20) * 1e6))
    run.freeze_hosts(1000)
    run.end()
    lab.says('causes of arm wrong', {'turn_auth': 5}, run.cell('wrong')['failures'])
    lab.says('servers blamed in arm direct', {}, run.cell('direct')['ice_candidate_errors'])
    lab.says('network blamed in arm direct', 0, run.cell('direct')['failed'])


def frozen_process(what, pid_of, name, ms):
    def plant(lab):
        run = lab.run(scenario(f'frozen-{name}', calls=8, hold_ms=500, rate_per_s=2, media=AUDIO_ONLY,
                               thresholds={'success_rate': ['rate>=1'], 'connect_time': ['max<500']}))
        epoch = run.epoch_ns()
        run.sleep_until(epoch + 1_480_000_000)  # just before the fourth call
        run.freeze([pid_of(run)], ms)
        run.end()
        lab.says('exit code', 'not 99', run.exit_code, run.exit_code != 99)
        lab.says('verdict', 'inconclusive', run.summary['verdict'])
        lab.says('calls failed', 0, run.cell()['failed'])
    row(f'{what} frozen for {ms / 1000:g} s as calls begin')(plant)


frozen_process('orchestrator', lambda run: run.pid, 'orchestrator', 3000)  # it hands out calls 1.5 s ahead
frozen_process("the run's own signaling server", lambda run: run.service_pid('signaling'), 'signaling', 1500)


@row("the run's own signaling server frozen for 2 s in the middle of the calls")
def signaling_frozen_later(lab):
    run = lab.run(scenario('frozen-later', hold_ms=5000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    run.pause(500)
    run.freeze([run.service_pid('signaling')], 2000)
    run.end()
    lab.says('verdict', 'pass', run.summary['verdict'])
    lab.fates(run, kept=4)


@row('bots in two hosts, one of which is frozen for 1.2 s in the middle of the calls')
def one_host_frozen(lab):
    run = lab.run({**scenario('apart', thresholds=EVERY_CALL_WORKS), 'calls': {
        'per_arm': 4, 'hold_ms': 5000, 'placement': 'apart'}}, '--hosts', '2')
    run.wait_media(links=8)
    run.pause(1000)
    run.freeze(run.host_pids()[:1], 1200)
    run.end()
    lab.says('exit code', 'not 99', run.exit_code, run.exit_code != 99)
    lab.fates(run)  # not to be told
    lab.says('success rate', 1, run.cell()['success_rate'])


@row('20 % of RTP lost, bot host frozen for 300 ms meanwhile')
def loss_and_freeze(lab):
    run = lab.run(scenario('loss-frozen', hold_ms=6000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    lab.wire.drop_rtp(20)
    run.pause(1500)
    run.freeze_hosts(300)
    run.end()
    lab.losses(run)
    lab.fates(run, degraded=4)


@row('the whole of turnout frozen for 1.5 s as calls begin')
def suspended(lab):
    run = lab.run(scenario('suspended', calls=8, hold_ms=500, rate_per_s=2, media=AUDIO_ONLY,
                           thresholds={'success_rate': ['rate>=1'], 'connect_time': ['max<500']}))
    run.sleep_until(run.epoch_ns() + 1_510_000_000)
    run.freeze([run.pid, run.service_pid('signaling'), *run.host_pids()], 1500)
    run.end()
    lab.says('exit code', 'not 99', run.exit_code, run.exit_code != 99)
    lab.says('calls failed', 0, run.cell()['failed'])


@row('orchestrator killed in the middle of the calls')
def orchestrator_killed(lab):
    run = lab.run(scenario('orphans', hold_ms=6000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    run.kill(run.pid)
    run.pause(500)
    lab.says('report: verdict and exit code', ('inconclusive', 98), run.verdict_of_report())


@row('bot host killed in the middle of its calls', short=True)
def host_killed(lab):
    run = lab.run(scenario('killed', hold_ms=6000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    run.kill(run.host_pids()[0])
    run.end()
    lab.says('calls kept', 0, run.told_fate('kept'))
    lab.says('calls failed', 0, run.cell()['failed'])
    lab.says('verdict', 'inconclusive', run.summary['verdict'])


@row("the run's own TURN server killed from outside")
def turn_killed(lab):
    run = lab.run(scenario('turn-killed', calls=6, hold_ms=300, rate_per_s=1, media=AUDIO_ONLY,
                           thresholds={'success_rate': ['rate>=1']}, turn=[relay('relayed', 'turn:{coturn}')]))
    epoch = run.epoch_ns()
    run.sleep_until(epoch + 2_500_000_000)
    run.kill(run.service_pid('coturn'))
    run.end()
    lab.says('verdict', 'inconclusive', run.summary['verdict'])
    lab.says('exit code', 98, run.exit_code)
    lab.says('diagnoses', {'turn_server_died'}, run.told_diagnoses())


@row("the run's own TURN server stopped for 1.5 s as calls begin")
def turn_stopped(lab):
    run = lab.run(scenario('turn-stopped', calls=8, hold_ms=500, rate_per_s=2, media=AUDIO_ONLY,
                           thresholds={'success_rate': ['rate>=1'], 'connect_time': ['max<500']},
                           turn=[relay('relayed', 'turn:{coturn}')]))
    run.sleep_until(run.epoch_ns() + 1_480_000_000)
    run.freeze([run.service_pid('coturn')], 1500)
    run.end()
    lab.says('exit code', 'not 99', run.exit_code, run.exit_code != 99)
    lab.says('calls failed', 0, run.cell()['failed'])
    lab.says('servers blamed', {}, run.cell()['ice_candidate_errors'])


@row('another TURN server stopped for 1.5 s in the middle of the calls')
def other_turn_stopped(lab):
    server, tap = lab.turn(), lab.tap()
    run = lab.run(scenario('other-turn-stopped', hold_ms=5000, media=AUDIO_ONLY, turn=[relay(
        'stopped', f'turn:127.0.0.1:{server.port}', username=turn.USER, credential=turn.PASSWORD)]))
    run.wait_media(links=8, kinds=1)
    run.pause(1000)
    run.freeze([server.pid], 1500)
    run.end()
    gap = max(map(tap.longest_gap_ms, flows_of_kind(run, 'audio')))
    lab.figure('longest gap', gap, run.told_gap_ms('audio'), 25, 'ms')  # seen between the relays
    lab.fates(run, degraded=4)
    lab.says('recovered by', {'none'}, set(run.cell()['recovered_by']))
