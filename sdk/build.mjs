// Builds dist/ from src/. Same sources, same bytes: no dates, no paths, versions pinned by package-lock.json.
// usage: node build.mjs [--out FOLDER]
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as terser from 'terser';
import { PRIVATE_NAMES, trimRrweb } from './build/trim-rrweb.mjs';
import { trimScreenshot } from './build/trim-screenshot.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--out');
const out = at > 0 ? resolve(process.argv[at + 1]) : join(here, 'dist');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
/** Bytes of gzip that a bundle may have. */
const LIMITS = { 'playhead.js': 32 << 10, 'playhead-widget.js': 25 << 10 };

/** The declarations that the package's interface needs. */
const TYPES = ['index.d.ts', 'types.d.ts', 'widget/host.d.ts'];

const shared = {
  absWorkingDir: here, bundle: true, minify: true, target: 'es2020', legalComments: 'none', charset: 'utf8', logLevel: 'warning',
  define: { __VERSION__: JSON.stringify(version) }, plugins: [trimRrweb, trimScreenshot], mangleProps: PRIVATE_NAMES,
};
const banner = `/*! playhead ${version}. MIT OR Apache-2.0. With rrweb, fflate and modern-screenshot (MIT). */`;

export async function build(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = (name) => join(folder, name);
  for (const [name, entry] of [['playhead.js', 'src/iife.ts'], ['playhead-widget.js', 'src/lazy-iife.ts']]) {
    const { outputFiles } = await esbuild.build({ ...shared, entryPoints: [entry], format: 'iife', write: false });
    // A page may be in another encoding than UTF-8, and the widget has texts.
    const { code } = await terser.minify(outputFiles[0].text, { ecma: 2020, compress: { passes: 3, keep_fargs: false, unsafe_arrows: true, hoist_props: true, toplevel: true, lhs_constants: false }, mangle: { toplevel: true }, format: { preamble: banner, ascii_only: name === 'playhead-widget.js' } });
    writeFileSync(file(name), `${code}\n`);
  }
  await esbuild.build({
    ...shared, entryPoints: { index: 'src/index.ts' }, format: 'esm', splitting: true, outdir: folder, outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]', banner: { js: banner }, packages: 'bundle',
  });
  execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '--outDir', file('types')], { cwd: here, stdio: 'inherit' });
  for (const name of TYPES) {
    mkdirSync(dirname(file(name)), { recursive: true });
    const text = readFileSync(join(folder, 'types', name), 'utf8');
    writeFileSync(file(name), text.replace(/(["']\.{1,2}\/[\w./-]+)\.ts(["'])/g, '$1.js$2'));
  }
  rmSync(file('types'), { recursive: true });
  const tooLarge = [];
  const gzips = {};
  const sums = readdirSync(folder).filter((name) => /\.m?js$/.test(name)).sort().map((name) => {
    const bytes = readFileSync(file(name));
    const gzip = gzipSync(bytes, { level: 9 }).length;
    if (LIMITS[name] < gzip) tooLarge.push(`${name} has ${gzip} bytes of gzip and may have ${LIMITS[name]}`);
    gzips[name] = gzip;
    return [name, { bytes: bytes.length, integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}` }];
  });
  writeFileSync(file('files.json'), JSON.stringify({ version, files: Object.fromEntries(sums) }, null, 2) + '\n');
  if (tooLarge.length) throw new Error(tooLarge.join('; '));
  return sums.map(([name, { bytes }]) => `${name}: ${bytes} bytes, ${gzips[name]} as gzip`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of await build(out)) console.log(line);
}
