// Plants all servers of the check of servers and says where they are, as one line of JSON; ends with
// its input. Runs where servers are: see own_network.sh.

import { startNameServer } from './fake_dns.mjs';
import { kHost } from './fake_turn.mjs';
import { plantFaults } from './planted_faults.mjs';

const names = await startNameServer(kHost, {
  'turn.test': [kHost],
  'dual.test': ['2001:db8:1::72', kHost], // nothing listens on the first
  'refused.test': [process.env.TURNOUT_SECOND_HOST, kHost], // nor there
  'silent.test': [process.env.TURNOUT_SILENT_HOST, kHost],
  'spare.test': [kHost, process.env.TURNOUT_SILENT_HOST],
});
const { rows, authorities } = await plantFaults();
console.log(JSON.stringify({ rows, authorities }));
process.stdin.resume();
process.stdin.on('end', () => {
  names.close();
  process.exit(0);
});
