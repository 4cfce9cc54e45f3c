// The recorder: a Chromium, the demo shop, rrweb in every page, and a driver that moves like a person and writes down what it did.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startShop } from '../shop/server.mjs';
import { Sink } from './sink.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const umd = (path) => readFileSync(join(modules, path), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
const version = (name) => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
const DESCRIBE = readFileSync(join(here, 'describe.js'), 'utf8').replace(/^\/\/.*\n/, '').trim().replace(/;$/, '');
export const ORIGIN = 'http://shop.test';
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function findChromium() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));
  if (!found) throw new Error('no Chromium: install it (apt-get install chromium) or set CHROMIUM');
  return found;
}

/** A small seeded generator: two recordings of a case pause and move alike. */
function seeded(text) {
  let s = [...text].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619), 2166136261) >>> 0;
  return () => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return s / 4294967296; };
}

const ROLES = { image: 'img', LabelText: undefined, StaticText: undefined, none: undefined, TextField: 'textbox' };

export class Session {
  constructor(name, spec) {
    Object.assign(this, { name, spec, random: seeded(name), truth: [], events: [], console: [], pages: [], n: 0, requests: [], pending: [] });
  }

  async start() {
    const { spec } = this;
    this.sink = spec.sdk ? new Sink() : null;
    this.shop = await startShop(0, this.sink ? { sdk: { key: 'phk_recorder', endpoint: ORIGIN, launcher: false, options: spec.sdk }, also: this.sink.answer } : {});
    this.browser = await chromium.launch({
      executablePath: findChromium(), headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--no-proxy-server', `--host-resolver-rules=MAP shop.test:80 127.0.0.1:${this.shop.port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`],
    });
    this.scratch = mkdtempSync(join(tmpdir(), 'playhead-rec-'));
    this.har = join(this.scratch, 'network.har');
    this.context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/London',
      ...spec.context, recordHar: { path: this.har, content: 'embed', mode: 'full' },
    });
    await this.context.addCookies([{ name: 'kp_consent', value: 'all', url: ORIGIN }, { name: 'kp_visitor', value: 'v.1730.4021', url: ORIGIN }]);
    const options = { rrweb: spec.rrweb ?? {}, consolePlugin: spec.consolePlugin, networkPlugin: spec.networkPlugin, urlChanged: spec.urlChanged };
    const inject = readFileSync(join(here, 'inject.js'), 'utf8').replace(/RECORDER_OPTIONS\);\s*$/, `${JSON.stringify(options)});`);
    // Guarded as a whole: frames inside the page are recorded by the page's own recorder.
    // With the SDK in its pages, the shop records itself.
    if (!spec.sdk) await this.context.addInitScript({ content: `if (window === window.top && location.protocol !== 'about:') {\n${umd('rrweb/dist/rrweb.umd.min.cjs')};\n${umd('@rrweb/rrweb-plugin-console-record/dist/rrweb-plugin-console-record.umd.min.cjs')};\n${umd('@rrweb/rrweb-plugin-network-record/dist/rrweb-plugin-network-record.umd.min.cjs')};\n${inject}\n}\n//# sourceURL=${ORIGIN}/recorder.js` });
    this.context.setDefaultTimeout(20000);
    this.watchNetwork();
    this.context.on('page', (page) => this.pending.push(this.adopt(page)));
    this.page = await this.context.newPage();
    await this.settle();
    this.t0 = Date.now();
  }

  async settle() { while (this.pending.length) await this.pending.shift(); }

  windowOf(page) { return this.spec.windowIds?.[this.pages.indexOf(page)]; }

  /** Attaches to a page: events, console and exceptions come through the devtools protocol, with the browser's own times. */
  async adopt(page) {
    this.pages.push(page);
    page.mouseAt = [640, 300];
    const cdp = page.cdp = await this.context.newCDPSession(page);
    const windowId = this.windowOf(page);
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name !== '__recorderSend') return;
      const event = JSON.parse(payload);
      this.events.push(windowId ? { ...event, windowId } : event);
    });
    // What records wraps console.*.
    const frames = (trace) => (trace?.callFrames ?? []).filter((f) => f.url !== `${ORIGIN}/recorder.js` && !f.url.startsWith(`${ORIGIN}/sdk/v1/`));
    const stack = (trace) => frames(trace).map((f) => `    at ${f.functionName || '<anonymous>'} (${f.url}:${f.lineNumber + 1}:${f.columnNumber + 1})`);
    cdp.on('Runtime.consoleAPICalled', ({ type, args, timestamp, stackTrace }) => {
      const level = { warning: 'warn', assert: 'error' }[type] ?? type;
      const message = args.map(argumentText).join(' ');
      const [frame] = frames(stackTrace);
      const entry = { timestamp: Math.round(timestamp), level, kind: 'console', message };
      if (frame) Object.assign(entry, { url: frame.url, line: frame.lineNumber + 1, column: frame.columnNumber + 1 });
      if (frame && /^(error|warn)$/.test(level)) entry.stack = stack(stackTrace).join('\n');
      this.console.push(entry);
      if (level === 'error') this.observed({ t: entry.timestamp, kind: 'console_error', text: message, ...(frame ? { url: frame.url } : {}) }, page);
    });
    cdp.on('Runtime.exceptionThrown', ({ timestamp, exceptionDetails: d }) => {
      const text = d.exception?.description ?? d.text;
      const [message] = text.split('\n');
      this.console.push({ timestamp: Math.round(timestamp), level: 'error', kind: 'exception', message, url: d.url ?? d.stackTrace?.callFrames?.[0]?.url, line: d.lineNumber + 1, column: d.columnNumber + 1, stack: text });
      const [, name, rest] = /^(\w*Error): (.*)$/.exec(message) ?? [null, 'Error', message];
      this.observed({ t: Math.round(timestamp), kind: 'page_error', name, message: rest }, page);
    });
    cdp.on('Log.entryAdded', ({ entry: e }) => {
      const level = { warning: 'warn', verbose: 'debug' }[e.level] ?? e.level;
      this.console.push({ timestamp: Math.round(e.timestamp), level, kind: 'console', message: e.text, ...(e.url ? { url: e.url, line: e.lineNumber ?? 0, column: 0 } : {}) });
      if (level === 'error') this.observed({ t: Math.round(e.timestamp), kind: 'console_error', text: e.text, ...(e.url ? { url: e.url } : {}) }, page);
    });
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame() || frame.url() === 'about:blank') return;
      this.observed({ t: Date.now(), kind: 'navigated', url: frame.url() }, page);
    });
    await cdp.send('Runtime.addBinding', { name: '__recorderSend' });
    await Promise.all([cdp.send('Runtime.enable'), cdp.send('Log.enable'), cdp.send('Accessibility.enable')]);
    // a window opened by the page has set out before anyone could listen
    const opened = await page.evaluate(() => (location.protocol === 'about:' ? null : { t: Math.round(performance.timeOrigin), url: location.href }));
    if (opened && !this.truth.some((l) => l.kind === 'navigated' && l.t >= opened.t && l.url === opened.url)) this.observed({ t: opened.t, kind: 'navigated', url: opened.url }, page);
  }

  observed(line, page) {
    const windowId = page && this.windowOf(page);
    this.truth.push({ source: 'observed', ...line, ...(windowId ? { windowId } : {}) });
  }

  watchNetwork() {
    const seen = (request, done) => {
      if (/\/v1\/replays\//.test(request.url())) return; // the recorder's own
      const t = request.timing(), start = Math.round(t.startTime > 0 ? t.startTime : Date.now());
      const end = t.startTime > 0 && t.responseEnd > 0 ? Math.round(t.startTime + t.responseEnd) : Date.now();
      let page; try { page = request.frame().page(); } catch { /* gone */ }
      done({ t: end, tStart: start }, { method: request.method(), url: request.url(), resource: request.resourceType() }, page);
    };
    this.context.on('request', (r) => /\/v1\/replays\//.test(r.url()) || this.requests.push({ t: Date.now(), url: r.url() }));
    this.context.on('requestfinished', async (request) => {
      const response = await request.response().catch(() => null);
      if (!response) return;
      seen(request, (time, what, page) => {
        if (response.status() >= 400) this.observed({ ...time, kind: 'http_error', ...what, status: response.status() }, page);
        else if (time.t - time.tStart > 2000) this.observed({ ...time, kind: 'slow_request', ...what, status: response.status(), ms: time.t - time.tStart }, page);
      });
    });
    this.context.on('requestfailed', (request) => seen(request, (time, what, page) => this.observed({ ...time, kind: 'request_failed', ...what, error: request.failure()?.errorText }, page)));
  }

  // ---- the driver -------------------------------------------------------------------------------------------------

  between(lo, hi) { return lo + this.random() * (hi - lo); }
  async think(lo = 700, hi = 1500) { await sleep(this.between(lo, hi)); }

  async describe(locator) {
    const page = this.page;
    const out = await locator.evaluate(new Function(`return (${DESCRIBE})`)());
    const { result } = await page.cdp.send('Runtime.evaluate', { expression: 'window.__recorderTarget' });
    const { nodes } = await page.cdp.send('Accessibility.getPartialAXTree', { objectId: result.objectId, fetchRelatives: false });
    const node = nodes?.[0];
    const given = node?.role?.value, role = given in ROLES ? ROLES[given] : given;
    const name = node?.name?.value?.replace(/\s+/g, ' ').trim();
    return { ...(role ? { role } : {}), ...(name ? { name } : {}), ...out };
  }

  line(kind, t, rest) {
    const windowId = this.windowOf(this.page);
    const line = { source: 'script', n: ++this.n, t, tEnd: Date.now(), kind, ...rest, url: this.page.url(), ...(windowId ? { windowId } : {}) };
    this.truth.push(line);
    return line;
  }

  async rect(locator) {
    await locator.waitFor({ state: 'visible', timeout: 20000 });
    const box = await locator.boundingBox();
    if (!box) throw new Error(`${this.name}: nothing to point at: ${locator}`);
    return box;
  }

  async moveTo(x, y) {
    const [fx, fy] = this.page.mouseAt, far = Math.hypot(x - fx, y - fy);
    const steps = Math.max(4, Math.min(22, Math.round(far / 32)));
    const bend = this.between(-0.12, 0.12) * far;
    for (let i = 1; i <= steps; i++) {
      const s = i / steps, e = s * s * (3 - 2 * s), arc = Math.sin(Math.PI * e) * bend;
      await this.page.mouse.move(fx + (x - fx) * e - (arc * (y - fy)) / (far || 1), fy + (y - fy) * e + (arc * (x - fx)) / (far || 1));
      await sleep(12);
    }
    this.page.mouseAt = [x, y];
  }

  /** Brings an element into view with the wheel (or a finger), as a person would. */
  async show(locator) {
    await locator.waitFor({ state: 'visible', timeout: 20000 });
    if (await locator.evaluate((e) => Boolean(e.closest('header')))) return; // always in view
    for (let tries = 0; tries < 14; tries++) {
      const box = await locator.boundingBox(), height = this.page.viewportSize().height, mid = box.y + box.height / 2;
      if (box.y >= 70 && box.y + box.height <= height - 8) return;
      if (box.height > height - 90 && mid > 80 && mid < height) return;
      const before = await this.page.evaluate(() => scrollY);
      await this.scroll(mid - height / 2);
      if (await this.page.evaluate(() => scrollY) === before) return;
    }
  }

  async scroll(dy) {
    const page = this.page, t = Date.now(), was = await page.evaluate(() => scrollY);
    if (this.spec.context?.hasTouch) {
      // a finger along the right edge, away from anything that wants the touch itself
      const { width, height } = page.viewportSize(), far = Math.max(-height * 0.45, Math.min(height * 0.45, dy));
      const from = dy > 0 ? height * 0.8 : height * 0.35, touch = (type, y) => page.cdp.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: width - 14, y: Math.round(y), id: 1 }] });
      await touch('touchStart', from);
      for (let i = 1; i <= 14; i++) { await touch('touchMove', from - (far * i) / 14); await sleep(18); }
      await sleep(150);
      await touch('touchEnd');
    } else {
      const steps = Math.max(1, Math.ceil(Math.abs(dy) / 110));
      for (let i = 0; i < steps; i++) { await page.mouse.wheel(0, dy / steps); await sleep(45); }
    }
    // the browser scrolls smoothly: wait until it has come to rest
    let last = NaN, now;
    for (let i = 0; i < 60 && (now = await page.evaluate(() => scrollY)) !== last; i++) { last = now; await sleep(90); }
    if (now !== was) this.line('scroll', t, { dx: 0, dy: Math.round(dy), windowScroll: [0, Math.round(now)] });
  }

  async aim(locator, at = [0.5, 0.5]) {
    await this.show(locator);
    const box = await this.rect(locator);
    const x = Math.round(box.x + box.width * at[0]), y = Math.round(box.y + box.height * at[1]);
    if (!this.spec.context?.hasTouch) await this.moveTo(x, y);
    const target = await this.describe(locator);
    const hit = await this.page.evaluate(([x, y]) => {
      const wanted = window.__recorderTarget;
      let root = document, found = null;
      for (let i = 0; i < 9 && root; i++) {
        found = root.elementFromPoint(x, y);
        if (found === wanted || wanted.contains(found)) return true;
        if (found?.tagName === 'IFRAME') { const b = found.getBoundingClientRect(); x -= b.x + found.clientLeft; y -= b.y + found.clientTop; root = found.contentDocument; } else root = found?.shadowRoot;
      }
      return found?.outerHTML.slice(0, 90) ?? 'nothing';
    }, [x, y]);
    if (hit !== true) throw new Error(`${this.name}: ${target.selector} is covered at ${x},${y} by ${hit}`);
    return { x, y, target };
  }

  async press(button = 'left', clickCount = 1) {
    await this.page.mouse.down({ button, clickCount });
    await sleep(this.between(40, 80));
    await this.page.mouse.up({ button, clickCount });
  }

  async click(locator, { kind = 'click', note, trouble, at, until, extra } = {}) {
    const { x, y, target } = await this.aim(locator, at);
    const t = Date.now();
    if (this.spec.context?.hasTouch) {
      kind = kind === 'click' ? 'tap' : kind;
      await this.page.touchscreen.tap(x, y);
    } else await this.press();
    const line = this.line(kind, t, { target, x, y, ...(note ? { note } : {}), ...(trouble ? { trouble } : {}), ...extra });
    if (until) await until();
    line.url = this.page.url();
    await this.think();
    return line;
  }

  /** A click that does nothing: waits long enough for that to be certain. */
  async deadClick(locator, more = {}) {
    const line = await this.click(locator, { kind: 'dead_click', trouble: 'dead_click', ...more });
    line.deadVerified = true; // corrected by finish() when something followed
    await sleep(Math.max(0, 3200 - (Date.now() - line.t)));
    return line;
  }

  async rageClick(locator, clicks = 5, more = {}) {
    const { x, y, target } = await this.aim(locator);
    const t = Date.now();
    for (let i = 0; i < clicks; i++) { await this.press('left', i + 1); await sleep(this.between(70, 120)); }
    this.line('rage_click', t, { target, x, y, clicks, trouble: 'rage_click', ...more });
    await this.think();
  }

  async dblclick(locator, more = {}) {
    const { x, y, target } = await this.aim(locator);
    const t = Date.now();
    await this.press('left', 1); await sleep(60); await this.press('left', 2);
    this.line('dblclick', t, { target, x, y, ...more });
    await this.think();
  }

  async contextMenu(locator, more = {}) {
    const { x, y, target } = await this.aim(locator);
    const t = Date.now();
    await this.press('right');
    this.line('contextmenu', t, { target, x, y, ...more });
    await this.page.keyboard.press('Escape');
    await this.think();
  }

  /** Clicks into a field, clears what is there and types. */
  async type(locator, text, more = {}) {
    const { x, y } = await this.aim(locator);
    const tClick = Date.now();
    if (this.spec.context?.hasTouch) await this.page.touchscreen.tap(x, y); else await this.press();
    const target = await this.describe(locator);
    if (target.value || more.clear) { await this.page.keyboard.press('Control+a'); await this.page.keyboard.press('Backspace'); }
    await sleep(150);
    const t = Date.now();
    for (const c of text) { await this.page.keyboard.type(c); await sleep(this.between(35, 110)); }
    const valueAfter = await locator.evaluate((e) => e.value);
    const { clear, ...rest } = more;
    this.line('input', t, { target, tClick, typed: text, valueAfter, ...(target.attrs.type === 'password' ? { password: true } : {}), ...rest });
    await this.think(450, 1000);
  }

  async key(key, more = {}) {
    const active = this.page.locator(':focus').first();
    const target = (await active.count()) ? await this.describe(active) : undefined;
    const t = Date.now();
    await this.page.keyboard.press(key);
    const { until, ...rest } = more;
    const line = this.line('key', t, { ...(target ? { target } : {}), key, ...rest });
    if (until) await until();
    line.url = this.page.url();
    await this.think();
  }

  async select(locator, label, more = {}) {
    const { target } = await this.aim(locator);
    const t = Date.now();
    const value = await locator.selectOption({ label });
    this.line('select', t, { target, value, label: [label], ...more });
    await this.think();
  }

  async check(locator, more = {}) {
    const { x, y, target } = await this.aim(locator);
    const t = Date.now();
    if (this.spec.context?.hasTouch) await this.page.touchscreen.tap(x, y); else await this.press();
    const checked = await locator.isChecked();
    this.line('check', t, { target, x, y, checked, ...more });
    await this.think();
  }

  async drag(from, to, more = {}) {
    const { x, y, target } = await this.aim(from);
    const end = Array.isArray(to) ? [x + to[0], y + to[1]] : await this.rect(to).then((b) => [Math.round(b.x + b.width / 2), Math.round(b.y + b.height * (more.at ?? 0.5))]);
    const dropTarget = Array.isArray(to) ? undefined : await this.describe(to);
    const { at, ...rest } = more;
    const t = Date.now();
    await this.page.mouse.down();
    await sleep(120);
    for (let i = 1; i <= 14; i++) { await this.page.mouse.move(x + ((end[0] - x) * i) / 14, y + ((end[1] - y) * i) / 14); await sleep(30); }
    await sleep(120);
    await this.page.mouse.up();
    this.page.mouseAt = end;
    this.line('drag', t, { target, from: [x, y], to: end, ...(dropTarget ? { dropTarget } : {}), ...rest });
    await this.think();
  }

  async resize(width, height) {
    const t = Date.now();
    await this.page.setViewportSize({ width, height });
    await sleep(250);
    this.line('resize', t, { width, height });
    await this.think();
  }

  /** A page load by address, back or reload, counted as done when the page's own data has arrived. */
  async go(path, until) {
    const t = Date.now(), to = ORIGIN + path;
    await this.page.goto(to);
    if (until) await until();
    this.line('navigate', t, { to });
    await this.think();
  }
  async back(until) { const t = Date.now(); await this.page.goBack(); if (until) await until(); this.line('back', t, {}); await this.think(); }
  async reload(until) { const t = Date.now(); await this.page.reload(); if (until) await until(); this.line('reload', t, {}); await this.think(); }

  /** Turns to another window; the next actions are done there. */
  async turnTo(page) {
    await this.settle();
    this.page = page;
    await page.bringToFront();
    await this.think();
  }

  async screenshot() {
    const t = Date.now();
    // caret and animations are left alone: hiding them would put a style element into the recorded page
    this.shot = await this.page.screenshot({ caret: 'initial', animations: 'allow', scale: 'css', type: 'png' });
    const windowId = this.windowOf(this.page);
    this.truth.push({ source: 'harness', t, tEnd: Date.now(), kind: 'screenshot', file: 'screenshot.png', viewport: this.page.viewportSize(), url: this.page.url(), ...(windowId ? { windowId } : {}) });
    this.facts = await this.page.evaluate(() => ({ url: location.href, title: document.title, referrer: document.referrer, ua: navigator.userAgent, dpr: devicePixelRatio, language: navigator.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, width: innerWidth, height: innerHeight }));
    this.cookies = (await this.context.cookies()).map(({ name, value }) => ({ name, value }));
    await this.think();
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  async finish(folder) {
    await sleep(1200); // rrweb holds mouse positions for 500 ms
    await this.settle();
    const end = Date.now();
    for (const page of this.sink ? this.pages : []) await page.evaluate(() => window.Playhead.stop());
    await this.context.close();
    if (this.sink) this.events = this.sink.events(this.spec.windowIds);
    const browserVersion = this.browser.version();
    await this.browser.close();
    await this.shop.close();
    const har = tidyHar(JSON.parse(readFileSync(this.har, 'utf8')));
    // What the recorder itself asked for is no part of the shop.
    har.log.entries = har.log.entries.filter((e) => !/^blob:|\/(sdk\/v1|v1\/replays)\//.test(e.request.url));
    rmSync(this.scratch, { recursive: true });
    this.console.sort((a, b) => a.timestamp - b.timestamp);
    this.effects(end);
    this.truth.sort((a, b) => a.t - b.t);

    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const texts = { 'events.json': JSON.stringify(this.events) };
    if (this.spec.files !== false) {
      texts['console.json'] = JSON.stringify(this.console, null, 1);
      texts['network.har.json'] = JSON.stringify(har, null, 1);
    }
    const bytes = {};
    for (const [name, text] of Object.entries(texts)) {
      bytes[name] = Buffer.byteLength(text);
      const out = join(folder, `${name}.zst`);
      const done = spawnSync('zstd', ['-19', '-q', '-f', '-o', out], { input: text });
      if (done.status !== 0) throw new Error(`zstd: ${done.error ?? done.stderr}`);
    }
    if (this.shot) writeFileSync(join(folder, 'screenshot.png'), this.shot);
    writeFileSync(join(folder, 'truth.jsonl'), this.truth.map((l) => JSON.stringify(l) + '\n').join(''));
    const f = this.facts, report = this.spec.report;
    writeFileSync(join(folder, 'context.json'), JSON.stringify({
      title: report.title, description: report.description,
      reporter: { name: 'Maya Lindqvist', email: 'maya.lindqvist@example.com' },
      page: { url: f.url, title: f.title, referrer: f.referrer },
      system: {
        user_agent: f.ua, browser: `Chromium ${browserVersion}`, os: /Android ([\d.]+)/.test(f.ua) ? `Android ${/Android ([\d.]+)/.exec(f.ua)[1]}` : 'Linux x86_64',
        viewport: { width: f.width, height: f.height }, device_pixel_ratio: f.dpr, language: f.language, timezone: f.timezone,
      },
      metadata: { shop_version: '3.4.1', customer_id: 4021, ...report.metadata }, cookies: this.cookies, tags: report.tags, priority: report.priority,
    }, null, 2) + '\n');
    const count = (list, key) => list.reduce((o, x) => { const k = key(x); o[k] = (o[k] ?? 0) + 1; return o; }, {});
    const meta = {
      case: this.name, bug: this.spec.bug,
      ...(this.sink ? { sdk: this.spec.sdk } : {}),
      rrweb: this.sink ? null : { version: version('rrweb'), consolePlugin: this.spec.consolePlugin ? version('@rrweb/rrweb-plugin-console-record') : null, networkPlugin: this.spec.networkPlugin ? version('@rrweb/rrweb-plugin-network-record') : null, options: { recordAfter: 'DOMContentLoaded', ...this.spec.rrweb } },
      browser: { chromium: browserVersion, userAgent: f.ua }, viewport: this.spec.context?.viewport ?? { width: 1280, height: 800 }, mobile: Boolean(this.spec.context?.isMobile),
      ...(this.spec.windowIds ? { windowIds: this.spec.windowIds } : {}),
      startEpochMs: this.t0, endEpochMs: end, durationS: Math.round((end - this.t0) / 100) / 10,
      events: this.events.length, eventTypes: count(this.events, (e) => (e.type === 3 ? `3.${e.data.source}` : String(e.type))),
      bytes, actions: this.n, truthKinds: count(this.truth, (l) => `${l.source}:${l.kind}`), harEntries: har.log.entries.length, consoleMessages: this.console.length,
    };
    writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta, null, 1) + '\n');
    return meta;
  }

  async abort() {
    await this.browser?.close().catch(() => {});
    await this.shop?.close().catch(() => {});
    if (this.scratch) rmSync(this.scratch, { recursive: true, force: true });
  }

  /** What followed each action before the next one. */
  effects(end) {
    const script = this.truth.filter((l) => l.source === 'script').sort((a, b) => a.t - b.t);
    script.forEach((l, i) => {
      const to = script[i + 1]?.tClick ?? script[i + 1]?.t ?? end;
      const within = (t) => t >= l.t && t < to;
      const mine = this.events.filter((e) => within(e.timestamp));
      l.effect = {
        windowMs: to - l.t, mutationEvents: mine.filter((e) => e.type === 3 && [0, 8, 13, 15].includes(e.data.source)).length,
        fullSnapshots: mine.filter((e) => e.type === 2).length, requests: this.requests.filter((r) => within(r.t)).length,
        navigations: this.truth.filter((o) => o.kind === 'navigated' && within(o.t)).length,
      };
      if (l.kind === 'dead_click' && (l.effect.mutationEvents || l.effect.requests || l.effect.navigations)) l.deadVerified = 'mutations-only';
    });
  }
}

function argumentText(a) {
  if (a.type === 'string') return a.value;
  if (a.preview) {
    const item = (p) => (p.type === 'string' ? JSON.stringify(p.value) : p.value);
    return a.preview.subtype === 'array' ? `[${a.preview.properties.map(item).join(', ')}]` : `{${a.preview.properties.map((p) => `${p.name}: ${item(p)}`).join(', ')}}`;
  }
  return a.description ?? String(a.value ?? a.unserializableValue ?? a.type);
}

/** Keeps small JSON bodies alone, and puts the entries in order. */
function tidyHar(har) {
  for (const e of har.log.entries) {
    const c = e.response.content;
    if (c?.text && !(/json/.test(c.mimeType) && c.text.length < 8192 && c.encoding !== 'base64')) { delete c.text; delete c.encoding; }
    delete e._securityDetails;
    delete e._serverPort;
  }
  har.log.entries.sort((a, b) => a.startedDateTime.localeCompare(b.startedDateTime));
  return har;
}
