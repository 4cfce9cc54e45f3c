// node verify.mjs [--cases FOLDER] [CASE..]   reads recorded cases and says what is wrong with them; exit 1 if anything is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.mjs';

const args = process.argv.slice(2);
let root = join(dirname(fileURLToPath(import.meta.url)), '..', 'cases');
const at = args.indexOf('--cases');
if (at >= 0) root = resolve(args.splice(at, 2)[1]);
const names = args.length ? args : Object.keys(cases);

function zst(path) {
  const out = spawnSync('zstd', ['-dcq', path], { maxBuffer: 1 << 28 });
  if (out.status !== 0) throw new Error(`zstd -d ${path}: ${out.error ?? out.stderr}`);
  return JSON.parse(out.stdout.toString('utf8'));
}

// what each case must show beyond the common checks
const MUST = {
  'coupon-typeerror': ({ has, console, plugin }) => [
    [has('observed', 'page_error', (l) => l.name === 'TypeError' && /reading 'minimum'/.test(l.message)), 'page_error of the coupon'],
    [console.some((c) => c.kind === 'exception' && /checkMinimum[\s\S]*discountFor[\s\S]*applyCoupon[\s\S]*onCouponAnswer/.test(c.stack)), 'exception with its stack'],
    [plugin('rrweb/console@1').some((p) => p.level === 'error' && /Uncaught TypeError/.test(p.payload[0])), 'the error in the console plugin'],
    [has('script', 'input', (l) => l.valueAfter === 'SPRING25'), 'input SPRING25'], [has('script', 'click'), 'click'], [has('script', 'reload'), 'reload'],
  ],
  'checkout-500': ({ has, har, plugin }) => [
    [has('observed', 'http_error', (l) => l.status === 500 && l.url.endsWith('/api/checkout')), 'http_error 500'],
    [har.some((e) => e.response.status === 500 && /shipping_quote_failed/.test(e.response.content.text)), '500 with its body in the HAR'],
    [plugin('rrweb/network@1').some((p) => p.requests.some((r) => r.status === 500 && /shipping_quote_failed/.test(r.responseBody))), '500 with its body in the network plugin'],
  ],
  'dead-button': ({ has }) => [[has('script', 'dead_click', (l) => l.deadVerified === true), 'verified dead_click'], [has('script', 'rage_click', (l) => l.clicks >= 4), 'rage_click'], [has('script', 'back'), 'back']],
  'slow-search': ({ has, plugin, console }) => [[has('observed', 'slow_request', (l) => l.ms >= 2900), 'slow_request'], [plugin('rrweb/network@1').some((p) => p.requests.some((r) => r.duration > 2900)), 'slow request in the network plugin'], [console === null, 'no payload files'], [has('script', 'drag'), 'drag'], [has('script', 'resize'), 'resize']],
  'form-refuses': ({ has, of }) => [[of('script', 'click').filter((l) => l.trouble === 'validation').length >= 3, 'three refused clicks'], [has('script', 'input', (l) => l.valueAfter === 'SW1A 1AA'), 'input SW1A 1AA']],
  'image-404': ({ has, har, plugin }) => [[has('observed', 'http_error', (l) => l.status === 404 && l.resource === 'image'), 'image 404'], [har.some((e) => e.response.status === 404), '404 in the HAR'], [plugin('rrweb/network@1').some((p) => p.requests.some((r) => r.initiatorType === 'img' && r.status === 404)), '404 in the network plugin'], [has('script', 'contextmenu'), 'contextmenu']],
  clean: ({ has, of, events }) => [[!of('observed').some((l) => !['navigated'].includes(l.kind)), 'nothing observed but navigation'], [of('script', 'drag').length >= 2, 'two drags'], [events.some((e) => e.type === 5 && e.data.tag === '$url_changed'), '$url_changed'], [events.filter((e) => e.type === 2).length > events.filter((e) => e.type === 0).length, 'a checkout snapshot'], [has('script', 'select'), 'select'], [has('script', 'check', (l) => l.target.role === 'radio'), 'radio'], [has('script', 'click', (l) => l.target.shadow), 'shadow root'], [has('script', 'input', (l) => l.target.frame), 'iframe']],
  masked: ({ events, of }) => [
    [events.filter((e) => e.type === 3 && e.data.source === 5 && !['on', '', 'standard', 'express', 'saturday', 'email', 'phone'].includes(e.data.text)).every((e) => /^\*+$/.test(e.data.text)), 'only stars in input events'],
    [!/Alder Row|7946|4242/.test(JSON.stringify(events)), 'no typed or masked text in the events'], [of('script', 'input').length > 8, 'inputs'],
  ],
  'mobile-touch': ({ has, events }) => [[has('script', 'tap'), 'tap'], [events.some((e) => e.type === 3 && e.data.source === 2 && e.data.type === 7), 'TouchStart'], [events.some((e) => e.type === 3 && e.data.source === 6), 'TouchMove'], [has('script', 'dead_click', (l) => l.deadVerified === true), 'verified dead tap']],
  'two-windows': ({ has, events, meta }) => [[meta.windowIds.every((w) => events.filter((e) => e.windowId === w).length > 20), 'events of both windows'], [events.every((e) => meta.windowIds.includes(e.windowId)), 'windowId everywhere'], [has('observed', 'http_error', (l) => l.status === 404 && l.resource === 'fetch'), 'http_error 404']],
};

let bad = 0;
for (const name of names) {
  const problems = [];
  try {
    const dir = join(root, name), read = (f) => JSON.parse(readFileSync(join(dir, f), 'utf8'));
    const events = zst(join(dir, 'events.json.zst')), meta = read('meta.json'), context = read('context.json');
    const console_ = existsSync(join(dir, 'console.json.zst')) ? zst(join(dir, 'console.json.zst')) : null;
    const har = existsSync(join(dir, 'network.har.json.zst')) ? zst(join(dir, 'network.har.json.zst')).log.entries : null;
    const truth = readFileSync(join(dir, 'truth.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l));
    const want = (ok, what) => { if (!ok) problems.push(what); };
    const of = (source, kind) => truth.filter((l) => l.source === source && (!kind || l.kind === kind));
    const has = (source, kind, f = () => true) => of(source, kind).some(f);
    const plugin = (id) => events.filter((e) => e.type === 6 && e.data.plugin === id).map((e) => e.data.payload);

    const first = events.filter((e) => e.type > 1).slice(0, 2).map((e) => e.type).join();
    const isSdk = Boolean(meta.sdk), isMasked = /masked/.test(name) || (isSdk && meta.sdk.privacy?.maskInputs !== false);
    if (isSdk) want(events.some((e) => e.type === 4) && events.some((e) => e.type === 2), 'no Meta and FullSnapshot');
    else want(first === '4,2', `starts with event types ${first}, not Meta and FullSnapshot`);
    want(events.every((e) => Number.isInteger(e.timestamp) || e.timestamp > 1e12), 'an event without a time');
    want(isSdk || meta.rrweb.version.startsWith('2.2.'), `rrweb ${meta.rrweb?.version}`);
    if (isSdk) want(events.some((e) => e.type === 5 && e.data.tag === '$playhead.page'), 'no event of the SDK');
    want(meta.durationS >= 15 && meta.durationS <= 180, `duration ${meta.durationS} s`);
    want(context.title && context.page.url.startsWith('http://shop.test/') && context.system.viewport.width, 'context.json');
    want(readFileSync(join(dir, 'screenshot.png')).subarray(1, 4).toString() === 'PNG' && readFileSync(join(dir, 'screenshot.png')).length < 300_000, 'screenshot.png');
    const interactions = events.filter((e) => e.type === 3 && e.data.source === 2), inputs = events.filter((e) => e.type === 3 && e.data.source === 5);
    for (const l of of('script')) {
      const near = (list, f) => list.some((e) => f(e.data) && e.timestamp >= l.t - 60 && e.timestamp <= l.tEnd + 400);
      if (['click', 'dead_click', 'rage_click', 'check', 'tap'].includes(l.kind)) want(near(interactions, (d) => d.type === 2 && (l.target.frame || Math.abs(d.x - l.x) < 2)), `no click event for n=${l.n} ${l.kind} ${l.target.name ?? l.target.text}`);
      if (l.kind === 'dblclick') want(near(interactions, (d) => d.type === 4), `no double click event for n=${l.n}`);
      if (l.kind === 'contextmenu') want(near(interactions, (d) => d.type === 3), `no context menu event for n=${l.n}`);
      if (l.kind === 'input' && !l.password) want(near(inputs, (d) => (isMasked ? d.text.length === l.valueAfter.length || (isSdk && /^\*+$/.test(d.text)) : d.text === l.valueAfter)), `no input event with ${JSON.stringify(l.valueAfter)} for n=${l.n}`);
      if (l.kind === 'input') want(l.password ? near(inputs, (d) => /^\*+$/.test(d.text)) : l.valueAfter, `input n=${l.n}`);
      if (l.kind === 'select') want(near(inputs, (d) => isMasked || d.text === l.value[0]), `no input event for select n=${l.n}`);
      if (l.kind === 'scroll') want(events.some((e) => e.type === 3 && e.data.source === 3 && e.timestamp >= l.t && e.timestamp <= l.tEnd + 400), `no scroll event for n=${l.n}`);
      if (l.target && !/^(contextmenu|dead_click|dblclick|drag)$/.test(l.kind)) want(l.target.name && l.target.role && l.target.selector, `target of n=${l.n} ${l.kind} has no name or role`);
    }
    for (const [ok, what] of MUST[name]?.({ events, meta, console: console_, har, truth, of, has, plugin }) ?? []) want(ok, `missing: ${what}`);
  } catch (error) { problems.push(String(error.stack ?? error)); }
  console.log(`${problems.length ? 'BAD' : 'ok '} ${name}${problems.map((p) => `\n      ${p}`).join('')}`);
  bad += problems.length;
}
process.exit(bad ? 1 : 0);
