// How much of a reported session is lost when a page ends: navigations and tab closes in a real Chromium, against a real
// server. Each page writes the time into its document every 20 ms and tells its site, by a beacon of its own, the last
// time that it wrote; what is lost is what lies between that and the last time that arrived in the recording.
// usage: node test/browser/kill.mjs PLAYHEAD [TIMES]
import { pathToFileURL } from 'node:url';
import { sleep, startBrowser, startPlayhead, startSite } from './support.mjs';

/** Milliseconds that may be lost. */
export const LOST_MS_MAX = 1000;
const filler = Array.from({ length: 300 }, (_, at) => `<li class="row r${at}">Row ${at} <a href="/row/${at}">details of row ${at}</a></li>`).join('');

const COMMITTED = { waitUntil: 'commit' };
const ticks = (page, path) => page.waitForFunction((tick) => document.querySelector('#tick')?.textContent.startsWith(tick), `tick ${path} `);

export async function kill(binary, times) {
  const playhead = await startPlayhead(binary);
  const gone = new Map();
  const site = await startSite((url) => `<!doctype html><html lang="en"><head><title>Page ${url.pathname}</title>
<script src="/sdk/v1/playhead.js" data-key="${playhead.key}" data-endpoint="${playhead.url}"></script></head><body><h1>Page</h1><p id="tick"></p><a id="next" href="/">next</a><ul>${filler}</ul>
<script>const page = location.pathname; let last; setInterval(() => { last = Date.now(); tick.textContent = 'tick ' + page + ' ' + last; }, 20);
addEventListener('pagehide', () => navigator.sendBeacon('/gone?page=' + page + '&at=' + last));
const n = Number(page.replace(/\\D/g, '')); next.href = page.replace(/\\d+/, n + 1);</script></body></html>`, (url, request, response) => {
    if (url.pathname !== '/gone') return false;
    gone.set(url.searchParams.get('page'), Number(url.searchParams.get('at')));
    response.end();
    return true;
  });
  const browser = await startBrowser();
  const context = await browser.newContext();
  const random = () => 150 + Math.random() * 900;
  try {
    const page = await context.newPage();
    await page.goto(`${site.url}/nav/0`);
    await page.evaluate(() => window.Playhead.report({ title: 'A session that is reported' }));
    const { id } = await page.evaluate(() => window.Playhead.session());
    for (let at = 0; at < times; at++) {
      await ticks(page, `/nav/${at}`);
      await sleep(random());
      // Every other navigation by a script, which leaves no time to prepare.
      if (at % 2) await Promise.all([page.waitForURL(`**/nav/${at + 1}`, COMMITTED), page.evaluate(() => { location.href = document.querySelector('#next').href; })]);
      else await Promise.all([page.waitForURL(`**/nav/${at + 1}`, COMMITTED), page.click('#next')]);
    }
    for (let at = 0; at < times; at++) {
      const tab = await context.newPage();
      await tab.goto(`${site.url}/tab/${at}`);
      await ticks(tab, `/tab/${at}`);
      await sleep(random());
      await tab.close();
    }
    await sleep(1500);
    const report = (kind) => losses(kind, times, gone, playhead.events(id));
    const result = { navigations: report('nav'), tabCloses: report('tab'), segments: playhead.uploads.length, missing: holes(playhead.uploads), refused: playhead.uploads.filter((one) => one.status >= 300).map((one) => `${one.n} ${one.status}`) };
    return result;
  } finally {
    await browser.close();
    site.close();
    await playhead.stop();
  }
}

/** Numbers below the last one that nobody used: a reader takes them for lost segments. */
function holes(uploads) {
  const used = new Set(uploads.filter((one) => one.status < 300).map((one) => one.n));
  return Array.from({ length: Math.max(...used) }, (_, n) => n).filter((n) => !used.has(n));
}

/** What each page of one kind lost. */
function losses(kind, times, gone, events) {
  const seen = new Map();
  for (const { type, data } of events) {
    const texts = type === 3 && data.source === 0 ? [...data.texts.map((text) => text.value), ...data.adds.map(({ node }) => node.textContent)] : [];
    for (const text of texts) {
      const [, page, at] = /^tick (\S+) (\d+)$/.exec(text ?? '') ?? [];
      if (page) seen.set(page, Math.max(seen.get(page) ?? 0, Number(at)));
    }
  }
  const pages = Array.from({ length: times }, (_, at) => `/${kind}/${at}`);
  const told = pages.filter((page) => gone.has(page));
  const lost = told.map((page) => gone.get(page) - (seen.get(page) ?? 0)).sort((a, b) => a - b);
  return { pages: times, told: told.length, nothing: told.filter((page) => !seen.has(page)).length, medianMs: lost[lost.length >> 1], worstMs: lost.at(-1), over: lost.filter((ms) => ms > LOST_MS_MAX).length };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await kill(process.argv[2], Number(process.argv[3] ?? 100));
  console.log(JSON.stringify(result, null, 2));
  if (result.navigations.over || result.tabCloses.over) process.exit(1);
}
