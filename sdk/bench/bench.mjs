// What the SDK costs a page: bytes to load, and main-thread time at 5,000 DOM mutations a second over what rrweb itself
// takes. Three runs of the same page, in turn: without a recorder, with rrweb alone, with the SDK; the median of some rounds.
// usage: node bench/bench.mjs PLAYHEAD [ROUNDS [SECONDS]]
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { trimRrweb } from '../build/trim-rrweb.mjs';
import { dist, sleep, startBrowser, startPlayhead, startSite } from '../test/browser/support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [binary, rounds = 5, seconds = 8] = process.argv.slice(2);
const MUTATIONS_A_SECOND = 5000;
const FRAME_MS = 20;

const { outputFiles: [rrweb] } = await esbuild.build({
  stdin: { contents: `import { record } from '@rrweb/record'; record({ emit() {}, recordAfter: 'DOMContentLoaded', sampling: { mousemove: 100, scroll: 150 }, slimDOMOptions: {} });`, resolveDir: join(here, '..') },
  bundle: true, minify: true, format: 'iife', target: 'es2020', write: false, plugins: [trimRrweb],
});
const playhead = await startPlayhead(binary);
const scripts = {
  none: '', rrweb: '<script src="/rrweb.js"></script>',
  sdk: `<script src="/sdk/v1/playhead.js" data-key="${playhead.key}" data-endpoint="${playhead.url}"></script>`,
};
/** Texts, attributes, added and removed nodes, a quarter each, spread over the frames. */
const work = `const list = document.querySelector('#list'); for (let n = 0; n < 400; n++) { const row = document.createElement('li'); row.textContent = 'row ' + n; list.append(row); }
  let n = 0; const each = ${MUTATIONS_A_SECOND} * ${FRAME_MS} / 1000; window.done = 0;
  setInterval(() => { for (let at = 0; at < each; at += 4) { n++; const row = list.children[n % 400]; row.firstChild.data = 'text ' + n; row.setAttribute('data-n', n);
    const added = document.createElement('li'); added.textContent = 'new ' + n; list.append(added); list.firstChild.remove(); window.done += 4; } }, ${FRAME_MS});`;
const site = await startSite((url) => (scripts[url.pathname.slice(1)] === undefined ? undefined
  : `<!doctype html><html lang="en"><head><title>Bench</title>${scripts[url.pathname.slice(1)]}</head><body><ul id="list" hidden></ul><script>${work}</script></body></html>`), (url, request, response) => {
  if (url.pathname !== '/rrweb.js') return false;
  response.writeHead(200, { 'content-type': 'text/javascript' }).end(rrweb.text);
  return true;
});
const browser = await startBrowser();

async function run(kind) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  // The processor time of the main thread: what else the machine does is not counted.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`${site.url}/${kind}`);
  await sleep(1500);
  const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  const [before, done] = [await metrics(), await page.evaluate(() => window.done)];
  await sleep(seconds * 1000);
  const [after, end] = [await metrics(), await page.evaluate(() => window.done)];
  await context.close();
  const elapsed = seconds;
  return { task: ((after.TaskDuration - before.TaskDuration) / elapsed) * 1000, script: ((after.ScriptDuration - before.ScriptDuration) / elapsed) * 1000, rate: (end - done) / elapsed };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const runs = { none: [], rrweb: [], sdk: [] };
for (let round = 0; round < rounds; round++) for (const kind of Object.keys(runs)) runs[kind].push(await run(kind));
const of = (kind, field) => median(runs[kind].map((one) => one[field]));
for (const name of ['playhead.js', 'playhead-widget.js']) {
  const bytes = readFileSync(join(dist, name));
  console.log(`${name.padEnd(20)} ${String(bytes.length).padStart(7)} bytes  ${String(gzipSync(bytes, { level: 9 }).length).padStart(6)} as gzip`);
}
console.log('\nmain thread, milliseconds a second (median of %d rounds of %d s)', rounds, seconds);
for (const kind of Object.keys(runs)) console.log(`${kind.padEnd(6)} task ${of(kind, 'task').toFixed(1).padStart(6)}  script ${of(kind, 'script').toFixed(1).padStart(6)}  ${of(kind, 'rate').toFixed(0)} mutations a second`);
const over = median(runs.sdk.map((one, at) => one.task - runs.rrweb[at].task));
console.log(`the SDK over rrweb: ${over.toFixed(1)} ms a second (at most 16)`);
await browser.close();
site.close();
await playhead.stop();
