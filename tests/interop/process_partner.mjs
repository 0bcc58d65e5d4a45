// A partner that is a program of its own: lines of JSON, see node_partner.mjs.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class ProcessPartner {
  static open(program, words, { url, room, user, ice, ca }) {
    const env = { ...process.env, ...(ice ? { ICE: JSON.stringify(ice) } : {}), SSL_CERT_FILE: ca, NODE_EXTRA_CA_CERTS: ca, PYTHONWARNINGS: 'ignore' };
    return new ProcessPartner(spawn(program, [...words, url, room, user], { env }));
  }
  constructor(child) {
    this.child_ = child;
    this.text_ = '';
    this.now_ = { connected: false };
    this.is_in_ = false;
    child.stderr.on('data', (text) => (this.text_ = (this.text_ + text).slice(-3000)));
    createInterface({ input: child.stdout }).on('line', (line) => this.take_(line));
  }
  take_(line) {
    try {
      const said = JSON.parse(line);
      this.is_in_ ||= said.joined === true;
      if (said.now) this.now_ = said.now;
    } catch {
      this.text_ = `${this.text_}${line}\n`.slice(-3000); // of its libraries
    }
  }

  isIn() {
    return this.is_in_;
  }
  now() {
    if (this.child_.exitCode !== null) throw new Error(`the partner has ended: ${this.text_.slice(-300)}`);
    return this.now_;
  }
  restart() {
    this.child_.stdin.write('{"do":"restart"}\n');
  }
  log() {
    return `${JSON.stringify(this.now_)}\n${this.text_}`;
  }
  stop() {
    this.child_.kill('SIGKILL');
  }
}
