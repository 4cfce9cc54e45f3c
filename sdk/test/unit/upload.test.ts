import { dom } from './page.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '../../src/deliver/offline.ts';

const calls: { url: string; init: RequestInit }[] = [];
let answers: (number | 'fail')[] = [];
(dom.window as any).fetch = async (url: string, init: RequestInit) => {
  calls.push({ url, init });
  const answer = answers.shift() ?? 202;
  if (answer === 'fail') throw new TypeError('Failed to fetch');
  return new Response('{}', { status: answer });
};
// Retries wait for nothing here.
(dom.window as any).setTimeout = (work: () => void) => { queueMicrotask(work); return 1; };
// The module takes the browser's functions when it is loaded.
const { createUpload } = await import('../../src/deliver/upload.ts');

function upload(put: () => boolean | undefined = () => true) {
  const [stored, dropped, kept]: [number[], string[], number[]] = [[], [], []];
  let full = 0;
  const made = createUpload({
    endpoint: 'https://playhead.test', key: 'phk_1',
    offline: { put: async (s: Segment) => { kept.push(s.n); return put(); }, remove: async () => undefined } as any,
    renumber: () => 90, onFull: () => { full += 1; }, onStored: (s) => stored.push(s.n), onDrop: (reason) => dropped.push(reason),
  });
  return { made, stored, dropped, kept, full: () => full };
}
const segment = (n: number, bytes = 10, final = false): Segment => ({ session: 'abc', window: 'w1', n, at: 0, gzip: new Uint8Array(bytes), ...(final ? { final } : {}) });

test('what becomes of a segment by the answer', async () => {
  for (const [said, want] of [
    [[202], { stored: [1], dropped: 0, calls: 1, kept: 0 }],
    [[503, 429, 'fail', 202], { stored: [1], dropped: 0, calls: 4, kept: 3 }],
    [[409, 202], { stored: [90], dropped: 0, calls: 2, kept: 0 }],
    [[400], { stored: [], dropped: 1, calls: 1, kept: 0 }],
    [[413], { stored: [], dropped: 1, calls: 1, kept: 0, full: 1 }],
  ] as const) {
    calls.length = 0;
    answers = [...said];
    const { made, stored, dropped, kept, full } = upload();
    made.send(segment(1));
    while (answers.length || !(stored.length || dropped.length)) await new Promise((done) => setImmediate(done));
    await made.settled();
    assert.deepEqual({ stored, dropped: dropped.length, calls: calls.length, kept: kept.length, ...(full() ? { full: full() } : {}) }, want, String(said));
  }
});

test('a refused key ends all uploads of the page', async () => {
  calls.length = 0;
  answers = [403];
  const { made, dropped } = upload();
  made.send(segment(1));
  await made.settled();
  made.send(segment(2));
  await made.settled();
  assert.deepEqual([calls.length, dropped.length, made.isRefused], [1, 1, true]);
});

test('a request is one that needs no preflight', async () => {
  calls.length = 0;
  answers = [];
  const { made } = upload();
  made.send(segment(3));
  made.send(segment(4, 0, true));
  made.send(segment(5, 70_000));
  await made.settled();
  const [first, last, large] = calls;
  assert.equal(first!.url, 'https://playhead.test/v1/replays/abc/segments/3?key=phk_1&window=w1');
  assert.ok(first!.init.body instanceof FormData && first!.init.keepalive && !first!.init.headers);
  assert.ok(last!.url.endsWith('&final=1') && last!.init.body === undefined);
  assert.equal(large!.init.keepalive, false, 'more than a page may have in flight');
});

test('a segment that goes for another one is told, and one that waits here still is not', async () => {
  for (const [put, drops] of [[true, 0], [false, 1], [undefined, 0]] as const) {
    answers = [503, 202];
    const { made, stored, dropped } = upload(() => put);
    made.send(segment(1));
    while (!stored.length) await new Promise((done) => setImmediate(done));
    assert.equal(dropped.length, drops, String(put));
  }
});

test('what waits too long is told when it can not be kept', async () => {
  for (const [put, drops] of [[true, 0], [false, 1], [undefined, 1]] as const) {
    answers = [];
    const { made, dropped } = upload(() => put);
    for (let n = 0; n < 61; n++) made.send(segment(n));
    await made.settled();
    assert.equal(dropped.length, drops, String(put));
  }
});
