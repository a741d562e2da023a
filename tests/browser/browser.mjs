// Chromium, and what every page is watched for: requests that leave its origin, blocked content, errors in scripts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const site = JSON.parse(readFileSync(process.env.CANDOR_SITE, 'utf8'));

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/// Flags that keep the browser itself quiet: what is left on the wire is the page's.
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--disable-gpu',
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CANDOR_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
    args: QUIET,
  });
}

/// A context whose pages are watched. `watch.check()` fails where a page did what none may do.
export async function watched(browser, options = {}) {
  const context = await browser.newContext({ baseURL: site.address, ...options });
  const seen = { outside: [], blocked: [], errors: [] };
  context.on('request', (request) => {
    const url = new URL(request.url());
    const inside = url.origin === site.address || ['data:', 'blob:', 'about:'].includes(url.protocol);
    if (!inside) seen.outside.push(request.url());
  });
  context.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) seen.blocked.push(message.text());
    else if (message.type() === 'error') seen.errors.push(`${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => seen.errors.push(String(error.error())));
  const check = () => {
    assert.deepEqual(seen.outside, [], "requests left the page's own origin");
    assert.deepEqual(seen.blocked, [], 'the content security policy blocked something');
    assert.deepEqual(seen.errors, [], 'errors in the console');
  };
  return { context, seen, check };
}

/// axe's findings that a person would stumble over.
export async function accessibilityFaults(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} — ${nodes.map((node) => node.target.join(' ')).join('; ')}`);
}
