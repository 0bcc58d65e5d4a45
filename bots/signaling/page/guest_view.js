// What is seen of a Guest: the own picture, where it is, a LinkView for each link, the log.

import { LinkView } from './link_view.js';
import { invitation } from './parameters.js';

const kLogLines = 200;

const kPhases = {
  idle: 'Starting',
  connecting: 'Connecting to the server',
  'in room': 'In room',
  ringing: 'Ringing',
  waiting: 'Waiting',
  'in call': 'In a call with',
  'connection lost': 'Connection lost',
  ended: 'Ended',
  failed: 'Failed',
  left: 'Left',
};

export class GuestView {
  // on: {leave(), next()}
  constructor(section, plan, media, on) {
    this.section_ = section;
    this.company_ = ''; // who is there, or has gone
    this.phase_ = 'idle';
    this.about_ = `as ${plan.user}, sending ${this.sending_(media)}`;
    this.views_ = new Map(); // by Link
    this.log_ = section.querySelector('.log ol');
    section.querySelector('.self video').srcObject = media.stream;
    section.querySelector('.invite').href = invitation(plan, location);
    const next = section.querySelector('.next');
    next.hidden = plan.kind !== 'match';
    next.onclick = () => on.next();
    section.querySelector('.leave').onclick = () => on.leave();
    section.hidden = false;
  }

  phase({ phase, detail }) {
    const box = this.section_.querySelector('.phase');
    box.querySelector('strong').textContent = `${kPhases[phase]} ${detail}`;
    box.dataset.phase = phase;
    this.phase_ = phase;
    this.tellCompany_(phase === 'in room' ? this.company_ || 'Nobody else is here yet.' : '');
    const over = ['ended', 'failed', 'left'].includes(phase);
    this.section_.querySelector('.leave').disabled = phase === 'left';
    document.title = over ? `${kPhases[phase]} – turnout` : 'turnout';
    this.log(`${phase} ${detail}`);
  }

  opened(link) {
    const view = new LinkView(link);
    this.views_.set(link, view);
    this.section_.querySelector('#links').append(view.element);
    this.tellCompany_('');
    this.log(`${link.peer.user}: opened, ${link.offers ? 'offers' : 'waits for the offer'}`);
  }

  changed(link) {
    this.views_.get(link)?.showStates();
  }

  closed(link) {
    this.views_.get(link)?.element.remove();
    this.views_.delete(link);
    const alone = this.phase_ === 'in room' && this.views_.size === 0 ? ' You are alone.' : '';
    this.tellCompany_(`${link.peer.user} left.${alone}`);
    this.log(`${link.peer.user}: closed`);
  }

  tellCompany_(text) {
    this.company_ = text;
    this.section_.querySelector('.phase p').textContent = `${this.about_}${text ? `. ${text}` : ''}`;
  }

  async showFigures() {
    await Promise.all([...this.views_.values()].map((view) => view.showFigures()));
  }

  log(text) {
    const line = document.createElement('li');
    const time = document.createElement('time');
    time.textContent = new Date().toISOString().slice(11, 23);
    line.append(time, ` ${text}`);
    this.log_.prepend(line);
    if (this.log_.children.length > kLogLines) this.log_.lastChild.remove();
  }

  sending_({ source, why }) {
    if (source === 'camera') return 'camera and microphone';
    return `a moving picture and a tone${why ? ` (${why})` : ''}`;
  }
}
