"""Media that is lost, late, or dies: of one kind or all, one way or both."""
import turn
from planting import EVERY_CALL_WORKS, flows_of_kind, relay, row, scenario
from wire import DTLS, RTCP


@row('nothing', short=True)
def healthy(lab):
    tap = lab.tap()
    run = lab.run(scenario('healthy', thresholds=EVERY_CALL_WORKS)).end()
    lab.says('verdict', 'pass', run.summary['verdict'])
    lab.fates(run, kept=4)
    lab.losses(run)
    for kind in ('audio', 'video'):
        flows = flows_of_kind(run, kind)
        lab.figure(f'longest gap of {kind}', max(map(tap.longest_gap_ms, flows)), run.told_gap_ms(kind), 5, 'ms')
        jitter = sum(map(tap.jitter_ms, flows)) / len(flows)
        lab.figure(f'jitter of {kind}, mean', jitter, run.told_jitter_ms(kind), 5, 'ms')
        planted = sum(map(tap.bitrate_bps, flows)) / len(flows)
        told = run.told_bitrate_bps(kind)
        lab.says(f'bitrate of {kind}', f'{planted / 1000:.1f} kbit/s',
                 'nothing' if told is None else f'{told / 1000:.1f} kbit/s',
                 told is not None and abs(told / planted - 1) < 0.02)


@row('all RTP lost after 0.7 s of a call of 12 s', short=True)
def media_dies(lab):
    run = lab.run(scenario('dies', hold_ms=12000, thresholds=['targets'], recovery={'policy': 'none'},
                           deadlines={'recover_ms': 11300}))
    run.wait_media(links=8)
    run.pause(700)
    lab.wire.drop_rtp()
    run.end()
    lab.says('verdict', 'fail', run.summary['verdict'])
    lab.says('exit code', 99, run.exit_code)
    lab.fates(run, dropped=4)
    lab.losses(run)


@row('all RTP lost in the last second of a call of 6 s')
def media_dies_at_the_end(lab):
    run = lab.run(scenario('dies-late', hold_ms=6000, thresholds=EVERY_CALL_WORKS,
                           deadlines={'recover_ms': 4000}))
    run.wait_media(links=8)
    run.pause(5100)
    lab.wire.drop_rtp()
    run.end()
    lab.is_no_pass(run)
    lab.says('calls kept', 0, run.told_fate('kept'))
    lab.losses(run)


def one_way_loss(percent):
    def plant(lab):
        run = lab.run(scenario('loss', hold_ms=10000, thresholds=EVERY_CALL_WORKS))
        run.wait_media(links=8)
        lab.wire.call_forward(run.flows_of(0))
        lab.wire.drop_rtp(percent, directions=['forward'])
        run.end()
        lab.losses(run)
        if percent != 5:  # the limit itself, by chance on either side
            lab.fates(run, **{'degraded' if percent > 5 else 'kept': 4})
        lab.says('success rate', 1, run.cell()['success_rate'])
    return plant


for share in (1, 5, 20):
    row(f'{share} % of RTP lost from bot 0 to bot 1', short=share == 20)(one_way_loss(share))


@row('30 % of RTP lost, both ways')
def two_way_loss(lab):
    run = lab.run(scenario('loss-both', hold_ms=8000))
    lab.wire.drop_rtp(30)
    run.end()
    lab.losses(run)
    lab.fates(run, degraded=4)


@row("the scenario's own loss: 10 % of what bot 0 sends, for 8 s")
def own_loss(lab):
    run = lab.run(scenario('own-loss', hold_ms=300, steps=[
        {'do': 'loss', 'bot': 0, 'percent': 10, 'direction': 'outgoing', 'for_ms': 8000}]))
    run.end()
    # The gate is in front of the socket: what it takes never gets to the wire.
    counts = lab.wire.counts()
    for kind in ('audio', 'video'):
        sent = sum(event['sent_packets'] for event in run.of('media_report', bot=0, kind=kind))
        passed = sum(counts[kind][flow].sent for flow in run.flows_of(0))
        lab.figure(f'loss of {kind} from bot 0', 1 - passed / sent, run.told_loss(kind, 0), 0.01, '%')
        lab.figure(f'loss of {kind} from bot 1', 0, run.told_loss(kind, 1), 0.01, '%')


def never(kinds, directions, told):
    def plant(lab):
        run = lab.run(scenario('never', calls=2, hold_ms=1000, thresholds=EVERY_CALL_WORKS,
                               deadlines={'first_media_ms': 3000}))
        run.wait_hosts()
        lab.wire.drop_rtp(kinds=kinds, directions=directions)
        run.end()
        lab.is_no_pass(run)
        lab.says('causes', {'no_media': 2}, run.cell()['failures'])
        evidence = ' '.join(call['detail'] + ' ' + call['evidence'] for call in run.calls())
        for word in told:
            lab.says('names', word, evidence, word in evidence)
        for word in {'audio', 'video'} - set(told):
            lab.says('does not name', word, evidence, word not in evidence)
    return plant


row('no video from the start')(never(['video'], ['forward', 'backward'], ['video']))
row('no audio from the start')(never(['audio'], ['forward', 'backward'], ['audio']))
row('no media from the start, one way')(never(['audio', 'video'], ['forward'], ['audio', 'video']))


def dies(kinds, directions):
    def plant(lab):
        tap = lab.tap()
        run = lab.run(scenario('dies-in-part', hold_ms=10000, thresholds=EVERY_CALL_WORKS,
                               recovery={'policy': 'none'}, deadlines={'recover_ms': 8500}))
        run.wait_media(links=8)
        lab.wire.call_forward(run.flows_of(0))
        run.pause(1500)
        lab.wire.drop_rtp(kinds=kinds, directions=directions)
        run.end()
        lab.is_no_pass(run)
        lab.says('calls kept', 0, run.told_fate('kept'))
        lab.losses(run)
        for kind in {'audio', 'video'} - set(kinds):  # a kind's pause is not the other's
            gap = max(map(tap.longest_gap_ms, flows_of_kind(run, kind)))
            lab.figure(f'longest gap of {kind}', gap, run.told_gap_ms(kind), 5, 'ms')
    return plant


row('video dies in the middle of the call, audio goes on')(dies(['video'], ['forward', 'backward']))
row('audio dies in the middle of the call, video goes on')(dies(['audio'], ['forward', 'backward']))
row('media from bot 0 to bot 1 dies in the middle of the call')(dies(['audio', 'video'], ['forward']))


@row('no RTP for 400 ms in the middle of the call')
def short_pause(lab):
    tap = lab.tap()
    run = lab.run(scenario('pause', hold_ms=5000))
    run.wait_media(links=8)
    run.pause(1500)
    lab.wire.drop_rtp()
    run.pause(400)
    lab.wire.heal()
    run.end()
    for kind in ('audio', 'video'):
        gap = max(map(tap.longest_gap_ms, flows_of_kind(run, kind)))
        lab.figure(f'longest gap of {kind}', gap, run.told_gap_ms(kind), 5, 'ms')
    lab.losses(run)
    lab.says('calls dropped', 0, run.told_fate('dropped'))


@row('20 % of the video from bot 1 to bot 0 lost')
def loss_of_one_kind_one_way(lab):
    run = lab.run(scenario('loss-part', hold_ms=6000))
    run.wait_media(links=8)
    lab.wire.call_forward(run.flows_of(0))
    lab.wire.drop_rtp(20, kinds=['video'], directions=['backward'])
    run.end()
    lab.losses(run)
    lab.fates(run, degraded=4)


@row('RTP packets over 600 bytes lost')
def large_packets(lab):
    run = lab.run(scenario('large', hold_ms=5000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    lab.wire.drop_rtp(which='udp length > 600')
    run.end()
    lab.losses(run)
    lab.says('calls kept', 0, run.told_fate('kept'))
    lab.is_no_pass(run)


@row('all RTCP lost')
def no_rtcp(lab):
    run = lab.run(scenario('no-rtcp', hold_ms=8000, thresholds=EVERY_CALL_WORKS))
    run.wait_hosts()
    lab.wire.drop(RTCP)
    run.end()
    lab.says('verdict', 'pass', run.summary['verdict'])
    lab.fates(run, kept=4)
    lab.losses(run)


@row('video lost in the last second of a call of 6 s')
def video_dies_at_the_end(lab):
    run = lab.run(scenario('dies-late', hold_ms=6000, thresholds=EVERY_CALL_WORKS))
    run.wait_media(links=8)
    run.pause(5100)
    lab.wire.drop_rtp(kinds=['video'])
    run.end()
    lab.is_no_pass(run)
    lab.says('calls kept', 0, run.told_fate('kept'))
    lab.losses(run)


@row('no audio for 3 s, video goes on')
def pause_of_one_kind(lab):
    tap = lab.tap()
    run = lab.run(scenario('pause-audio', hold_ms=6000, recovery={'silence_ms': 1000}))
    run.wait_media(links=8)
    run.pause(1000)
    lab.wire.drop_rtp(kinds=['audio'])
    run.pause(3000)
    lab.wire.heal()
    run.end()
    for kind in ('audio', 'video'):
        gap = max(map(tap.longest_gap_ms, flows_of_kind(run, kind)))
        lab.figure(f'longest gap of {kind}', gap, run.told_gap_ms(kind), 5, 'ms')
    lab.fates(run, degraded=4)
    lab.says('links that count as lost', 0, len(run.of('link_lost')))
    lab.says('recovered by', {}, run.cell()['recovered_by'])


def first_media_told(lab, run, tap):
    """The first packet of the last kind at the last end, from the planned start on."""
    starts = {call['id']: run.epoch_ns() / 1e9 + call['start_ms'] / 1e3 for call in run.plan()}
    true = max((tap.first(flow) - starts[call]) * 1000 for call, flow in (
        (at[0], (source, target, kind)) for at, source, target in run.flows() for kind in ('audio', 'video')))
    lab.figure('time to first media, slowest', true, run.cell()['first_media_ms']['max'], 5, 'ms')


@row('no UDP in the first 800 ms')
def late_network(lab):
    tap = lab.tap()
    run = lab.run(scenario('late-network', hold_ms=1000))
    run.wait_hosts()
    lab.wire.drop('meta l4proto udp')
    run.sleep_until(run.epoch_ns() + 800_000_000)
    lab.wire.heal()
    run.end()
    lab.says('success rate', 1, run.cell()['success_rate'])
    first_media_told(lab, run, tap)


@row('no DTLS in the first 1.2 s')
def late_dtls(lab):
    tap = lab.tap()
    run = lab.run(scenario('late-dtls', hold_ms=1000))
    run.wait_hosts()
    lab.wire.drop(DTLS)
    run.sleep_until(run.epoch_ns() + 1_200_000_000)
    lab.wire.heal()
    run.end()
    lab.says('success rate', 1, run.cell()['success_rate'])
    first_media_told(lab, run, tap)
    lab.between('of that DTLS', 1000, 3200, run.cell()['phases_ms']['dtls']['max'])


@row('packets from the TURN server overtake each other by up to 20 ms, a tenth come twice')
def doubled(lab):
    # What overtakes the end of the DTLS handshake has no key yet and is dropped, as browsers do: some packets
    # a call, however long it is.
    road = turn.Road(20, lab.turn().port, jitter_ms=20, twice=0.1)
    run = lab.run(scenario('doubled', hold_ms=25000, thresholds=EVERY_CALL_WORKS, turn=[relay(
        'doubled', f'turn:127.0.0.1:{road.port}', username=turn.USER, credential=turn.PASSWORD)])).end()
    lab.says('verdict', 'pass', run.summary['verdict'])
    lab.fates(run, kept=4)
    lab.losses(run)


@row('no RTP in the first 1.5 s')
def late_media(lab):
    tap = lab.tap()
    run = lab.run(scenario('late', hold_ms=1500))
    run.wait_hosts()
    lab.wire.drop_rtp()
    run.wait('connections', lambda: len(run.of('link_connected')) == 8)
    run.pause(1500)
    lab.wire.heal()
    run.end()
    first_media_told(lab, run, tap)
    lab.says('success rate', 1, run.cell()['success_rate'])
