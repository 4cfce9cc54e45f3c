import './page.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { createDeliver } from '../../src/deliver/deliver.ts';
import { compressNow } from '../../src/deliver/gzip.ts';
import { createOffline, type Segment } from '../../src/deliver/offline.ts';
import { createRing } from '../../src/deliver/ring.ts';
import { fakeDatabase } from './database.ts';

test('what is compressed at once is what any zlib reads', () => {
  for (const text of ['', 'a', '{"x":"é😀"}'.repeat(5000), JSON.stringify(Array.from({ length: 3000 }, (_, n) => ({ n, at: Math.imul(n, 2654435761) })))]) {
    assert.equal(inflateSync(compressNow(text)).toString(), text);
  }
});

test('the ring keeps whole stretches of the last seconds', () => {
  const ring = createRing(1000);
  for (const [line, at, begins] of [['a', 0, true], ['b', 400, false], ['c', 500, true], ['d', 900, false], ['e', 1300, true]] as const) ring.push(line, at, begins);
  assert.deepEqual(ring.save(100), [1300, ['a', 'b', 'c', 'd', 'e']]);
  ring.push('f', 1500, false);
  assert.deepEqual(ring.take(), ['c', 'd', 'e', 'f'], 'a stretch goes when all of it is too old');
  assert.deepEqual(ring.take(), []);
});

test('the ring is bounded, and asks for a snapshot when a stretch is long', () => {
  const ring = createRing(1e9);
  const big = 'x'.repeat(3_000_000);
  assert.equal(ring.push(big, 0, true), false);
  assert.equal(ring.push(big, 1, false), true);
  ring.push(big, 2, true);
  assert.deepEqual(ring.take().length, 1, 'the oldest stretch went');
});

test('the ring takes over what the page before kept, unless it is old', () => {
  const ring = createRing(1000);
  ring.push('new', 2000, true);
  ring.restore([1900, ['old']], 2000);
  ring.restore([500, ['too old']], 2000);
  assert.deepEqual(ring.take(), ['old', 'new']);
  ring.push('x'.repeat(50), 0, true);
  ring.push('y', 1, true);
  assert.deepEqual(ring.save(10), [1, ['y']], 'the newest that fits');
});

const segment = (n: number, bytes = 1): Segment => ({ session: 's', window: 'w', n, at: 1000 + n, gzip: new Uint8Array(bytes).fill(n) });

test('the rest of a page is kept within bounds, and what found no room is counted once', () => {
  const offline = createOffline('test');
  offline.putNow([segment(1, 10)]);
  offline.putNow([segment(2, 20)]);
  const [rest, lost] = offline.takeNow();
  assert.deepEqual([rest.map(({ n, gzip }) => [n, gzip.length, gzip[0]]), lost], [[[1, 10, 1], [2, 20, 2]], 0]);
  assert.deepEqual(offline.takeNow(), [[], 0]);
  offline.putNow([segment(1, 400_000), segment(2, 400_000)]);
  offline.putNow([segment(3, 400_000)]);
  const [newest, gone] = createOffline('test').takeNow();
  assert.deepEqual([newest.map(({ n }) => n), gone], [[3], 2], 'the oldest went, and a next page knows how many');
  assert.deepEqual(offline.takeNow(), [[], 0]);
});

test('a page that is hidden and then closed keeps each segment once', () => {
  const offline = createOffline('test');
  offline.putNow([segment(1, 300_000), segment(2, 300_000)]);
  offline.putNow([segment(1, 300_000), segment(2, 300_000)]);
  const [rest, lost] = offline.takeNow();
  assert.deepEqual([rest.map(({ n }) => n), lost], [[1, 2], 0]);
});

test('what web storage does not take is lost with the page, unless the page is shown again', () => {
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (name: string, value: string) {
    if (value.length > 100) throw new DOMException('full', 'QuotaExceededError');
    setItem.call(this, name, value);
  };
  try {
    const offline = createOffline('test');
    offline.putNow([segment(1, 200), segment(2, 200)]);
    assert.equal(localStorage.getItem('playhead.lost'), '2', 'what a next page tells');
    const [rest, lost] = offline.takeNow();
    assert.deepEqual([rest.map(({ n }) => n), lost], [[1, 2], 0], 'what this page sends when it is shown again');
  } finally {
    Storage.prototype.setItem = setItem;
  }
});

test('a full store gives its oldest segment for a new one, and none for one that it has', async () => {
  const given = globalThis.indexedDB;
  try {
    globalThis.indexedDB = fakeDatabase() as any;
    const offline = createOffline('test');
    for (let n = 0; n < 200; n++) assert.equal(await offline.put(segment(n)), true);
    const kept = async () => (await offline.earlier('w')).map(({ n }) => n);
    assert.equal(await offline.put(segment(150)), true, 'it replaces itself');
    assert.deepEqual([(await kept()).length, (await kept())[0]], [200, 0]);
    assert.equal(await offline.put(segment(200)), false, 'the oldest went');
    assert.deepEqual([(await kept()).length, (await kept())[0]], [200, 1]);
    globalThis.indexedDB = { open: () => { throw new Error('forbidden'); } } as any;
    assert.equal(await createOffline('test').put(segment(1)), undefined, 'nothing is kept');
  } finally {
    globalThis.indexedDB = given;
  }
});

test('the next page tells how much the one before could not keep', async () => {
  createOffline('playhead').putNow([segment(1, 700_000), segment(2, 700_000)]);
  const told = await new Promise((resolve) => {
    const session = { id: 's', window: 'w', mode: 'off', next: 0, change() {}, takeNumber: () => 0 };
    createDeliver(session as any, {
      endpoint: 'https://playhead.test', key: 'phk_1', bufferMs: 0, flushMs: 0, checkout() {}, onStored() {}, onFull() {},
      onDrop: (reason, count) => resolve([reason, count]),
    }).start();
  });
  assert.deepEqual(told, ['no room for what a page could not send when it ended', 1]);
});
