// The kinds of apps of servers/, each with the dialect of its name in scenarios/dialects.

// kind: of a scenario's calls. `apart`: one call at a time, since the app knows no rooms.
// What becomes of two when the second one reloads its page (after_refresh), reloads it and the server has not
// noticed that the socket of before is dead (after_silence), or closes it without a word (after_vanishing):
// what that server deserves.
//   back          the two meet again
//   told, untold  the other one is told that it is alone, or is not
//   a refusal     by the word of docs/DIALECTS.md
//   silence       nothing comes of it
// In one of them it matters which of the two it was: after_refresh_of_offerer.
export const families = [
  { name: 'random-chat', kind: 'match', after_refresh: 'silence', after_silence: 'silence', after_vanishing: 'untold' },
  { name: 'user-list', kind: 'room', after_refresh: 'full', after_silence: 'full', after_vanishing: 'untold' },
  { name: 'join-order', kind: 'room', after_refresh: 'back', after_refresh_of_offerer: 'silence', after_silence: 'full', after_vanishing: 'untold' },
  { name: 'ring-call', kind: 'call', after_refresh: 'busy', after_silence: 'busy', after_vanishing: 'untold' },
  { name: 'simple-peer', kind: 'room', after_refresh: 'back', after_silence: 'back', after_vanishing: 'untold' },
  { name: 'peerjs', kind: 'call', after_refresh: 'back', after_silence: 'already-active', after_vanishing: 'untold' },
  { name: 'typed-messages', kind: 'room', after_refresh: 'back', after_silence: 'already-active', after_vanishing: 'told' },
  { name: 'named-users', kind: 'call', after_refresh: 'back', after_silence: 'already-active', after_vanishing: 'told' },
  { name: 'broadcaster', kind: 'room', apart: true, after_refresh: 'back', after_silence: 'back', after_vanishing: 'told' },
  { name: 'perfect-negotiation', kind: 'room', after_refresh: 'back', after_silence: 'full', after_vanishing: 'told' },
  { name: 'acknowledged', kind: 'room', after_refresh: 'already-active', after_silence: 'already-active', after_vanishing: 'untold' },
];
