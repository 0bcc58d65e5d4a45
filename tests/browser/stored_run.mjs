// A stored run as `turnout run` leaves it, without running it: calls in two arms, of which some fail
// with a text that would like to be markup.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const kHostile = '</script><img src=x onerror="document.title=1"><!-- \u001b[31m';

const kEpoch = 1_000_000_000;
const kPeriodMs = 100;

function eventsOf(call) {
  const scheduled_ns = kEpoch + call * kPeriodMs * 1e6;
  const at = (ms, type, fields) => ({ t_ns: scheduled_ns + Math.round(ms * 1e6), type, call, ...fields });
  const both = (ms, type, fields = {}) =>
    [0, 1].map((bot) => at(ms + bot, type, { bot, peer: 1 - bot, ...(typeof fields === 'function' ? fields(bot) : fields) }));
  const candidate = { type: 'host', protocol: 'udp', address: '192.0.2.1:5000' };
  const came = [0, 1].flatMap((bot) => [
    at(1 + bot, 'bot_started', { bot, scheduled_ns }),
    at(5 + bot, 'bot_joined', { bot, peers_present: bot }),
    at(7, 'link_started', { bot, peer: 1 - bot, offerer: bot === 0 }),
  ]);
  const gone = [0, 1].map((bot) => at(2000, 'bot_left', { bot, clean: true }));
  if (call % 7 === 3)
    return [...came, ...both(40, 'server_outcome', { url: 'turn:t.example', code: 401, text: kHostile, elapsed_ms: 9 }),
      ...both(60, 'link_failed', { cause: 'turn_auth', phase: 'ice', detail: kHostile }), ...gone];
  const slow = 20 + (call % 10) * 15;
  return [
    ...came,
    ...both(10, 'description_set', { side: 'local', sdp_type: 'offer' }),
    ...both(12, 'description_set', { side: 'remote', sdp_type: 'answer' }),
    ...both(14, 'candidate_seen', { side: 'local', candidate, duplicate: false }),
    ...both(slow, 'state_changed', { machine: 'ice', state: 'connected' }),
    ...both(slow, 'pair_selected', { local: candidate, remote: candidate }),
    ...both(slow + 8, 'link_connected'),
    ...both(slow + 12, 'media_started', { kind: 'audio' }),
    ...both(slow + 13, 'media_started', { kind: 'video' }),
    ...gone,
  ];
}

// Writes scenario.json and events.jsonl into `folder`.
export function storeRun(folder, calls) {
  const scenario = {
    name: 'stored', description: kHostile, calls: { per_arm: calls / 2 },
    arrival: { rate_per_s: 1000 / kPeriodMs, shape: 'even' },
    turn: [{ name: 'direct' }, { name: 'turn-udp' }],
    thresholds: { 'success_rate{turn:*}': ['rate>=0.5'], connect_time: ['p(50)<500'] },
  };
  const started = { t_ns: kEpoch, type: 'run_started', epoch_ns: kEpoch, run_id: 'r', scenario: 'stored', profile: 'fast',
    wall_clock: '2026-01-02T03:04:05Z', seed: 1, versions: { turnout: '0.1.0' } };
  const health = { t_ns: kEpoch + 1, type: 'host_health', host: 0, bots: 4, loop_lag_p99_ms: 1, loop_lag_max_ms: 2, pacer_late_p99_ms: 1,
    pacer_late_max_ms: 2, cpu_cores: 0.5, rss_mb: 60 };
  const finished = { t_ns: kEpoch + (calls * kPeriodMs + 5000) * 1e6, type: 'run_finished', reason: 'completed' };
  const events = [started, health, ...Array.from({ length: calls }, (_, call) => eventsOf(call)).flat(), finished];
  writeFileSync(join(folder, 'scenario.json'), JSON.stringify(scenario));
  writeFileSync(join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
