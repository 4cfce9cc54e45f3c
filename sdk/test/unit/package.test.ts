// The package as others get it, on a server: no document, no window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);

test('on a server every function does nothing', async () => {
  const playhead = await import(new URL('dist/index.mjs', root).href);
  assert.equal(typeof window, 'undefined');
  playhead.init({ key: 'phk_1', endpoint: 'https://playhead.test' });
  playhead.identify({ id: '7' });
  playhead.captureException(new Error('x'));
  playhead.on('error', () => {})();
  assert.equal(playhead.session(), undefined);
  await playhead.flush();
  await playhead.open();
  await assert.rejects(playhead.report({ title: 'x' }), /init was not called/);
});

test('every declared file is there', () => {
  const { exports, files } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  assert.deepEqual(files, ['dist']);
  for (const entry of Object.values(exports) as (string | Record<string, string>)[]) {
    for (const path of typeof entry === 'string' ? [entry] : Object.values(entry)) assert.ok(readFileSync(new URL(path, root)).length);
  }
});

test('rrweb is the version that it is cut for', async () => {
  const { trim } = await import(new URL('build/trim-rrweb.mjs', root).href);
  const text = readFileSync(new URL('node_modules/@rrweb/record/dist/record.js', root), 'utf8');
  assert.ok(trim(text).length < text.length);
  assert.throws(() => trim(text.replace('function mergeHooks(o, hooks) {', 'function mergeHooks(o) {')), /@rrweb\/record changed/);
});
