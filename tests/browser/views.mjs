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
  return {
    page,
    done: async () => {
      check();
      await context.close();
    },
  };
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

/// Holds a figure against its CSV: the same rows in the same order, and a coverage in both or in neither. Says which.
async function sameAsItsFile(page, figure) {
  const link = await figure.locator('.takeaway a[href*=".csv"]').evaluate((found) => found.href);
  const answer = await page.request.get(link);
  assert.equal(answer.status(), 200, link);
  assert.match(answer.headers()['content-type'], /text\/csv/);
  assert.match(answer.headers()['content-disposition'] ?? '', /attachment/);
  const [titles, ...rows] = records(await answer.text());
  const inFile = rows.map(([first]) => plain(first.replace(/^'/, '')));
  const onPage = (await figure.locator('tbody th[scope=row]').allInnerTexts()).map(plain);
  const isCut = (await figure.locator('.pages').count()) > 0;
  assert.ok(onPage.length > 0, `${link} has rows`);
  assert.deepEqual(onPage, isCut ? inFile.slice(0, onPage.length) : inFile, link);
  const rests = titles.includes('Coverage: known');
  assert.equal((await figure.locator('.coverage').count()) > 0, rests, `${link}: coverage on the page and in the file`);
  return rests;
}

/// One run of white space is as good as another.
const plain = (text) => text.replace(/\s+/g, ' ').trim();

/// The records of a CSV file (RFC 4180), quoted cells included.
function records(text) {
  const found = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (end === '' && quoted === undefined && bare === '') break;
    found.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === '\r\n') found.push([]);
  }
  return found.filter((record) => record.length > 0);
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

  test('every figure has its table and its coverage, and its CSV holds the same', async () => {
    const linked = [
      ['/customers', '/customers/'],
      ['/modules', '/modules/'],
      ['/settings', '/settings/'],
    ];
    const paths = pages.filter(({ figures }) => figures !== false).map(({ path }) => path);
    for (const [list, start] of linked) {
      const { page, done } = await opened(house, list);
      paths.push(await page.locator(`main table a[href^="${start}"]`).first().getAttribute('href'));
      await done();
    }
    let rested = 0;
    for (const path of paths) {
      const { page, done } = await opened(house, path);
      const figures = await page.locator('main section.figure:has(.takeaway)').all();
      assert.ok(figures.length > 0, `${path} has figures`);
      for (const figure of figures) rested += (await sameAsItsFile(page, figure)) ? 1 : 0;
      await done();
    }
    assert.ok(rested >= 5, `coverage stands beside ${rested} figures`);
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

  test('on a phone a legend takes nothing from its plot, and is not cut off', async () => {
    for (const width of [360, 400]) {
      const { page, done } = await opened(house, '/platforms', { viewport: { width, height: 800 } });
      const customer = await page.request.get('/customers').then((answer) => answer.text());
      const paths = [
        '/platforms',
        '/modules',
        customer.match(/<th scope="row"><a href="([^"]+)"/)[1].replaceAll('&amp;', '&'),
      ];
      for (const path of paths) {
        await page.goto(path, { waitUntil: 'networkidle' });
        await page.waitForSelector('main canvas');
        const charts = await page.locator('main .chart.drawn:not(.two):not(.few)').evaluateAll((found) =>
          found.map((chart) => {
            const box = chart.querySelector('.canvas');
            const canvas = chart.querySelector('canvas');
            const top = canvas.getContext('2d').getImageData(0, 0, canvas.width, 1).data;
            const legend = parseFloat(getComputedStyle(box).getPropertyValue('--legend')) || 0;
            return {
              legend,
              plot: box.clientHeight - legend,
              cut: top.some((value, place) => place % 4 === 3 && value > 40),
            };
          }),
        );
        assert.ok(charts.length > 0, `${path} has charts`);
        if (path === '/platforms')
          assert.ok(
            charts.some((chart) => chart.legend > 100),
            'a long legend has room of its own',
          );
        for (const chart of charts) {
          assert.ok(chart.plot >= 200, `${path} at ${width} px: a plot is ${chart.plot} px high`);
          assert.ok(!chart.cut, `${path} at ${width} px: a legend is cut off`);
        }
      }
      await done();
    }
  });

  test('a chart is drawn from its table', async () => {
    const { page, done } = await opened(house, '/');
    await page.waitForSelector('main canvas, main svg[role=img], main [_echarts_instance_] svg', { timeout: 10_000 });
    await done();
  });

  test("nobody can write with another site's form", async () => {
    const { page, done } = await opened(house, '/');
    for (const form of [{ csrf: 'a guess' }, { csrf: '' }]) {
      const answer = await page.request.post('/logout', { form, maxRedirects: 0 });
      assert.equal(answer.status(), 403, `a post with the token '${form.csrf}'`);
    }
    await page.goto('/platforms');
    assert.equal(await page.locator('input[type=password]').count(), 0, 'the session still holds');
    await done();
  });
}
