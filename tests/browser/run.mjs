// Runs the browser tests: a real collector in a fresh folder, a small simulated installed base, then node's test runner
// with Chromium. `cargo xtask test` calls it; by hand: `node run.mjs`, after `cargo build --workspace --bins`.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from './collector.mjs';

const folder = await mkdtemp(join(tmpdir(), 'candor-browser-'));
let code = 1;
let collector;
try {
  collector = await startCollector(folder);
  await writeFile(join(folder, 'site.json'), JSON.stringify(collector.facts));
  code = await runTests(join(folder, 'site.json'));
} catch (error) {
  console.error(error);
} finally {
  await collector?.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = code;

function runTests(siteFile) {
  const files = process.argv.slice(2);
  const runner = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', ...(files.length > 0 ? files : ['suite.test.mjs'])],
    { cwd: import.meta.dirname, env: { ...process.env, CANDOR_SITE: siteFile }, stdio: 'inherit' },
  );
  return new Promise((resolve) => runner.on('close', (status) => resolve(status ?? 1)));
}
