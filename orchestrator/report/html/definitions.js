// What each figure means, in short; docs/MEASURES.md says it exactly. Shown where the word stands
// (tip.js), and all together at the end of the page.

const kDefinitions = {
  detection: ['Noticed after', 'From the onset of the fault until an end noticed that its media was gone.'],
  back: ['Up after its end', 'From the end of the fault until media came both ways again.'],
  course: ['Over the course of the run', 'Calls by their scheduled start, in even spans of the run: which share of those that finished succeeded, and their median time to connect. A span without a finished call has no point.'],
  arm: ['Arm', 'One TURN configuration of the scenario. Arms take turns in shuffled blocks, so a slow minute falls on all alike.'],
  ok: ['Succeeded', 'Calls of which every link end connected and got every kind of media in time, of those that finished. Calls that turnout itself lost are not counted.'],
  rate: ['Success rate', 'Succeeded calls divided by finished calls. A failure is never left out.'],
  interval: ['95 % interval', 'Where the true rate lies, with 95 % confidence (Wilson). Few calls give a wide interval: ten of ten calls still allow 72 %.'],
  judged: ['Interval that decides', 'Where the true value lies, with 95 % confidence. A threshold holds when all of it is on the good side of the limit, does not hold when all of it is on the bad side, and is open else. What is said of the calls that were made needs no interval.'],
  connect: ['Connect time', 'From the instant the call was scheduled to start until its last link end was connected. Time that turnout loses is in it; time that the app lets people wait is not.'],
  p50: ['p50, median', 'Half of the calls were connected by then. Failed calls count as not connected for as long as the deadline (Kaplan-Meier).'],
  p95: ['p95', '95 of 100 calls were connected by then. "> 15 s" means that fewer were before the deadline, because calls failed.'],
  media: ['First media', 'Until the last kind of media came to the last end.'],
  kept: ['Kept', 'Connected calls with media both ways, of every negotiated kind, until their planned end. Degraded: over 5 % lost in one direction, or a pause of a second. Dropped: no media for the last two seconds, or a link failed.'],
  path: ['Path', 'Kinds of candidates of the selected pair, of the offerer and of the answerer. host: own address; srflx and prflx: as seen from outside; relay: through TURN.'],
  curve: ['Calls connected by', 'The share of calls that were connected by a time: one minus the Kaplan-Meier curve. It ends below 100 % when calls failed.'],
  phases: ['Phases', 'The connect time of each connected call, split along the link end that was connected last. They add up to it exactly. Means, because medians do not add up.'],
  signaling: ['Signaling', 'Until the bots of the link had joined.'],
  negotiation: ['Negotiation', 'Until offer and answer were both set.'],
  ice: ['ICE', 'Until a pair of candidates worked.'],
  dtls: ['DTLS', 'Until the connection was encrypted and up.'],
  turn_cost: ['Calls on relay', 'Connected calls with an end on its own relay, by how it speaks to the TURN server; and the RTP bytes through TURN servers, both directions, at each such end.'],
  cause: ['Cause', 'One per failed call, found from all that its ends and servers told; docs/DIAGNOSIS.md lists them.'],
  server: ['Server results', 'Of each STUN or TURN URL: how many link ends that asked it got an address, how long that took since gathering began, and the errors. 701 is no answer; others are STUN error codes.'],
  fault: ['Faults of the app', 'What the app did that a good one does not, seen by bots that know what they did.'],
  recovery: ['Recovered', 'Of the steps that ended a link: each of its ends was up again, with all media, within the deadline.'],
  outage: ['Outage', 'From the last packet before the step until media came again.'],
  wait: ['Wait', 'From ringing until answered, or from the queue until matched. No part of the connect time.'],
  roundtrip: ['Round trip', 'Of an answered message, from the instant it was due.'],
  loss: ['Loss', 'Of what one end sent, what the other end never got: trailing loss included, each kind and direction by itself.'],
  gap: ['Longest gap', 'The longest pause between two packets at any end.'],
  lag: ['Schedule lag', 'How much later than planned bots started. Over 50 ms at p99, turnout itself was the bottleneck and there is no verdict.'],
  loop: ['Loop lag', 'How late the event loop of a bot host was in its worst second. Times near it contain turnout\'s own.'],
  pacer: ['Pacer lateness', 'How late media packets were sent in the worst second.'],
};

function definitionList() {
  return el(
    'dl',
    {},
    Object.entries(kDefinitions).flatMap(([key, [name, text]]) => [el('dt', {}, name), el('dd', { id: `definition-${key}` }, text)]),
  );
}
