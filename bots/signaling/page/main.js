// The page: a plan from the URL or the form, then one Guest and its view. Tests look at
// window.turnout.

import { FormView } from './form_view.js';
import { Guest } from './guest.js';
import { GuestView } from './guest_view.js';
import { readStats } from './link_stats.js';
import { openLocalMedia } from './local_media.js';
import { BadParameter, planOf, readUrl } from './parameters.js';

const kFiguresMs = 250;

function publish(guest, media) {
  const describe = (link) => ({
    peer: { ...link.peer },
    offers: link.offers,
    states: link.history.snapshot(),
    ice_errors: structuredClone(link.ice_errors),
  });
  const describeWithStats = async (link) => ({ ...describe(link), ...(await readStats(link.pc)) });
  window.turnout = Object.freeze({
    get phase() {
      return guest.phase;
    },
    get detail() {
      return guest.detail;
    },
    user: guest.plan.user,
    source: media.source,
    get states() {
      return [...guest.links.values()].map(describe);
    },
    stats: () => Promise.all([...guest.links.values()].map(describeWithStats)),
  });
}

async function run(plan) {
  const media = await openLocalMedia(plan);
  const view = new GuestView(document.getElementById('guest'), plan, media, {
    leave: () => guest.leave(),
    next: () => guest.nextPartner(),
  });
  const guest = new Guest(plan, media.stream, {
    phase: () => view.phase(guest),
    opened: (link) => view.opened(link),
    changed: (link) => view.changed(link),
    closed: (link) => view.closed(link),
    log: (text) => view.log(text),
  });
  publish(guest, media);
  const showFigures = async () => {
    await view.showFigures();
    setTimeout(showFigures, kFiguresMs);
  };
  showFigures();
  await guest.start();
}

const values = readUrl(location);
const form = new FormView(document.getElementById('form'), values, run);
if (values.autostart === '1') {
  try {
    await run(planOf(values));
  } catch (error) {
    if (!(error instanceof BadParameter)) throw error;
    form.show(error.message);
  }
} else {
  form.show();
}
