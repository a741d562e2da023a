// The dashboard in a real browser, in the order in which a new member of staff meets it.

import { after, before, describe } from 'node:test';
import { accountTests } from './account.mjs';
import { launch } from './browser.mjs';
import { pageTests } from './page.mjs';
import { printTests } from './print.mjs';
import { viewTests } from './views.mjs';

const house = { browser: null, session: null };

before(async () => {
  house.browser = await launch();
});

after(async () => {
  await house.browser?.close();
});

describe('account', () => accountTests(house));
describe('pages', () => pageTests(house));
describe('print', () => printTests(house));
describe('views', () => viewTests(house));
