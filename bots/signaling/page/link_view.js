// What is seen and heard of one Link: picture, sound, states with their times, path, figures, errors.

import { kMachines } from './link.js';
import { readStats } from './link_stats.js';

const kQuietestDb = -60;

const kGood = ['connected', 'completed', 'stable', 'complete'];
const kBad = ['failed', 'closed', 'disconnected'];

const moodOf = (state) =>
  kGood.includes(state) ? 'good' : kBad.includes(state) ? 'bad' : 'busy';

function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function bytesText(bytes) {
  if (bytes < 1e4) return `${bytes} B`;
  return bytes < 1e7 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const msText = (ms) => (ms === undefined ? '–' : `${ms.toFixed(1)} ms`);
const countText = (n) => n.toLocaleString('en');

export class LinkView {
  constructor(link) {
    this.link_ = link;
    const template = document.getElementById('link-template');
    this.element = template.content.firstElementChild.cloneNode(true);
    this.video_ = this.find_('video');
    this.find_('h2').textContent = link.peer.user;
    this.find_('.role').textContent = link.offers ? 'this side offers' : 'the other side offers';
    this.find_('.restart').onclick = () => link.restartIce();
    this.find_('.sound').onclick = () => this.unmute_();
    this.video_.setAttribute('aria-label', `What ${link.peer.user} sends`);
    this.video_.srcObject = link.remote_stream;
    this.video_.onloadedmetadata = () => this.play_();
    this.video_.onresize = () => {
      const { videoWidth, videoHeight } = this.video_;
      this.video_.style.aspectRatio = `${videoWidth} / ${videoHeight}`;
    };
  }

  showStates() {
    const history = this.link_.history.snapshot();
    const connection = this.link_.history.now('connection');
    const pill = this.find_('.pill');
    const took_ms = history.connection?.find(({ state }) => state === 'connected')?.at_ms;
    pill.textContent =
      connection === 'connected' ? `connected after ${took_ms.toFixed(0)} ms` : connection;
    pill.dataset.mood = moodOf(connection);
    this.find_('.states').replaceChildren(
      ...kMachines.flatMap((machine) => this.stateRow_(machine, history[machine] ?? [])),
    );
    this.showErrors_();
  }

  async showFigures() {
    const { pair, received, sent } = await readStats(this.link_.pc);
    const { audio, video } = received;
    this.showPath_(pair);
    this.showLevel_(audio.level ?? 0);
    const size = video.width ? `${video.width} × ${video.height}` : '–';
    const rows = [
      ['Picture', `${size}, ${video.frames_per_second ?? 0} frames/s`],
      ['Frames decoded', countText(video.frames_decoded)],
      ['Video in', this.trafficText_(video)],
      ['Audio in', this.trafficText_(audio)],
      ['Video out', this.trafficText_(sent.video)],
      ['Audio out', this.trafficText_(sent.audio)],
      ['Lost', `${video.lost} video, ${audio.lost} audio`],
      ['Round trip', msText(pair?.rtt_ms)],
      ['Jitter', `${msText(video.jitter_ms)} video, ${msText(audio.jitter_ms)} audio`],
      ['Codecs', [video.codec, audio.codec].filter(Boolean).join(', ') || '–'],
    ];
    this.find_('.figures').replaceChildren(
      ...rows.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
    );
  }

  find_(selector) {
    return this.element.querySelector(selector);
  }

  stateRow_(machine, steps) {
    const row = element('dd');
    for (const { state, at_ms } of steps) {
      const step = element('span', state, 'state');
      step.dataset.mood = moodOf(state);
      step.append(element('time', at_ms.toFixed(0)));
      row.append(step);
    }
    return [element('dt', machine), row];
  }

  showPath_(pair) {
    if (!pair?.local || !pair.remote) return;
    this.find_('.path').replaceChildren(
      this.pathEnd_('this browser', pair.local),
      element('span', '⟷', 'arrow'),
      this.pathEnd_(this.link_.peer.user, pair.remote),
    );
  }

  pathEnd_(whose, { type, protocol, relay_protocol, address, port, url }) {
    const end = element('div', '', 'end');
    const by = relay_protocol ? `, ${relay_protocol} to ${url ?? 'the server'}` : '';
    end.append(element('small', whose), element('strong', `${type} ${protocol}`));
    end.append(element('code', address ? `${address}:${port}` : 'address hidden'));
    if (by) end.append(element('small', by.slice(2)));
    return end;
  }

  // 0 to 1, of the loudest sample that can be.
  showLevel_(level) {
    const db = Math.max(kQuietestDb, 20 * Math.log10(level || 1e-9));
    const meter = this.find_('.meter');
    meter.setAttribute('aria-valuenow', db.toFixed(0));
    meter.firstElementChild.style.width = `${(1 - db / kQuietestDb) * 100}%`;
  }

  showErrors_() {
    const errors = this.link_.ice_errors;
    this.find_('.errors').hidden = errors.length === 0;
    this.find_('.errors tbody').replaceChildren(
      ...errors.map(({ code, url, address, text }) => {
        const row = element('tr');
        row.append(...[code, url, address || '–', text].map((cell) => element('td', `${cell}`)));
        return row;
      }),
    );
  }

  trafficText_({ packets, bytes }) {
    return `${countText(packets)} packets, ${bytesText(bytes)}`;
  }

  // Browsers play sound by themselves only on pages that were touched; pictures always.
  async play_() {
    try {
      await this.video_.play();
    } catch (error) {
      if (error.name !== 'NotAllowedError') return; // the link is closed already
      this.video_.muted = true;
      this.find_('.sound').hidden = false;
      await this.video_.play();
    }
  }

  unmute_() {
    this.video_.muted = false;
    this.find_('.sound').hidden = true;
  }
}
