// The built SDK in a real Chromium against a real server: what is recorded, what is not, and that it arrives.
// usage: node test/browser/check.mjs PLAYHEAD [NAME..]   NAME: only these checks
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dist, sleep, startBrowser, startPlayhead, startSite, until } from './support.mjs';

const [binary, ...only] = process.argv.slice(2);
const playhead = await startPlayhead(binary);
const script = (more = '') => `<script src="/sdk/v1/playhead.js" data-key="${playhead.key}" data-endpoint="${playhead.url}" ${more}></script>`;
const options = (json) => `data-options='${JSON.stringify(json)}'`;
const pages = {
  '/shop': () => `<!doctype html><html lang="en"><head><title>Shop</title>${script(options({ release: '3.1.4' }))}</head><body>
    <h1>Shop</h1><button id="save">Save</button><button id="off" disabled>Off</button><p id="out"></p><img src="/missing.png" alt="">
    <a id="two" href="/second">second</a><a id="file" href="/report.csv" download>export</a><a id="tab" href="/second" target="_blank">in a tab</a>
    <button popovertarget="pop">Menu</button><div id="pop" popover>Popped</div><input id="files" type="file"><input id="nick" name="nick"><input id="again">
    <script>
      save.onclick = async () => {
        const answer = await fetch('/api/save?token=abc123def', { method: 'POST', headers: { authorization: 'Bearer abcdefghijkl', 'x-request-id': 'r-7' }, body: '{}' });
        out.textContent = 'saved ' + answer.status;
        setTimeout(function later() { fetch('/api/later'); console.error('failed', new Error('outer', { cause: new TypeError('inner') }), { password: 'p', n: 1 }); nothing.there; }, 30);
      };
    </script></body></html>`,
  '/second': () => `<!doctype html><html lang="en"><head><title>Second</title>${script()}</head><body><h1>Second</h1><a href="/shop">back</a></body></html>`,
  '/form': () => `<!doctype html><html lang="en"><head><title>Form</title><meta name="csrf-token" content="SECRET-meta">${script()}</head><body>
    <label>Name <input id="name" name="name"></label><label>Pass <input id="pass" type="password"></label><input id="card" autocomplete="cc-number">
    <input id="shown" class="playhead-unmask"><input type="hidden" value="SECRET-hidden"><textarea id="area">SECRET-area</textarea>
    <p data-playhead-mask>SECRET-text</p><div class="playhead-block"><b>SECRET-block</b><input id="inside"></div><input id="ignored" data-playhead-ignore><div id="edit" contenteditable></div>
    <select id="choice"><option value="a">A</option><option value="SECRET-choice">B</option></select></body></html>`,
  '/buffer': () => `<!doctype html><html lang="en"><head><title>Buffer</title>${script(`data-mode="buffer" ${options({ bufferSeconds: 4 })}`)}</head><body><h1>Buffer</h1><p id="tick"></p>
    <script>setInterval(() => { tick.textContent = 'tick ' + Date.now(); }, 100)</script></body></html>`,
  '/idle': () => `<!doctype html><html lang="en"><head><title>Idle</title>${script(options({ idleSeconds: 1 }))}</head><body><p id="tick"></p><button id="go">Go</button>
    <script>setInterval(() => { tick.textContent = 'tick ' + Date.now(); }, 100); Playhead.on('pause', () => { window.paused = true; });</script></body></html>`,
  '/big': () => {
    let seed = 1;
    const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0).toString(36);
    return `<!doctype html><html lang="en"><head><title>Big</title>${script()}</head><body>${Array.from({ length: 12_000 }, () => `<p title="${random()}">${random()}${random()}</p>`).join('')}</body></html>`;
  },
  '/requests': () => `<!doctype html><html lang="en"><head><title>Requests</title>${script(options({ network: { bodies: true } }))}</head><body><script>
      addEventListener('load', () => {
        const xhr = new XMLHttpRequest(); xhr.open('POST', '/api/xhr'); xhr.send('user=anna&password=SECRET-body'); navigator.sendBeacon('/api/beacon', 'x');
        const source = new EventSource('/api/stream'); source.onmessage = () => source.close(); new WebSocket('ws://' + location.host + '/api/socket');
        fetch('http://127.0.0.1:9/refused').catch(() => {}); history.pushState({}, '', '/requests?page=2&token=SECRET-query'); history.replaceState({}, '', '#at');
      });
    </script></body></html>`,
  '/messages': () => `<!doctype html><html lang="en"><head><title>Messages</title>${script()}</head><body><button id="go">Go</button><script>
      const nobody = new MessageChannel();
      let count = 0;
      // Messages that wait while the answer to a click comes: none of them is the user's doing.
      nobody.port1.onmessage = () => {
        if (count++ % 60 === 0) fetch('/api/nobody');
        const end = performance.now() + 0.3;
        while (performance.now() < end);
        if (count < 2000) for (const twice of [0, 1]) nobody.port2.postMessage(twice);
      };
      go.onclick = async () => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => fetch('/api/by-port');
        addEventListener('message', () => fetch('/api/by-window'), { once: true });
        port2.postMessage(0);
        postMessage(0, '*');
        nobody.port2.postMessage(0);
        await fetch('/api/asked');
        await fetch('/api/after');
        document.title = 'Done';
      };
    </script></body></html>`,
  '/bodyless': () => `<!doctype html><html lang="en"><head><title>Module</title></head><body><h1>Module</h1><script type="module">
      import { init, session, report, on, open } from '/sdk/v1/index.mjs';
      init({ key: '${playhead.key}', endpoint: '${playhead.url}', beforeSend: (out) => out.kind === 'event' && JSON.stringify(out.event).includes('drop-me') ? null : out });
      Object.assign(window, { session, report, on, open }); console.log('drop-me'); console.log('keep-me'); (function asks() { fetch('/api/asked'); })();</script></body></html>`,
  '/strict': () => ({
    headers: { 'content-security-policy': `default-src 'none'; script-src 'nonce-n1'; style-src 'nonce-n1'; connect-src ${playhead.url} 'self'; img-src 'self'` },
    body: `<!doctype html><html lang="en"><head><title>Strict</title>${script('nonce="n1" data-launcher')}</head><body><h1>Strict</h1></body></html>`,
  }),
};
const site = await startSite((url) => pages[url.pathname]?.(), (url, request, response) => {
  if (!url.pathname.startsWith('/api/') && url.pathname !== '/report.csv') return false;
  request.resume();
  if (url.pathname === '/api/stream') response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n');
  else response.writeHead(url.pathname === '/api/save' ? 500 : 200, { 'content-type': 'application/json' }).end('{"ok":true,"token":"SECRET-answer"}');
  return true;
});
const browser = await startBrowser();

/** A browser profile of its own: a session of its own. */
async function visit(path, from = browser) {
  const context = await from.newContext();
  const page = await context.newPage();
  if (process.env.DEBUG) { page.on('console', (m) => console.log('  console:', m.text())); page.on('pageerror', (e) => console.log('  pageerror:', e.stack)); }
  page.setDefaultTimeout(15_000);
  await page.goto(site.url + path);
  const session = await page.evaluate(() => (window.Playhead?.session ?? window.session)());
  return { context, page, id: session?.id, window: session?.window };
}
const arrives = (page, title) => page.waitForFunction((wanted) => document.title === wanted && document.readyState === 'complete' && window.Playhead?.session(), title);
const flush = (page) => page.evaluate(() => window.Playhead.flush());
const customs = (id, tag) => playhead.events(id).filter(({ type, data }) => type === 5 && data.tag === tag).map(({ data }) => data.payload);
const requests = (id, part) => playhead.events(id).filter(({ type, data }) => type === 6 && data.plugin === 'rrweb/network@1').flatMap(({ data }) => data.payload.requests).filter(({ name }) => name.includes(part));
const lines = (id) => playhead.events(id).filter(({ type, data }) => type === 6 && data.plugin === 'rrweb/console@1').map(({ data }) => data.payload);
const everything = (id) => JSON.stringify(playhead.events(id));

const checks = {
  async 'a visit becomes a transcript'() {
    const { page, id } = await visit('/shop');
    await page.click('#save');
    await page.getByText('saved 500').waitFor();
    await until(async () => (await page.evaluate(() => performance.getEntriesByName(`${location.origin}/api/later`).length)) > 0, 'the second request');
    await sleep(100);
    await page.click('#two');
    await arrives(page, 'Second');
    await page.evaluate(() => window.Playhead.stop());
    const text = await playhead.transcript(id);
    for (const part of ['click button "Save"', 'POST /api/save?token=[redacted] 500', '"saved 500" appeared', 'console error: failed Error: outer', 'caused by TypeError: inner', 'uncaught error: Uncaught ReferenceError', 'click link "second"', '/second']) {
      assert.ok(text.includes(part), `the transcript lacks ${part}:\n${text}`);
    }
    const [save] = requests(id, '/api/save');
    assert.equal(save.playhead.action.via, 'event');
    assert.match(save.playhead.stack[0], /save\.onclick/);
    assert.equal(save.requestHeaders['x-request-id'], 'r-7');
    assert.equal(save.requestHeaders.authorization, undefined);
    const [later] = requests(id, '/api/later');
    assert.deepEqual([later.playhead.action.via, later.playhead.action.id], ['timer', save.playhead.action.id]);
    assert.match(later.playhead.stack[0], /later/);
    assert.doesNotMatch(everything(id), /playhead\.js:\d/, 'frames of the SDK');
    assert.equal(customs(id, '$playhead.page')[0].release, '3.1.4');
    assert.deepEqual(customs(id, '$playhead.navigation').map(({ type }) => type), ['typed', 'link']);
    assert.equal(customs(id, '$playhead.page_end').length, 1);
    assert.ok(playhead.events(id).some(({ type, data }) => type === 5 && data.tag === 'web-vital' && data.payload.name === 'LCP'));
  },
  async 'a request that follows from a message is no certain doing of the user'() {
    const { page, id } = await visit('/messages');
    await page.click('#go');
    await page.waitForFunction(() => document.title === 'Done');
    await sleep(1000);
    await page.evaluate(() => window.Playhead.stop());
    const via = (part) => new Set(requests(id, part).map((request) => request.playhead.action?.via));
    assert.deepEqual([via('/api/asked'), via('/api/after')], [new Set(['event']), new Set(['answer'])]);
    for (const part of ['by-port', 'by-window', 'nobody']) assert.deepEqual(via(`/api/${part}`), new Set([undefined]), part);
  },
  async 'what rrweb cannot tell'() {
    const { page, id, context } = await visit('/shop');
    const box = await page.locator('#off').boundingBox();
    await page.mouse.click(box.x + 5, box.y + 5);
    await page.click('text=Menu');
    await page.keyboard.press('Escape');
    await page.click('#nick');
    await page.keyboard.type('hello');
    await page.keyboard.press('Tab');
    await page.fill('#again', 'hello');
    await page.keyboard.press('Control+s');
    await Promise.all([page.waitForEvent('download'), page.click('#file')]);
    await Promise.all([context.waitForEvent('page'), page.click('#tab')]);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#files')]);
    await chooser.setFiles({ name: 'SECRET-file.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
    await page.evaluate(() => { dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint')); });
    await sleep(200);
    await flush(page);
    assert.equal(customs(id, '$playhead.disabled_click').length, 1);
    assert.deepEqual(customs(id, '$playhead.popover').map(({ state }) => state), ['open', 'closed']);
    assert.deepEqual(customs(id, '$playhead.key').map(({ key, modifiers }) => [...(modifiers ?? []), key].join('+')), ['Escape', 'Tab', 'Control+s']);
    assert.equal(customs(id, '$playhead.download')[0].extension, 'csv');
    assert.equal(customs(id, '$playhead.new_tab')[0].by, 'link');
    assert.deepEqual(customs(id, '$playhead.file_chooser').map(({ state }) => state), ['opened', 'chosen']);
    assert.deepEqual(customs(id, '$playhead.print').map(({ state }) => state), ['open', 'closed']);
    const same = customs(id, '$playhead.value').map((value) => value.same);
    assert.ok(same.length === 2 && same[0] === same[1], 'equal values have equal pseudonyms');
    assert.doesNotMatch(everything(id), /SECRET|hello/);
  },
  async 'what is private stays in the page'() {
    const { page, id } = await visit('/form');
    await page.fill('#name', 'SECRET-name');
    await page.fill('#pass', 'SECRET-pass');
    await page.evaluate(() => { document.querySelector('#pass').type = 'text'; });
    await page.fill('#pass', 'SECRET-pass2');
    await page.fill('#card', '4111 1111 1111 1111');
    await page.fill('#shown', 'public');
    await page.fill('#area', 'SECRET-typed');
    await page.fill('#inside', 'SECRET-inside');
    await page.fill('#ignored', 'SECRET-ignored');
    await page.click('#edit');
    await page.keyboard.type('SECRET-edited');
    await page.selectOption('#choice', 'SECRET-choice');
    await sleep(200);
    await flush(page);
    const text = everything(id).replace('"value":"SECRET-choice"', '');
    assert.doesNotMatch(text, /SECRET|4111/);
    assert.match(text, /public/);
    const inputs = playhead.events(id).filter(({ type, data }) => type === 3 && data.source === 5);
    assert.ok(inputs.length >= 6 && inputs.every(({ data }) => data.id > 0));
    assert.ok(inputs.some(({ data }) => data.text === '*'.repeat(11)), 'the length of an ordinary value');
  },
  async 'requests of every kind'() {
    const { page, id } = await visit('/requests');
    await until(async () => { await flush(page); return customs(id, '$playhead.socket').length >= 4; }, 'sockets');
    const [xhr] = requests(id, '/api/xhr');
    assert.deepEqual([xhr.method, xhr.status, xhr.initiatorType, xhr.requestBody], ['POST', 200, 'xmlhttprequest', 'user=anna&password=[redacted]']);
    assert.equal(xhr.responseBody, '{"ok":true,"token":"[redacted]"}');
    assert.equal(requests(id, '/api/beacon')[0].initiatorType, 'beacon');
    assert.equal(requests(id, '/api/stream')[0].status, 200);
    assert.match(requests(id, ':9/refused')[0].playhead.error, /TypeError/);
    const states = customs(id, '$playhead.socket').map(({ kind, state }) => `${kind} ${state}`);
    for (const state of ['eventsource open', 'eventsource close', 'websocket error', 'websocket close']) assert.ok(states.includes(state), `${state} in ${states}`);
    assert.deepEqual(customs(id, '$url_changed').map(({ href, type }) => `${type} ${new URL(href).pathname}${new URL(href).search}${new URL(href).hash}`), ['pushState /requests?page=2&token=[redacted]', 'replaceState /requests?page=2&token=[redacted]#at']);
    assert.doesNotMatch(everything(id), /SECRET/);
    assert.equal(requests(id, '/v1/replays').length, 0, 'uploads are not recorded');
  },
  async 'buffer keeps the last seconds, and a report uploads them'() {
    const { page, id, context } = await visit('/buffer');
    await sleep(7000);
    assert.equal(playhead.uploads.filter((one) => one.replay === id).length, 0);
    // Hidden and shown again: what was saved for a next page is not taken twice.
    await page.evaluate(() => {
      for (const state of ['hidden', 'visible']) {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }
    });
    const from = Date.now();
    const { bugId } = await page.evaluate(() => window.Playhead.report({ title: 'It ticks', severity: 'high', tags: ['clock'] }));
    const events = playhead.events(id);
    assert.equal(new Set(events.map((event) => JSON.stringify(event))).size, events.length, 'each event once');
    const full = events.findIndex(({ type }) => type === 2);
    assert.ok(full >= 0 && full < 3, 'begins with a snapshot');
    assert.ok(from - events[0].timestamp > 1500 && from - events[0].timestamp < 8000, `${from - events[0].timestamp} ms are kept`);
    assert.match(await playhead.ask('get_bug_context', { bug_id: bugId }), /It ticks/);
    const text = await playhead.transcript(id);
    assert.match(text, /page load/);
    await page.reload();
    assert.equal((await page.evaluate(() => window.Playhead.session())).mode, 'session', 'the session goes on after a report');
    await context.close();
    const error = await visit('/buffer');
    await error.page.evaluate(() => { setTimeout(() => { throw new Error('broken'); }); });
    await until(() => playhead.events(error.id).length, 'the upload after an error');
    assert.ok(lines(error.id).some(({ payload }) => payload[0].includes('Uncaught Error: broken')));
  },
  async 'the buffer of the page before is kept over a navigation'() {
    const { page, id } = await visit('/buffer');
    await page.evaluate(() => console.log('on the first page'));
    await page.reload();
    await page.evaluate(() => window.Playhead.report({ title: 'After a reload' }));
    assert.ok(lines(id).some(({ payload }) => payload[0].includes('on the first page')));
    assert.deepEqual(customs(id, '$playhead.navigation').map(({ type }) => type), ['typed', 'reload']);
  },
  async 'recording pauses when nobody is there, and goes on with a snapshot'() {
    const { page, id } = await visit('/idle');
    await page.click('#go');
    await until(() => page.evaluate(() => window.paused), 'the pause');
    await page.evaluate(() => { console.log('unseen'); console.error('seen'); });
    await sleep(500);
    const back = Date.now();
    await page.click('#go');
    await flush(page);
    const events = playhead.events(id);
    const at = (tag) => events.findIndex(({ type, data }) => type === 5 && data.tag === tag);
    const [paused, resumed] = [at('recording paused'), at('recording resumed')];
    assert.ok(paused > 0 && resumed > paused);
    // The pointer that comes back may stand before the mark of what it resumes.
    const meanwhile = events.slice(paused + 1, resumed).filter(({ timestamp }) => timestamp < back);
    assert.deepEqual(meanwhile.map(({ type }) => type), [6], 'the error alone');
    assert.ok(events.slice(resumed).some(({ type }) => type === 2));
  },
  async 'more than a page may send when it ends goes with the next one'() {
    const { page, id } = await visit('/big');
    await page.evaluate(() => { location.href = '/second'; });
    await arrives(page, 'Second');
    await until(async () => { await flush(page); return playhead.events(id).some(({ type, data }) => type === 2 && JSON.stringify(data).length > 1e6); }, 'the snapshot of the large page');
  },
  async 'tabs share a session'() {
    const one = await visit('/second');
    const other = await one.context.newPage();
    await other.goto(`${site.url}/shop`);
    const second = await other.evaluate(() => window.Playhead.session());
    assert.equal(second.id, one.id);
    assert.notEqual(second.window, one.window);
    await Promise.all([flush(one.page), flush(other)]);
    assert.equal(new Set(playhead.events(one.id).map((event) => event.window)).size, 2);
    await other.goto(`${site.url}/second`);
    assert.equal((await other.evaluate(() => window.Playhead.session())).window, second.window, 'a tab keeps its window over loads');
    assert.ok(playhead.uploads.filter((upload) => upload.replay === one.id).every(({ status }) => status < 300));
  },
  async 'a page that comes back from the bfcache takes a snapshot'() {
    const other = await startBrowser({ bfcache: true });
    const { page, id } = await visit('/second', other);
    await page.evaluate(() => { window.mark = 1; });
    await page.goto(`${site.url}/form`);
    await page.evaluate(() => { history.back(); });
    await until(() => page.evaluate(() => document.title === 'Second' && window.Playhead?.session()).catch(() => false), 'the page');
    const isRestored = await page.evaluate(() => window.mark === 1);
    await sleep(200);
    await flush(page);
    await other.close();
    if (!isRestored) return 'the browser keeps no pages here; nothing was tested';
    const at = playhead.events(id).findIndex(({ type, data }) => type === 5 && data.tag === '$playhead.navigation' && data.payload.restored);
    assert.ok(at > 0 && playhead.events(id).slice(at).some(({ type }) => type === 2));
  },
  async 'a server that is away gets everything later'() {
    const { page, id } = await visit('/second');
    playhead.state.answer = () => 503;
    await page.evaluate(() => console.log('while it was away'));
    await flush(page);
    await page.goto(`${site.url}/form`);
    playhead.state.answer = undefined;
    await page.goto(`${site.url}/second`);
    await until(async () => { await flush(page); return lines(id).some(({ payload }) => payload[0].includes('while it was away')); }, 'the line');
  },
  async 'a module, beforeSend, and no upload after a refused key'() {
    const { page, id } = await visit('/bodyless');
    await page.evaluate(() => { window.stored = 0; window.on('upload', () => { window.stored += 1; }); });
    const { bugId } = await page.evaluate(() => window.report({ description: 'From a module', attachments: [{ name: 'a.txt', type: 'text/plain', data: new Blob(['x']) }] }));
    assert.match(bugId, /^[0-9A-Z]{26}$/);
    await until(() => page.evaluate(() => window.stored > 0), 'the event upload');
    assert.match(everything(id), /keep-me/);
    assert.match(requests(id, '/api/asked')[0].playhead.stack[0], /^asks /);
    assert.doesNotMatch(everything(id), /drop-me/);
  },
  async 'a strict policy'() {
    const { context, page, id } = await visit('/strict');
    const violations = [];
    page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) violations.push(message.text()); });
    await flush(page);
    assert.ok(playhead.events(id).some(({ type }) => type === 2));
    await page.getByRole('button', { name: 'Report a bug' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('SECRET-typed in the widget');
    await page.keyboard.press('Escape');
    await flush(page);
    assert.doesNotMatch(everything(id), /SECRET/);
    // The worker is tried and refused, which the browser says once.
    assert.deepEqual(violations.filter((text) => !/worker/i.test(text)), []);
    await context.close();
  },
  async 'sizes'() {
    for (const [name, max] of [['playhead.js', 32 << 10], ['playhead-widget.js', 25 << 10]]) {
      const bytes = gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
      assert.ok(bytes <= max, `${name} has ${bytes} bytes of gzip`);
    }
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (only.length && !only.some((part) => name.includes(part))) continue;
  try {
    const remark = await check();
    console.log(`ok   ${name}${remark ? ` (${remark})` : ''}`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL ${name}\n${error.stack ?? error}`);
  }
  playhead.state.answer = undefined;
  for (const context of browser.contexts()) await context.close().catch(() => {});
}
await browser.close();
site.close();
await playhead.stop();
process.exitCode = failed ? 1 : 0;
