// What a person does with the pages: filters by keyboard, shares a view, asks what-if, takes the numbers away.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watched } from './browser.mjs';
import { pages } from './pages.mjs';

/// The pages' numbers, as their tables show them.
const tables = (page) => page.locator('main table').allInnerTexts();

async function opened(house, path, options = {}) {
  const { context, check } = await watched(house.browser, { storageState: house.session, ...options });
  const page = await context.newPage();
  await page.goto(path, { waitUntil: 'networkidle' });
  return { page, done: async () => { check(); await context.close(); } };
}

/// Presses Tab until the focus is on an element that fits, as somebody without a mouse does.
async function tabTo(page, selector) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) {
      const outline = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      });
      assert.ok(outline, `the focus on ${selector} can be seen`);
      return;
    }
  }
  assert.fail(`no Tab leads to ${selector}`);
}

export function viewTests(house) {
  test('the filter works by keyboard alone, and lives in the address', async () => {
    const { page, done } = await opened(house, '/');
    const everything = await tables(page);
    await tabTo(page, 'form[method=get] select[name=product]');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'form[method=get] button, form[method=get] input[type=submit]');
    await Promise.all([page.waitForURL(/product=[^&]/), page.keyboard.press('Enter')]);
    assert.notDeepEqual(await tables(page), everything, 'the filter filters');
    const address = page.url();
    const filtered = await tables(page);
    await done();

    const shared = await opened(house, address);
    assert.deepEqual(await tables(shared.page), filtered, 'the same address shows the same view');
    await shared.done();
  });

  test('the what-if names the customers that a requirement would affect', async () => {
    const { page, done } = await opened(house, '/platforms');
    const choice = page.locator('form[method=get] select[name=require], form[method=get] input[name=require]').first();
    assert.equal(await choice.count(), 1, 'a requirement can be chosen');
    if ((await choice.evaluate((element) => element.tagName)) === 'SELECT') {
      const last = await choice.locator('option').last().getAttribute('value');
      await choice.selectOption(last);
    } else {
      const list = await choice.getAttribute('list');
      const suggestion = await page.locator(`#${list} option`).last().getAttribute('value');
      await choice.fill(suggestion);
    }
    const form = choice.locator('xpath=ancestor::form');
    await Promise.all([page.waitForURL(/require=[^&]/), form.locator('button, input[type=submit]').first().click()]);
    assert.match(await page.locator('main').innerText(), /customers?|installations?/i);
    assert.match(await page.locator('main').innerText(), /affected/i);
    await done();
  });

  test('every figure has its table, its coverage and its CSV, and the CSV holds the table', async () => {
    for (const { path } of pages.filter(({ figures }) => figures !== false)) {
      const { page, done } = await opened(house, path);
      const links = await page.locator('main a[href*="csv"]').evaluateAll((found) => found.map((link) => link.href));
      assert.ok(links.length > 0, `${path} has CSV`);
      for (const link of links) {
        const answer = await page.request.get(link);
        assert.equal(answer.status(), 200, link);
        assert.match(answer.headers()['content-type'], /text\/csv/);
        assert.match(answer.headers()['content-disposition'] ?? '', /attachment/);
        const lines = (await answer.text()).trim().split(/\r?\n/);
        assert.ok(lines.length > 1, `${link} has rows`);
      }
      assert.ok((await page.locator('main table').count()) > 0, `${path} has tables`);
      await done();
    }
  });

  test('a customer can be opened, and its history is there', async () => {
    const { page, done } = await opened(house, '/customers');
    const customer = page.locator('main table a').first();
    const name = (await customer.innerText()).trim();
    await Promise.all([page.waitForURL(/\/customers\/./), customer.click()]);
    await page.waitForLoadState('networkidle');
    assert.ok((await page.locator('main').innerText()).includes(name));
    await done();
  });

  test('a chart is drawn from its table', async () => {
    const { page, done } = await opened(house, '/');
    await page.waitForSelector('main canvas, main svg[role=img], main [_echarts_instance_] svg', { timeout: 10_000 });
    await done();
  });

  test('nobody can write with another site\'s form', async () => {
    const { page, done } = await opened(house, '/');
    const answer = await page.request.post('/sign-out', { form: { nothing: 'here' }, maxRedirects: 0 });
    assert.ok(answer.status() >= 400, `a post without the form's token answers ${answer.status()}`);
    await done();
  });
}
