// Bots in other people's kind of apps, by dialect alone: calls with media both ways, and what becomes of people
// who reload a page or vanish. CALLS: how many of each kind; APPS: only those whose name has this in it.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Run, temporaryFolder } from '../browser/programs.mjs';
import { families } from './families.mjs';
import { learnDialect, startDeafeningProxy, startServer, stopServers } from './server_process.mjs';

const calls = Number(process.env.CALLS ?? 3);
const wanted = families.filter(({ name }) => name.includes(process.env.APPS ?? ''));

after(stopServers);

const scenario = (family, origin, more) => ({
  name: family.name,
  signaling: { url: origin, dialect: family.dialect ?? family.name },
  arrival: family.apart ? { spacing_ms: 2000, shape: 'even' } : { rate_per_s: 3 },
  turn: [{ name: 'direct' }],
  deadlines: { connect_ms: 8000, first_media_ms: 5000, wait_ms: 6000, recover_ms: 5000, join_ms: 4000 },
  thresholds: { success_rate: ['rate>=1'] },
  ...more,
  calls: { kind: family.kind, hold_ms: 400, ...more.calls },
});

// A server of its own, and a run on it; `steps` are the second one's. A seeker is a call of its own: there the
// first one has a run of its own, too.
async function perform(t, family, { steps, ...more }, { unnoticed = false } = {}) {
  const { origin, child } = await startServer(family.name);
  const address = unnoticed ? await startDeafeningProxy(origin) : origin;
  const begin = (parts) => {
    const run = Run.start(undefined, scenario(family, address, { ...more, ...parts }));
    t.after(() => run.stop());
    return run;
  };
  const is_apart = steps && family.kind === 'match';
  const first = is_apart ? begin({}) : undefined;
  const bot = second(family);
  const run = begin(steps ? { steps: steps.map((step) => ({ bot, ...step })) } : {});
  const code = (await run.isGood()) ? 0 : await run.exitCode();
  await first?.exitCode();
  const report = `${run.report}\n${first?.report ?? ''}\n${child.output}`;
  assert.equal(child.exitCode, null, `the server fell over\n${report}`);
  child.kill('SIGKILL');
  return { run, first: first ?? run, code, report };
}
const second = (family) => (family.kind === 'match' ? 0 : 1); // which bot of its call

const endOf = ({ call, bot, kind }) => `call ${call}, bot ${bot}, ${kind}`;

describe('calls by dialect', { concurrency: 2 }, () => {
  for (const family of wanted)
    test(`${family.name}: ${calls} calls, media both ways`, async (t) => {
      const per_arm = family.kind === 'match' ? 2 * Math.ceil(calls / 2) : calls;
      const { run, code, report } = await perform(t, family, { calls: { per_arm } });
      assert.equal(code, 0, report);
      const reports = run.events('media_report');
      assert.ok(reports.length >= 4, report); // audio and video at both ends
      const ends = new Map();
      for (const one of reports) ends.set(endOf(one), [...(ends.get(endOf(one)) ?? []), one]);
      for (const [end, told] of ends) // a link that gave way to another one has nothing to tell
        assert.ok(told.some((one) => one.sent_packets > 0 && one.received_packets > 0), `${end}\n${report}`);
    });
});

// Of recordings of two pages (record.mjs), nothing added.
describe('drafts that were learned run as they are', { concurrency: 2 }, () => {
  for (const name of ['random-chat', 'user-list', 'simple-peer', 'ring-call', 'typed-messages', 'named-users']) {
    const family = wanted.find((one) => one.name === name);
    if (!family) continue;
    test(name, async (t) => {
      const recorded = (end) => fileURLToPath(new URL(`../unit/dialect/recorded/${name}-${end}.jsonl`, import.meta.url));
      const dialect = join(temporaryFolder(), 'learned.json');
      writeFileSync(dialect, learnDialect([recorded(1), recorded(2)]));
      const { code, report } = await perform(t, { ...family, dialect }, { calls: { per_arm: 2 } });
      assert.equal(code, 0, `${report}\n${readFileSync(dialect, 'utf8')}`);
    });
  }
});

// What a run says of what became of the one who came back.
function outcomeOf(run, bot) {
  const refused = run.events('session_error').find((event) => event.bot === bot);
  if (run.events('link_recovered').some((event) => event.bot === bot)) return 'back';
  return refused ? refused.error : 'silence';
}

// Reloads are run by hand (./dev dialects), like the twenty calls of each kind.
const reloads = process.env.RELOADS ? [
  ['after a reload', 'after_refresh', false],
  ['after a reload that the server did not notice', 'after_silence', true],
] : [];
const alone = { calls: { per_arm: 1, hold_ms: 1500 } };

for (const [what, key, unnoticed] of reloads)
  describe(what, { concurrency: 2 }, () => {
    for (const family of wanted)
      test(`${family.name}: ${family[key]}`, async (t) => {
        const bot = second(family);
        const steps = [{ do: 'refresh', delay_ms: 500, away_ms: 500 }];
        const { run, report } = await perform(t, family, { ...alone, steps }, { unnoticed });
        const offered = run.events('link_started').find((event) => event.bot === bot)?.offerer;
        const deserved = (offered && family[`${key}_of_offerer`]) || family[key];
        assert.equal(outcomeOf(run, bot), deserved, report);
      });
  });

describe('after one has vanished', { concurrency: 2 }, () => {
  for (const family of wanted)
    test(`${family.name}: the other is ${family.after_vanishing}`, async (t) => {
      const steps = [{ do: 'tab_kill', delay_ms: 500 }];
      const { first, report } = await perform(t, family, { ...alone, steps });
      const told = first.events('partner_left').length > 0;
      assert.equal(told ? 'told' : 'untold', family.after_vanishing, report);
    });
});

test('the dialects are those of the families', async () => {
  for (const { name } of families) {
    const file = fileURLToPath(new URL(`../../scenarios/dialects/${name}.json`, import.meta.url));
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).name, name);
  }
});
