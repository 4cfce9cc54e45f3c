import { element } from './page.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMask } from '../../src/privacy/mask.ts';
import { createPseudonym } from '../../src/privacy/pseudonym.ts';
import { createRedact, isCardNumber } from '../../src/privacy/redact.ts';

test('addresses lose secrets and keep the rest', () => {
  const { url } = createRedact(['visitor']);
  for (const [given, want] of [
    ['https://a.test/x?page=2&token=abc#top', 'https://a.test/x?page=2&token=[redacted]#top'],
    ['https://anna:pw@a.test/', 'https://a.test/'],
    ['/x#access_token=1&state=2', '/x#access_token=[redacted]&state=2'],
    ['/x?author=anna&passenger=2&visitor=7', '/x?author=anna&passenger=2&visitor=[redacted]'],
    ['/x?api%5Fkey=1', '/x?api%5Fkey=[redacted]'],
    ['data:image/png;base64,AAAA', 'data:image/png;base64,..'],
    ['/reset/eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abc', '/reset/[redacted]'],
  ]) assert.equal(url(given!), want, given);
});

test('texts lose tokens and card numbers', () => {
  const { text } = createRedact([], [/order-\d+/]);
  for (const [given, want] of [
    ['Bearer abcdefgh12345', '[redacted]'],
    ['key phk_abcdefghijklmnopqrst', 'key [redacted]'],
    ['card 4111 1111 1111 1111 ok', 'card [redacted] ok'],
    ['number 4111 1111 1111 1112', 'number 4111 1111 1111 1112'],
    ['at 1796077321278', 'at 1796077321278'],
    ['order-77 failed', '[redacted] failed'],
  ]) assert.equal(text(given!), want, given);
});

test('bodies lose the values of secret names', () => {
  const { body } = createRedact();
  for (const [given, want] of [
    ['{"user":"anna","password":"p","pin":1234,"n":1}', '{"user":"anna","password":"[redacted]","pin":"[redacted]","n":1}'],
    ['user=anna&password=p', 'user=anna&password=[redacted]'],
    ['{"token":"cut off', '{"token":"[redacted]"'],
    ['plain = text', 'plain = text'],
  ]) assert.equal(body(given!), want, given);
});

test('card numbers are told by their check digit', () => {
  for (const [text, is] of [['4111111111111111', true], ['4111-1111-1111-1111', true], ['4111111111111112', false], ['1234', false]] as const) assert.equal(isCardNumber(text), is);
});

test('fields are masked by default, secrets always', () => {
  const masked = createMask();
  const open = createMask({ maskInputs: false });
  for (const [html, byDefault, shown] of [
    ['<input>', '*****', 'value'],
    ['<input type="password">', '********', '********'],
    ['<input autocomplete="cc-number">', '********', '********'],
    ['<input autocomplete="section-a one-time-code">', '********', '********'],
    ['<input name="card_number">', '********', '********'],
    ['<input class="playhead-unmask">', 'value', 'value'],
    ['<input class="playhead-unmask" type="password">', '********', '********'],
    ['<input data-playhead-mask>', '*****', '*****'],
    ['<input autocomplete="email">', '*****', '*****'],
    ['<input autocomplete="off">', '*****', 'value'],
    ['<input autocomplete="email" data-playhead-unmask>', 'value', 'value'],
  ] as const) {
    assert.equal(masked.maskInput('value', element(html)), byDefault, html);
    assert.equal(open.maskInput('value', element(html)), shown, html);
  }
  assert.equal(open.maskInput('4111111111111111', element('<input>')), '*'.repeat(16));
  assert.equal(masked.maskInput('', element('<input type="password">')), '');
});

test('a password that is shown stays a secret', () => {
  const mask = createMask({ maskInputs: false });
  const field = element('<input type="password">');
  mask.maskInput('a', field);
  field.setAttribute('type', 'text');
  assert.equal(mask.maskInput('value', field), '********');
});

test('what a picture must not show', () => {
  const mask = createMask();
  for (const [html, is] of [
    ['<p>x</p>', false], ['<p data-playhead-mask>x</p>', true], ['<input>', true], ['<input data-playhead-unmask>', false], ['<input type="password" data-playhead-unmask>', true],
    ['<div contenteditable>x</div>', true], ['<div contenteditable="false">x</div>', false], ['<button>x</button>', false],
  ] as const) assert.equal(mask.isMasked(element(html)), is, html);
  assert.ok(createMask({ maskText: true }).isMasked(element('<p>x</p>')));
});

test('marks block and ignore, and the widget is never recorded', () => {
  const mask = createMask({ blockSelector: '.private' });
  for (const [html, is] of [
    ['<p>x</p>', false], ['<p data-playhead-block>x</p>', true], ['<p class="private">x</p>', true], ['<div data-playhead="widget"></div>', true],
    ['<p class="rr-block">x</p>', true], ['<input data-playhead-ignore>', true],
  ] as const) assert.equal(mask.isBlocked(element(html)), is, html);
  assert.equal(createMask({ maskText: true }).maskText('a bc', element('<p>x</p>')), '* **');
  assert.equal(createMask({ maskText: true }).maskText('a bc', element('<p data-playhead-unmask>x</p>')), 'a bc');
});

test('equal values have equal pseudonyms inside one session', async () => {
  const [one, other] = [createPseudonym(() => 'a'.repeat(32)), createPseudonym(() => 'b'.repeat(32))];
  assert.equal(await one('anna'), await one('anna'));
  assert.notEqual(await one('anna'), await one('anne'));
  assert.notEqual(await one('anna'), await other('anna'));
});
