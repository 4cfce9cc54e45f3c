// The framework notes of sdk/README.md, tried: a small application for each, built for production by its own bundler,
// opened in a real Chromium. One click breaks a component; the click and the caught error must arrive at a real server.
// usage: node test/frameworks/check.mjs PLAYHEAD [react|vue|svelte|next ..]
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBrowser, startPlayhead, startSite, until } from '../browser/support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const work = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'playhead/frameworks');
/** `stack`: whether the framework tells where in the tree of components it was. */
const APPS = { react: { stack: true }, vue: {}, svelte: {}, next: { stack: true } };
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css' };

const [binary, ...only] = process.argv.slice(2);
const names = Object.keys(APPS).filter((name) => !only.length || only.includes(name));
const run = (program, args) => execFileSync(process.execPath, [join(work, 'node_modules', program), ...args], {
  cwd: work, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
});

/** Installs the frameworks, once, and the package as npm would pack it. */
function prepare() {
  mkdirSync(work, { recursive: true });
  for (const name of Object.keys(APPS)) rmSync(join(work, name), { recursive: true, force: true });
  cpSync(here, work, { recursive: true });
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], { cwd: work, stdio: 'inherit' });
  const own = join(work, 'node_modules/playhead');
  rmSync(own, { recursive: true, force: true });
  for (const part of ['package.json', 'dist']) cpSync(join(here, '../..', part), join(own, part), { recursive: true });
}

/** Builds an application; the folder of its files. */
function build(name) {
  if (name === 'next') {
    run('next/dist/bin/next', ['build', 'next']);
    return join(work, 'next/out');
  }
  run('vite/bin/vite.js', ['build', name, '--config', 'vite.config.mjs', '--logLevel', 'error']);
  return join(work, name, 'dist');
}

/** Serves a folder. */
const serve = (folder) => startSite(() => undefined, ({ pathname }, request, response) => {
  const file = join(folder, pathname === '/' ? 'index.html' : pathname);
  if (!file.startsWith(folder) || !existsSync(file)) return false;
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
  return true;
});

async function check(name, { stack }) {
  const site = await serve(build(name));
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const before = playhead.uploads.length;
    await page.goto(`${site.url}/?key=${playhead.key}&endpoint=${encodeURIComponent(playhead.url)}`);
    await page.getByRole('button', { name: 'Break' }).click();
    await page.getByText('Caught').waitFor();
    await page.evaluate(() => window.stopRecording());
    const events = () => {
      const { replay } = playhead.uploads[before] ?? {};
      return replay ? playhead.events(replay) : [];
    };
    const clicks = (some) => some.some(({ type, data }) => type === 3 && data.source === 2 && data.type === 2);
    const line = (some) => some.find(({ type, data }) => type === 6 && data.plugin === 'rrweb/console@1' && /TypeError/.test(data.payload.payload[0]));
    await until(() => line(events()), `${name}: the error`);
    const some = events();
    assert.ok(clicks(some), 'the click');
    assert.match(line(some).data.payload.payload[0], /^"?TypeError/, 'an error that was caught, with its class');
    const { payload } = some.find(({ type, data }) => type === 5 && data.tag === '$playhead.error')?.data ?? {};
    if (stack) assert.ok(payload.componentStack.length >= 2, `the stack of components: ${JSON.stringify(payload)}`);
    if (name === 'vue') assert.ok(payload.context.info, 'what Vue says of the place');
    const { at } = line(some).data.payload.playhead?.action ?? {};
    assert.ok(at, 'the click that the error belongs to');
    const transcript = await playhead.transcript(playhead.uploads[before].replay);
    assert.match(transcript, /click button "Break"/);
    assert.match(transcript, /TypeError/);
    console.log(`ok  ${name}`);
  } finally {
    await context.close();
    site.close();
  }
}

prepare();
const playhead = await startPlayhead(binary);
const browser = await startBrowser();
try {
  for (const name of names) await check(name, APPS[name]);
} finally {
  await browser.close();
  await playhead.stop();
}
