// Builds what the pages load: one script, one style sheet, each also compressed. The Rust build embeds `dist/`.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

// The script's largest part is ECharts; more than this means that something was imported whole.
const LARGEST_BYTES = 700_000;

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');

await build({
  entryPoints: ['src/charts.ts', 'src/style.css'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
  legalComments: 'none',
  logLevel: 'warning',
});

for (const name of ['charts.js', 'style.css']) {
  const bytes = readFileSync(`dist/${name}`);
  if (bytes.length > LARGEST_BYTES) {
    throw new Error(`dist/${name} has ${bytes.length} bytes; ${LARGEST_BYTES} are allowed`);
  }
  const compressed = gzipSync(bytes, { level: 9 });
  writeFileSync(`dist/${name}.gz`, compressed);
  console.log(`dist/${name}: ${bytes.length} bytes, ${compressed.length} compressed`);
}
