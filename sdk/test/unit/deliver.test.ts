import './page.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { compressNow } from '../../src/deliver/gzip.ts';
import { createOffline, type Segment } from '../../src/deliver/offline.ts';
import { createRing } from '../../src/deliver/ring.ts';

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

test('the rest of a page is kept within bounds', () => {
  const offline = createOffline('test');
  const segment = (n: number, bytes: number): Segment => ({ session: 's', window: 'w', n, at: n, gzip: new Uint8Array(bytes).fill(n) });
  assert.ok(offline.putNow([segment(1, 10)]));
  assert.ok(offline.putNow([segment(2, 20)]));
  assert.deepEqual(offline.takeNow().map(({ n, gzip }) => [n, gzip.length, gzip[0]]), [[1, 10, 1], [2, 20, 2]]);
  assert.deepEqual(offline.takeNow(), []);
  offline.putNow([segment(1, 400_000), segment(2, 400_000)]);
  assert.deepEqual(offline.takeNow().map(({ n }) => n), [2], 'the oldest went');
});
