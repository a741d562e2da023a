// A real collector for the tests: started on a free port, with both example policies and a small installed base.

import { execFile, spawn } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const target = process.env.CANDOR_TARGET ?? join(root, 'target');
const program = (name) => join(target, 'debug', name);

/// How large the installed base is: enough for every page to have something to say.
const INSTALLATIONS = 40;
const MONTHS = 8;

export async function startCollector(folder) {
  const data = join(folder, 'collector');
  await mkdir(data);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const key = (await run(program('candor-collector'), ['key', '--data', data])).stdout.trim();
  const policies = await copyPolicies(folder, address, key);

  const log = await open(join(folder, 'collector.log'), 'w');
  const listen = `127.0.0.1:${port}`;
  const child = spawn(program('candor-collector'), ['serve', '--data', data, '--listen', listen], {
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise((done) => child.on('close', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await log.close();
  };
  try {
    await ready(address, child);
    for (const policy of Object.values(policies)) {
      await run(program('candor-collector'), ['policy', 'publish', policy, '--data', data]);
    }
    await run(program('candor-fleet'), [
      'simulate',
      '--collector',
      address,
      '--policy',
      policies.lucity,
      '--installations',
      String(INSTALLATIONS),
      '--months',
      String(MONTHS),
    ]);
    const link = (await run(program('candor-collector'), ['account', 'link', '--data', data])).stdout;
    const setup = address + link.match(/\/setup\?token=\S+/)[0];
    return { facts: { address, setup, installations: INSTALLATIONS, months: MONTHS, target }, stop };
  } catch (error) {
    await stop();
    console.error(await readFile(join(folder, 'collector.log'), 'utf8'));
    throw error;
  }
}

/// Copies of the example policies with this collector in their `[collector]` table.
async function copyPolicies(folder, address, key) {
  const copies = {};
  const examples = { lucity: 'lucity-data-collection.toml', cireson: 'cireson-product-metrics.toml' };
  for (const [name, file] of Object.entries(examples)) {
    const manifest = await readFile(join(root, 'examples/policies', file), 'utf8');
    copies[name] = join(folder, file);
    const own = manifest
      .replace(/(\[collector\][^[]*?url\s*=\s*)"[^"]*"/, `$1"${address}"`)
      .replace(/(\[collector\][^[]*?public_key\s*=\s*)"[^"]*"/, `$1"${key}"`);
    await writeFile(copies[name], own);
  }
  return copies;
}

async function ready(address, child) {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${address}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('the collector did not become ready');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
