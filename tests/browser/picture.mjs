// docs/report.png: the top of a report of scenarios/turn-compare.json, as it is made today. Run by
// `./dev picture`, through run.sh.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ReportPage, startChromium } from './report_page.mjs';

const folder = mkdtempSync(join(tmpdir(), 'turnout-picture-'));
const file = join(folder, 'report.html');
const run = spawnSync(process.env.TURNOUT, ['run', 'scenarios/turn-compare.json', '--out', join(folder, 'run'), '--html', file], { stdio: 'inherit' });
if (run.status !== 0) process.exit(run.status ?? 1); // a picture of a run that passed
const browser = await startChromium();
const report = await ReportPage.open(browser, file, { viewport: { width: 1100, height: 1000 } });
await report.page.screenshot({ path: 'docs/report.png' });
await report.close();
await browser.close();
rmSync(folder, { recursive: true, force: true });
