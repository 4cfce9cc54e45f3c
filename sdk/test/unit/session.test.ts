import './page.ts';
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openSession } from '../../src/session/session.ts';

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
const open = (mode: 'session' | 'buffer' = 'session', rate = 1) => openSession('phk_12345678', mode, rate);
const stored = () => JSON.parse(localStorage.getItem('playhead.session.12345678')!);
const change = (fields: object) => localStorage.setItem('playhead.session.12345678', JSON.stringify({ ...stored(), ...fields }));

test('pages of a tab share session and window, and numbers go on', () => {
  const first = open();
  assert.deepEqual([first.takeNumber(), first.takeNumber()], [0, 1]);
  window.dispatchEvent(new Event('pagehide'));
  const second = open();
  assert.deepEqual([second.id, second.window, second.takeNumber()], [first.id, first.window, 2]);
});

test('a duplicated tab is another window', () => {
  const first = open();
  // The copy of the storage says that its page is open.
  const copy = open();
  assert.equal(copy.id, first.id);
  assert.notEqual(copy.window, first.window);
});

test('a session ends after half an hour without input, or four hours', () => {
  const { id } = open();
  change({ active: Date.now() - 31 * 60_000 });
  assert.notEqual(open().id, id);
  const next = open();
  change({ started: Date.now() - 5 * 3600_000 });
  assert.ok(next.isOver(Date.now()));
  next.renew();
  assert.ok(!next.isOver(Date.now()) && next.takeNumber() === 0);
});

test('a tab joins the session that another tab began, and does not overwrite it', () => {
  const one = open();
  const { id } = one;
  localStorage.removeItem('playhead.session.12345678');
  const other = open();
  assert.notEqual(other.id, id);
  one.change({ reported: true });
  assert.equal(stored().id, other.id);
  assert.ok(one.isOver(Date.now()));
  one.renew();
  assert.equal(one.id, other.id);
});

test('sampling decides once for a session', () => {
  assert.equal(open('session', 0).mode, 'buffer');
  assert.equal(open('session', 1).mode, 'buffer', 'the session is the same');
});

test('broken storage is another session, not an error', () => {
  for (const text of ['{', '7', '{"id":"x"}', 'null']) {
    localStorage.setItem('playhead.session.12345678', text);
    assert.equal(open().takeNumber(), 0, text);
  }
});
