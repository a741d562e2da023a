// The one-time link, signing out and in, and what a stranger sees.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, site, watched } from './browser.mjs';
import { pages } from './pages.mjs';

const NAME = 'staff';
const PASSWORD = 'a password for the browser tests';

/// Fills in the form of a page by its fields' types, as a person reads them, and sends it with the Enter key.
async function fillIn(page) {
  const passwords = page.locator('main input[type=password]');
  const texts = page.locator('main input[type=text], main input[type=email], main input:not([type])');
  for (const field of await texts.all()) await field.fill(NAME);
  for (const field of await passwords.all()) await field.fill(PASSWORD);
  await Promise.all([page.waitForURL((url) => !/setup|sign-in/.test(url.pathname)), passwords.last().press('Enter')]);
}

export function accountTests(house) {
  test('a stranger is asked to sign in, and sees nothing else', async () => {
    const { context } = await watched(house.browser);
    const page = await context.newPage();
    for (const { path } of pages) {
      await page.goto(path);
      assert.equal(await page.locator('input[type=password]').count(), 1, `${path} asks for a password`);
      assert.doesNotMatch(await page.locator('main').innerText(), /installations|happyville/i);
    }
    await context.close();
  });

  test('the one-time link makes the first account, once', async () => {
    const { context, check } = await watched(house.browser);
    const page = await context.newPage();
    await page.goto(site.setup);
    assert.deepEqual(await accessibilityFaults(page), []);
    await fillIn(page);
    assert.match(await page.locator('h1').first().innerText(), /overview/i);
    house.session = await context.storageState();
    const cookies = house.session.cookies;
    const kept = cookies.length > 0 && cookies.every((cookie) => cookie.httpOnly && cookie.sameSite !== 'None');
    assert.ok(kept, "the cookie is out of scripts' reach");
    check();
    await context.close();

    const again = await watched(house.browser);
    const second = await again.context.newPage();
    const answer = await second.goto(site.setup);
    assert.ok(answer.status() >= 400 || !/setup/.test(second.url()), 'a spent link is refused');
    await again.context.close();
  });

  test('signing out ends the session, signing in starts one, a wrong password does not', async () => {
    const { context, check } = await watched(house.browser);
    const page = await context.newPage();
    await page.goto('/');
    assert.deepEqual(await accessibilityFaults(page), []);
    await fillIn(page);
    const state = await context.storageState();
    await page.getByRole('button', { name: /sign out/i }).click();
    await page.goto('/platforms');
    assert.equal(await page.locator('input[type=password]').count(), 1, 'signed out');
    check();
    await context.close();

    const stolen = await watched(house.browser, { storageState: state });
    const thief = await stolen.context.newPage();
    await thief.goto('/platforms');
    assert.equal(await thief.locator('input[type=password]').count(), 1, 'the ended session is of no use');
    await thief.locator('input:not([type=password]):not([type=hidden])').first().fill(NAME);
    await thief.locator('input[type=password]').fill('not the password at all');
    await thief.locator('input[type=password]').press('Enter');
    await thief.waitForLoadState();
    assert.equal(await thief.locator('input[type=password]').count(), 1, 'a wrong password');
    await stolen.context.close();
  });
}
