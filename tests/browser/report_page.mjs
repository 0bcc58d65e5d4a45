// A report in Chromium, from the file itself.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { CHROMIUM, PACKAGES } = process.env;
const { chromium } = createRequire(`${PACKAGES}/`)('playwright-core');

export const startChromium = () =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--headless=new', '--no-sandbox', '--disable-background-networking'] });

export class ReportPage {
  // look: options of a browser context, { colorScheme, viewport, ... }
  static async open(browser, file, look = {}) {
    const context = await browser.newContext(look);
    const report = new ReportPage(context, await context.newPage());
    const start = performance.now();
    await report.page.goto(pathToFileURL(file).href);
    await report.page.waitForFunction(() => document.documentElement.dataset.drawn === 'yes');
    await report.page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((box) => box.querySelector('svg')));
    report.drawn_ms = performance.now() - start;
    return report;
  }
  constructor(context, page) {
    this.context_ = context;
    this.page = page;
    this.complaints = []; // of scripts and of the content security policy
    this.requests = [];
    page.on('pageerror', (error) => this.complaints.push(`${error}`));
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  // Text whose contrast with what is behind it is below `least` (WCAG 2.1, 1.4.3).
  lowContrast(least) {
    return this.page.evaluate((limit) => {
      const rgb = (text) => text.match(/[\d.]+/g).map(Number);
      const light = (text) => {
        const [r, g, b] = rgb(text).map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
          const colour = getComputedStyle(e).backgroundColor;
          if ((rgb(colour)[3] ?? 1) > 0) return colour;
        }
        return 'rgb(255, 255, 255)';
      };
      const contrast = (element) => {
        const style = getComputedStyle(element);
        const inside = element instanceof SVGElement ? style.fill : style.color;
        const [low, high] = [light(inside), light(behind(element))].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
      };
      const hasText = (element) => [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
      return [...document.querySelectorAll('main *')]
        .filter((e) => hasText(e) && e.getClientRects().length > 0 && contrast(e) < limit)
        .map((e) => `${e.tagName} "${e.textContent.slice(0, 30)}" ${contrast(e).toFixed(2)}`);
    }, least);
  }

  // Controls, pictures and parts of the page that a screen reader could not name.
  nameless() {
    return this.page.evaluate(() => {
      const named = (e) => e.textContent.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.closest('label');
      return [...document.querySelectorAll('button, select, input, summary, section, [role=img], [role=region]')]
        .filter((e) => !named(e)).map((e) => e.outerHTML.slice(0, 80));
    });
  }

  async close() {
    await this.context_.close();
    assert.deepEqual(this.complaints, []);
    assert.equal(this.requests.length, 1, `more was loaded than the page: ${this.requests}`);
  }
}
