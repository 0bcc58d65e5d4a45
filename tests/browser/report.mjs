// The HTML report in Chromium: it draws, loads nothing, and can be read by everybody. Run by run.sh.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { ReportPage, startChromium } from './report_page.mjs';
import { kHostile, storeRun } from './stored_run.mjs';

const kPhone = { width: 360, height: 740 };
const folder = mkdtempSync(join(tmpdir(), 'turnout-report-'));
const browser = await startChromium();
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

function report(calls) {
  storeRun(folder, calls);
  const file = join(folder, `report-${calls}.html`);
  const run = spawnSync(process.env.TURNOUT, ['report', folder, '--html', file], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  return file;
}

describe('the HTML report', () => {
  const file = report(42);
  const open = (look) => ReportPage.open(browser, file, look);

  test('begins with the verdict and shows every chart', async () => {
    const at = await open();
    const { page } = at;
    assert.equal(await page.locator('.verdict strong').innerText(), 'PASS');
    assert.match(await page.title(), /^turnout stored: pass$/);
    assert.equal(await page.locator('#curves-chart .curve').count(), 2);
    assert.equal(await page.locator('#phases-chart rect').count(), 8);
    assert.equal(await page.locator('.call').count(), 6, 'the calls with trouble');
    await at.close();
  });

  test('shows text from the network as text', async () => {
    const at = await open();
    await at.page.getByLabel('only calls with trouble').check();
    const row = at.page.locator('.call').first();
    assert.ok((await row.innerText()).includes(kHostile.slice(0, 40)));
    assert.equal(await at.page.locator('img').count(), 0);
    await at.close();
  });

  test('opens a call with its waterfall and events, and filters calls', async () => {
    const at = await open();
    await at.page.getByLabel('only calls with trouble').uncheck();
    assert.equal(await at.page.locator('.call').count(), 42);
    await at.page.getByLabel('Order').selectOption('slow');
    assert.match(await at.page.locator('.call').first().innerText(), /failed/);
    await at.page.getByLabel('Order').selectOption('plan');
    await at.page.locator('.call > summary').first().click();
    await at.page.locator('.waterfall rect.phase-ice').first().waitFor();
    assert.equal(await at.page.locator('.waterfall rect.phase-media').count(), 2);
    await at.page.getByText(/^All \d+ events$/).click();
    assert.match(await at.page.getByRole('region', { name: 'Events of call 0' }).innerText(), /ice connected/);
    await at.page.getByRole('combobox', { name: /^Arm/ }).selectOption('0');
    assert.equal(await at.page.locator('.call').count(), 21);
    await at.close();
  });

  test('draws success and times over the course of the run', async () => {
    const at = await open();
    assert.equal(await at.page.locator('#course-chart .course').count(), 4, 'two panels of two arms');
    assert.ok((await at.page.locator('#course-chart circle').count()) > 4);
    await at.close();
  });

  test('saves a call as JSON', async () => {
    const at = await open();
    await at.page.locator('.call > summary').first().click();
    const saved = at.page.waitForEvent('download');
    await at.page.getByRole('button', { name: 'Save as JSON' }).click();
    const call = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
    assert.equal(call.scenario, 'stored');
    assert.equal(call.arm, 'turn-udp');
    assert.equal(call.events.at(-1).kind, 'left');
    await at.context_.close();
  });

  test('tells definitions to pointer and keyboard, and takes them back', async () => {
    const at = await open();
    const word = at.page.getByRole('button', { name: 'Rate', exact: true });
    await word.hover();
    assert.match(await at.page.locator('#tip').innerText(), /finished calls/);
    await at.page.mouse.move(0, 0);
    assert.equal(await at.page.locator('#tip').isVisible(), false);
    await word.focus();
    assert.equal(await at.page.locator('#tip').isVisible(), true);
    await at.page.keyboard.press('Escape');
    assert.equal(await at.page.locator('#tip').isVisible(), false);
    const described = await word.getAttribute('aria-describedby');
    assert.match(await at.page.locator(`#${described}`).innerText(), /finished calls/);
    await at.close();
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`can be read in ${colorScheme}`, async () => {
      const at = await open({ colorScheme });
      await at.page.locator('.call > summary').first().click();
      assert.deepEqual(await at.lowContrast(4.5), []);
      assert.deepEqual(await at.nameless(), []);
      const paper = await at.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(paper === 'rgb(255, 255, 255)', colorScheme === 'light');
      await at.close();
    });
  }

  test('fits on a phone without scrolling sideways', async () => {
    const at = await open({ viewport: kPhone });
    await at.page.locator('.call > summary').first().click();
    const width = await at.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= kPhone.width, `${width} px`);
    await at.close();
  });

  test('of 1000 calls is below 5 MB and opens within 2 s', async () => {
    const large = report(1000);
    assert.ok(statSync(large).size < 5e6, `${statSync(large).size} bytes`);
    const at = await ReportPage.open(browser, large);
    assert.ok(at.drawn_ms < 2000, `${at.drawn_ms} ms`);
    await at.close();
  });
});
