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

// "rejoin, outage 1221 ms" -> 1221; "30.8 s" -> 30800
function lengthIn(text) {
  const [, value, unit] = /([\d.]+) (ms|s)$/.exec(text) ?? [null, 0, 'ms'];
  return Number(value) * (unit === 's' ? 1000 : 1);
}

// When one end had no media from the other, over all rounds of their link: from its last packet until
// media was back, or for good.
function outagesOf(events, end) {
  const outages = [];
  let open;
  for (const event of events) {
    if (event.kind === 'lost') open ??= event.ms - lengthIn(event.text);
    if (event.kind !== 'recovered') continue;
    outages.push({ phase: 'outage', from: event.ms - lengthIn(event.text), to: event.ms });
    open = undefined;
  }
  if (open !== undefined) outages.push({ phase: 'outage', from: open, to: end });
  return outages;
}

// From a step that took somebody away to its end.
function absencesOf(events, end) {
  return events.filter((event) => event.kind === 'step').map((step) => {
    const over = events.find((event) => event.kind === 'step_over' && event.ms >= step.ms);
    return { phase: 'away', from: step.ms, to: over?.ms ?? end };
  });
}

// The bars with holes where the outages are, and these in the holes.
function withOutages(bars, outages) {
  const whole = bars.flatMap((bar) => {
    if (bar.phase !== 'up') return [bar];
    let parts = [bar];
    for (const { from, to } of outages)
      parts = parts.flatMap((part) => [{ ...part, to: Math.min(part.to, from) }, { ...part, from: Math.max(part.from, to) }].filter((p) => p.to > p.from));
    return parts;
  });
  return [...whole, ...outages];
}

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
    const lane = { name: `bot ${bot}`, bars: absencesOf(own.filter((e) => e.peer < 0), end), marks: marksOf(own.filter((e) => e.peer < 0)) };
    const rounds = [...ends.values()].map((of) => ({ of, lane: linkLane(of, bot, end, joined, waited) }));
    for (const { of, lane: round } of rounds) {
      const link = own.filter((e) => e.peer === of[0].peer);
      const until = link.find((e) => e.round > of[0].round)?.ms ?? end; // then the next round has them
      const cut = ({ from, to, ...bar }) => ({ ...bar, from: Math.max(from, of[0].ms), to: Math.min(to, until) });
      const outages = outagesOf(link, end).map(cut).filter((bar) => bar.to > bar.from);
      round.bars = withOutages(round.bars.map((bar) => (bar.phase === 'up' ? { ...bar, to: Math.min(bar.to, until) } : bar)), outages);
    }
    return [lane, ...rounds.map((round) => round.lane)];
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

function hasOutage(call) {
  return call.events.some(([, , , kind]) => kind === 'lost' || kind === 'recovered');
}

// Until the call was up, or failed; what comes after is long and quiet.
function setupEnd(call) {
  const events = call.events.map(readEvent);
  const kinds = call.state === 'succeeded' ? ['connected', 'media'] : ['connected', 'media', 'failed'];
  const last = events.filter((e) => e.round === 1 && kinds.includes(e.kind)).at(-1) ?? events.at(-1);
  return Math.max(1, (last?.ms ?? 1) * 1.08);
}
