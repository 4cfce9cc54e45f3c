import { element } from './page.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedact } from '../../src/privacy/redact.ts';
import { serializeArgs } from '../../src/record/serialize.ts';
import { errorText, frames } from '../../src/record/stack.ts';
import { patch, quietly, undoList } from '../../src/util.ts';

const one = (value: unknown) => JSON.parse(serializeArgs([value], createRedact())[0]!);

test('values of a console call are told without touching them', () => {
  const cycle: any = { n: 1 };
  cycle.self = cycle;
  let called = 0;
  const getter = { get it() { called += 1; return 1; }, toJSON() { called += 1; return 'x'; } };
  for (const [value, want] of [
    ['text', 'text'], [12n, '12n'], [undefined, 'undefined'], [NaN, 'NaN'], [null, null], [Symbol('s'), 'Symbol(s)'],
    [cycle, { n: 1, self: '[Circular]' }], [getter, { it: '(...)', toJSON: '[Function toJSON]' }],
    [{ password: 'p', apiKey: 'k', author: 'a' }, { password: '[redacted]', apiKey: '[redacted]', author: 'a' }],
    [new Map([['a', 1]]), { Map: [['a', 1]] }], [new Set([1]), { Set: [1] }], [new Date(0), '1970-01-01T00:00:00.000Z'],
    [element('<p id="a" class="b c">x</p>'), '<p#a.b.c>'], [function named() {}, '[Function named]'],
    [{ a: { b: { c: { d: {} } } } }, { a: { b: { c: { d: '[Object]' } } } }],
  ] as const) assert.deepEqual(one(value), want);
  assert.equal(called, 0);
});

test('values of a console call are bounded', () => {
  assert.equal(one('x'.repeat(5000)).length, 2000);
  assert.equal(one(Array.from({ length: 100 }, (_, n) => n)).at(-1), '… 60 more');
  const wide = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [n, Object.fromEntries(Array.from({ length: 40 }, (__, m) => [m, 'x'.repeat(100)]))]));
  assert.ok(JSON.stringify(one(wide)).length < 60_000);
  assert.equal(serializeArgs(Array.from({ length: 50 }, () => 1), createRedact()).length, 20);
});

test('errors bring their stack and their causes', () => {
  const inner = new TypeError('inner');
  inner.stack = 'TypeError: inner\n    at g (https://a.test/b.js:8:2)';
  const error = new Error('outer', { cause: inner });
  error.stack = 'Error: outer\n    at f (https://a.test/a.js:3:7)';
  assert.equal(errorText(error), 'Error: outer\n    at f (https://a.test/a.js:3:7)\nCaused by: TypeError: inner\n    at g (https://a.test/b.js:8:2)');
  // Firefox and Safari leave the message out of the stack.
  assert.equal(errorText({ name: 'RangeError', message: 'far', stack: 'f@https://a.test/a.js:3:7' }), 'RangeError: far\nf@https://a.test/a.js:3:7');
  assert.match(errorText(new AggregateError([new Error('one')], 'all')), /Caused by: Error: one/);
  const loop: any = new Error('loop');
  loop.cause = loop;
  assert.ok(errorText(loop).length < 50_000);
});

test('frames of every engine', () => {
  assert.deepEqual(frames('Error\n    at f (https://a.test/a.js:1:2)\n    at https://a.test/a.js:3:4'), ['f (https://a.test/a.js:1:2)', 'https://a.test/a.js:3:4']);
  assert.deepEqual(frames('f@https://a.test/a.js:1:2\n@https://a.test/a.js:3:4'), ['f@https://a.test/a.js:1:2', '@https://a.test/a.js:3:4']);
  assert.deepEqual(frames(undefined), []);
});

test('a patch is taken back, also when others patched it later', () => {
  const host = { say: (word: string) => `said ${word}` };
  const undo = patch(host, 'say', (original, isOn) => (word) => original(isOn() ? `${word}!` : word));
  assert.equal(host.say('a'), 'said a!');
  const ours = host.say;
  host.say = (word) => ours(word).toUpperCase();
  undo();
  assert.equal(host.say('a'), 'SAID A');
  const other = { say: (word: string) => word };
  const before = other.say;
  patch(other, 'say', (original) => (word) => original(`${word}?`))();
  assert.equal(other.say, before);
});

test('a failing listener harms nobody', () => {
  const list = undoList();
  let count = 0;
  list.listen(window, 'x', () => { count += 1; throw new Error('ours'); });
  window.dispatchEvent(new Event('x'));
  list.run();
  window.dispatchEvent(new Event('x'));
  assert.equal(count, 1);
  assert.equal(quietly(() => { throw new Error('x'); }), undefined);
});
