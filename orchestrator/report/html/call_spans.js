// From the events of a call: its lanes, one per bot and one per end of each connection, with bars for
// phases and marks for moments. Pure. Times in ms after the scheduled start.

function readEvent([ms, bot, peer, kind, text, round = 1]) {
  return { ms, bot, peer, kind, text, round };
}

function firstAt(events, wanted) {
  return events.find(wanted)?.ms;
}

function lastOf(...times) {
  return times.includes(undefined) ? undefined : Math.max(...times);
}

const kMarkLook = {
  failed: 'bad', refused: 'bad', fault: 'bad', server_error: 'bad', partner_left: 'step',
  step: 'step', back: 'step', recovered: 'step', pair: 'pair',
};

function marksOf(events) {
  return events.map((event) => ({ ...event, look: kMarkLook[event.kind] ?? '' }));
}

// What came before `met`, when both could begin to negotiate, is signaling; a later round has none.
function barsOf(events, met, end) {
  const state = (machine, words) => firstAt(events, (e) => e.kind === 'state' && words.some((w) => e.text === `${machine} ${w}`));
  const described = lastOf(firstAt(events, (e) => e.kind === 'sdp' && e.text.startsWith('local')), firstAt(events, (e) => e.kind === 'sdp' && e.text.startsWith('remote')));
  const connected = firstAt(events, (e) => e.kind === 'connected');
  const media = events.filter((e) => e.kind === 'media').at(-1)?.ms;
  const failed = firstAt(events, (e) => e.kind === 'failed');
  const until = failed ?? end;
  let from = met.from;
  const bars = [];
  const add = (phase, to, isReached) => {
    const stop = Math.max(from, Math.min(to ?? until, until));
    if (stop > from) bars.push({ phase, from, to: stop });
    from = stop;
    return isReached;
  };
  const steps = [['signaling', met.at], ['negotiation', described], ['ice', state('ice', ['connected', 'completed'])], ['dtls', connected], ['media', media]];
  for (const [phase, to] of steps) {
    if (phase === 'media' && to === undefined && failed === undefined) break; // none was asked for
    if (!add(phase, to, to !== undefined)) break; // it never came: the rest is this phase
  }
  if (connected !== undefined) bars.push({ phase: 'up', from, to: Math.max(from, until) });
  return bars;
}

function lanesOf(call) {
  const events = call.events.map(readEvent);
  const end = events.at(-1)?.ms ?? 0;
  const bots = [...new Set(events.map((e) => e.bot))].sort((a, b) => a - b);
  const joined = (bot) => firstAt(events, (e) => e.bot === bot && e.kind === 'joined');
  const waited = (bot) => firstAt(events, (e) => e.bot === bot && (e.kind === 'answered' || e.kind === 'matched'));
  return bots.flatMap((bot) => {
    const own = events.filter((e) => e.bot === bot);
    const ends = new Map();
    for (const event of own.filter((e) => e.peer >= 0))
      ends.set(`${event.peer}/${event.round}`, [...(ends.get(`${event.peer}/${event.round}`) ?? []), event]);
    const lane = { name: `bot ${bot}`, bars: [], marks: marksOf(own.filter((e) => e.peer < 0)) };
    return [lane, ...[...ends.values()].map((of) => linkLane(of, bot, end, joined, waited))];
  });
}

function linkLane(events, bot, end, joined, waited) {
  const { peer, round } = events[0];
  const others = joined(peer) ?? 0; // a guest reports nothing
  const at = round > 1 ? events[0].ms : Math.max(joined(bot) ?? events[0].ms, others, waited(bot) ?? 0);
  const met = { from: round > 1 ? events[0].ms : 0, at };
  const name = `to ${peer}${round > 1 ? `, round ${round}` : ''}`;
  return { name, isLink: true, bars: barsOf(events, met, end), marks: marksOf(events) };
}

// Until the call was up, or failed; what comes after is long and quiet.
function setupEnd(call) {
  const events = call.events.map(readEvent);
  const kinds = call.state === 'succeeded' ? ['connected', 'media'] : ['connected', 'media', 'failed'];
  const last = events.filter((e) => e.round === 1 && kinds.includes(e.kind)).at(-1) ?? events.at(-1);
  return Math.max(1, (last?.ms ?? 1) * 1.08);
}
