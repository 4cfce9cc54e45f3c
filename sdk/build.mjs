// Builds dist/ from src/. Same sources, same bytes: no dates, no paths, versions pinned by package-lock.json.
// usage: node build.mjs [--out FOLDER]
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { withoutCanvas } from './build/without-canvas.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--out');
const out = at > 0 ? resolve(process.argv[at + 1]) : join(here, 'dist');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
/** Bytes of gzip that a bundle may have. */
const LIMITS = { 'playhead.js': 32 << 10, 'playhead-widget.js': 25 << 10 };

const shared = {
  absWorkingDir: here, bundle: true, minify: true, target: 'es2020', legalComments: 'none', charset: 'utf8', logLevel: 'warning',
  define: { __VERSION__: JSON.stringify(version) }, plugins: [withoutCanvas], mangleProps: /^\$_/,
};
const banner = (what) => ({ js: `/*! playhead ${version}: ${what}. MIT OR Apache-2.0. With rrweb and fflate (MIT). */` });

export async function build(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = (name) => join(folder, name);
  await esbuild.build({ ...shared, entryPoints: ['src/iife.ts'], format: 'iife', outfile: file('playhead.js'), banner: banner('recorder') });
  await esbuild.build({ ...shared, entryPoints: ['src/widget/iife.ts'], format: 'iife', outfile: file('playhead-widget.js'), banner: banner('report widget') });
  await esbuild.build({ ...shared, entryPoints: ['src/index.ts'], format: 'esm', outfile: file('index.mjs'), external: ['playhead/widget'], banner: banner('recorder') });
  await esbuild.build({ ...shared, entryPoints: ['src/widget/index.ts'], format: 'esm', outfile: file('widget.mjs'), banner: banner('report widget') });
  execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '--outDir', folder], { cwd: here, stdio: 'inherit' });
  const sums = readdirSync(folder).filter((name) => /\.m?js$/.test(name)).sort().map((name) => {
    const bytes = readFileSync(file(name));
    const gzip = gzipSync(bytes, { level: 9 }).length;
    if (LIMITS[name] < gzip) throw new Error(`${name} has ${gzip} bytes of gzip and may have ${LIMITS[name]}`);
    return [name, { bytes: bytes.length, gzip, integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}` }];
  });
  writeFileSync(file('files.json'), JSON.stringify({ version, files: Object.fromEntries(sums) }, null, 2) + '\n');
  return sums;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, { bytes, gzip }] of await build(out)) console.log(`${name}: ${bytes} bytes, ${gzip} as gzip`);
}
