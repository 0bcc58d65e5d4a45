// What the page is asked to do: written in its URL, or given in its form (docs/BROWSER.md).
//
// Query and fragment are read alike. Secrets belong in the fragment: a browser does not send it.

const kKinds = ['room', 'call', 'match'];
const kPolicies = ['all', 'relay'];
const kMedia = ['camera', 'synthetic'];
const kLongestName = 128; // bytes, as the server allows

export class BadParameter extends Error {
  constructor(name, what) {
    super(`${name} ${what}`);
  }
}

// As text, whatever was given; {} without any.
export function readUrl(location) {
  const values = new URLSearchParams(location.search);
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) values.set(name, value);
  return Object.fromEntries(values);
}

// A name that a reload keeps and a second tab does not share.
export function userOfThisTab() {
  const kept = sessionStorage.getItem('turnout user');
  if (kept) return kept;
  const made = `guest-${crypto.getRandomValues(new Uint16Array(1))[0].toString(36)}`;
  sessionStorage.setItem('turnout user', made);
  return made;
}

function oneOf(name, value, known) {
  if (!known.includes(value)) throw new BadParameter(name, `is one of ${known.join(', ')}`);
  return value;
}

function nameOf(what, value) {
  if (!value) throw new BadParameter(what, 'is needed');
  if (new TextEncoder().encode(value).length > kLongestName)
    throw new BadParameter(what, `is longer than ${kLongestName} bytes`);
  return value;
}

// No word of the parser is passed on: it may quote a credential.
function iceServers(text) {
  if (!text) return [];
  let servers;
  try {
    servers = JSON.parse(text);
  } catch {
    throw new BadParameter('ice', 'is not JSON');
  }
  if (!Array.isArray(servers)) servers = [servers];
  if (!servers.every((server) => server?.urls))
    throw new BadParameter('ice', 'wants a list of {"urls", "username", "credential"}');
  servers.forEach(checkServer);
  return servers;
}

// What a browser would refuse, in words; it says so only when a connection is made.
function checkServer({ urls, username, credential }) {
  for (const url of [urls].flat()) {
    if (typeof url !== 'string' || !/^(stun|turn)s?:[^\s/]+$/i.test(url))
      throw new BadParameter('ice', `has an address that is no STUN or TURN URL: ${url}`);
    if (/^turn/i.test(url) && (!username || !credential))
      throw new BadParameter('ice', `wants "username" and "credential" for ${url}`);
  }
}

// What is to be done, whole and checked. Throws BadParameter.
export function planOf(values) {
  const kind = oneOf('kind', values.kind || 'room', kKinds);
  return {
    kind,
    user: nameOf('user', values.user || userOfThisTab()),
    room: kind === 'room' ? nameOf('room', values.room) : '',
    to: kind === 'call' && values.to ? nameOf('to', values.to) : '',
    pool: kind === 'match' ? values.pool || '' : '',
    token: values.token || '',
    media: oneOf('media', values.media || 'camera', kMedia),
    rtc: {
      iceServers: iceServers(values.ice),
      iceTransportPolicy: oneOf('policy', values.policy || 'all', kPolicies),
    },
  };
}

// Where another browser meets this one; without secrets.
export function invitation(plan, location) {
  const url = new URL(location.pathname, location.origin);
  url.searchParams.set('kind', plan.kind);
  if (plan.room) url.searchParams.set('room', plan.room);
  if (plan.pool) url.searchParams.set('pool', plan.pool);
  if (plan.kind === 'call' && !plan.to) url.searchParams.set('to', plan.user);
  if (plan.rtc.iceTransportPolicy === 'relay') url.searchParams.set('policy', 'relay');
  return url.href;
}
