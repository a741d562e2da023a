// On paper: nothing that only a screen can do, and all of what the page says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watched } from './browser.mjs';
import { pages, publicPages } from './pages.mjs';

/// A4 between margins of 12 mm, in CSS pixels.
const PAPER = { width: 703, height: 1032 };

const ON_SCREEN_ALONE = 'nav.nav, .who, .filters button, .takeaway, .pages a, .skip';

/// What is wider than the paper, is cut by its frame, or lies over what follows it.
function faults(width) {
  const found = [];
  const shown = (element) => element.getClientRects().length > 0;
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className} ${element.ariaLabel ?? ''}`.trim();
  for (const element of document.querySelectorAll('main table, main canvas, main dl, main p')) {
    if (!shown(element)) continue;
    const over = Math.round(element.getBoundingClientRect().right - width);
    if (over > 0 && !element.matches('.unseen *')) found.push(`${name(element)} is ${over} px wider than the paper`);
  }
  for (const frame of document.querySelectorAll('main .scroll')) {
    const cut = getComputedStyle(frame).overflow !== 'visible' || frame.scrollHeight > frame.clientHeight + 1;
    if (shown(frame) && cut) found.push(`${name(frame)} cuts its table off`);
  }
  for (const chart of document.querySelectorAll('main .chart')) {
    const drawn = chart.querySelector('canvas')?.getBoundingClientRect();
    const next = chart.nextElementSibling?.getBoundingClientRect();
    if (drawn && next && drawn.bottom > next.top + 1) found.push(`a chart lies over ${name(chart.nextElementSibling)}`);
  }
  return found;
}

export function printTests(house) {
  for (const { name, path, shows } of [...pages, ...publicPages]) {
    test(`${name} prints whole, and without what only a screen can do`, async () => {
      const { context, check } = await watched(house.browser, { storageState: house.session });
      const page = await context.newPage();
      await page.goto(path, { waitUntil: 'networkidle' });
      // Drawn for a wide window, then put on narrow paper: as printing does it.
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize(PAPER);
      assert.match(await page.locator('main').innerText(), shows);
      for (const element of await page.locator(ON_SCREEN_ALONE).all()) {
        assert.equal(await element.isVisible(), false, `${await element.evaluate((it) => it.outerHTML)} is printed`);
      }
      assert.deepEqual(await page.evaluate(faults, PAPER.width), []);
      check();
      await context.close();
    });
  }

  test('a printed page says what it is narrowed to', async () => {
    const { context, check } = await watched(house.browser, { storageState: house.session });
    const page = await context.newPage();
    await page.goto('/?from=2026-01&customer=4711', { waitUntil: 'networkidle' });
    await page.emulateMedia({ media: 'print' });
    for (const field of ['from', 'product', 'customer']) {
      assert.ok(await page.locator(`.filters [name=${field}]`).isVisible(), `${field} is printed`);
    }
    await page.goto('/', { waitUntil: 'networkidle' });
    assert.equal(await page.locator('.filters [name=customer]').isVisible(), false, 'an empty field is not');
    check();
    await context.close();
  });
}
