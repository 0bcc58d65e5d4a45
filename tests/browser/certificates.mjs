// Certificates for tests, each of an authority of its own.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from './programs.mjs';

function openssl(...words) {
  const run = spawnSync('openssl', words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}

// Days from now as openssl writes times.
const timeText = (days) =>
  new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');

const altName = (host) => (/^[0-9.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`);

// For `host`; alt_name: the subjectAltName, null for none; days: from, to.
export function makeCertificate(host, { alt_name = altName(host), days = [-1, 2] } = {}) {
  const folder = temporaryFolder();
  const at = (name) => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2',
    '-subj', `/CN=turnout test authority for ${host}`);
  openssl('req', '-new', ...newKey, '-keyout', at('key.pem'), '-out', at('request.pem'), '-subj', `/CN=${host}`,
    ...(alt_name ? ['-addext', `subjectAltName=${alt_name}`] : []), '-addext', 'basicConstraints=CA:FALSE');
  // `openssl x509` cannot set when a certificate begins; `openssl ca` can, and wants files for it.
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('ca.conf'), `[ca]
default_ca = own
[own]
database = ${at('index.txt')}
rand_serial = yes
policy = any
copy_extensions = copy
[any]
commonName = supplied
`);
  openssl('ca', '-batch', '-config', at('ca.conf'), '-in', at('request.pem'), '-cert', at('ca.pem'), '-keyfile', at('ca.key'),
    '-out', at('cert.pem'), '-outdir', folder, '-notext', '-md', 'sha256', '-startdate', timeText(days[0]), '-enddate', timeText(days[1]));
  return { ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem') };
}
