// What holds for every page: it loads, shows its data with and without scripts, calls nobody else, can be read by all.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { accessibilityFaults, site, watched } from './browser.mjs';
import { pages, publicPages } from './pages.mjs';

const SCREENSHOTS = join(site.target, 'screenshots');
const LOOKS = [
  { look: 'wide-light', options: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' } },
  { look: 'wide-dark', options: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' } },
  { look: 'narrow-light', options: { viewport: { width: 390, height: 844 }, colorScheme: 'light' } },
  { look: 'narrow-dark', options: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } },
];

export function pageTests(house) {
  const all = [
    ...publicPages.map((page) => ({ ...page, session: () => undefined })),
    ...pages.map((page) => ({ ...page, session: () => house.session })),
  ];
  for (const { name, path, shows, session } of all) {
    test(`law_10_no_outsider: ${name} loads, from its own origin alone`, async () => {
      const { context, check } = await watched(house.browser, { storageState: session() });
      const page = await context.newPage();
      const answer = await page.goto(path, { waitUntil: 'networkidle' });
      assert.equal(answer.status(), 200);
      assert.match(answer.headers()['content-security-policy'] ?? '', /default-src/);
      assert.match(await page.locator('main').innerText(), shows);
      check();
      await context.close();
    });

    test(`${name} is readable without JavaScript`, async () => {
      const { context, check } = await watched(house.browser, { storageState: session(), javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(path);
      assert.match(await page.locator('main').innerText(), shows);
      assert.equal(await page.locator('h1').count(), 1);
      check();
      await context.close();
    });

    for (const { look, options } of LOOKS) {
      test(`${name} has no serious accessibility faults, ${look}`, async () => {
        const { context, check } = await watched(house.browser, { storageState: session(), ...options });
        const page = await context.newPage();
        await page.goto(path, { waitUntil: 'networkidle' });
        await mkdir(SCREENSHOTS, { recursive: true });
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${look}.png`), fullPage: true });
        assert.deepEqual(await accessibilityFaults(page), []);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the window`);
        check();
        await context.close();
      });
    }
  }
}
