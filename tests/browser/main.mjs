// All browser tests. Run by run.sh.

import { after } from 'node:test';

import { browser, endOfTheWorld } from './world.mjs';
import './guests.mjs';
import './guest_and_bot.mjs';
import './faults.mjs';

console.log(`# Chromium ${browser.version}`);
after(endOfTheWorld);
