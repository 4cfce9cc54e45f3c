/** The widget's pure parts: texts, rules for files, marks and their history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dragged, markAt, Marks, moved, resized, upright } from '../../src/widget/drawing/marks.ts';
import { fileName, FILES_MAX, isEmail, isPicture, refusal } from '../../src/widget/files.ts';
import { de } from '../../src/widget/texts/de.ts';
import { en } from '../../src/widget/texts/en.ts';
import { language, sizeText } from '../../src/widget/texts/index.ts';

const PICTURE = { width: 1000, height: 500 };
const box = (x: number, y: number, width: number, height: number) => ({ tool: 'box' as const, x, y, width, height, text: '' });

test('every language has the same texts with the same places to fill in', () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en) as (keyof typeof en)[]) assert.deepEqual(places(de[key]), places(en[key]), key);
});

test('texts come from the host, then from the language, then from English', () => {
  assert.equal(language('de-AT').t('title'), 'Fehler melden');
  assert.equal(language('de', { title: 'Hoppla' }).t('title'), 'Hoppla');
  assert.equal(language('de', { title: 'Hoppla' }).t('close'), 'Schließen');
  assert.equal(language('fr', { title: 'Signaler' }).t('close'), 'Close');
  assert.equal(language('', {}).t('sentNumber', { number: 7 }), 'Your report was sent as bug #7.');
  assert.equal(language('en', { sentNumber: '{number} {other} {number}' }).t('sentNumber', { number: 7 }), '7 {other} 7');
  assert.equal(language('en', { title: 5 as unknown as string, toString: 'x' }).t('title'), 'Report a bug');
  assert.equal(language('constructor').t('title'), 'Report a bug');
  assert.equal(language('en', { title: 'x'.repeat(5_000) }).t('title').length, 600);
});

test('the language and direction are those of the texts that are shown', () => {
  const cases: [string, Record<string, string>, string, string][] = [
    ['de-CH', {}, 'de-CH', 'ltr'], ['fr', {}, 'en', 'ltr'], ['fr', { title: 'x' }, 'fr', 'ltr'], ['ar', {}, 'en', 'ltr'], ['', {}, 'en', 'ltr'],
    ['ar-EG', { title: 'x' }, 'ar-EG', 'rtl'], ['he', { title: 'x' }, 'he', 'rtl'], ['ku-Arab', { title: 'x' }, 'ku-Arab', 'rtl'], ['arn', { title: 'x' }, 'arn', 'ltr'],
  ];
  for (const [locale, texts, tag, direction] of cases) {
    const { tag: gotTag, direction: gotDirection } = language(locale, texts);
    assert.deepEqual([gotTag, gotDirection], [tag, direction], `${locale} ${JSON.stringify(texts)}`);
  }
});

test('sizes are words of the language', () => {
  assert.equal(sizeText(10 << 20, 'en'), '10\u00a0MB');
  assert.equal(sizeText(1_500_000, 'de'), '1,5\u00a0MB');
  assert.equal(sizeText(3, 'en'), '1\u00a0kB');
});

test('a file is taken or refused', () => {
  assert.equal(refusal(100, 0, 0, 100), undefined);
  assert.equal(refusal(101, 0, 0, 100), 'fileTooBig');
  assert.equal(refusal(60, 1, 50, 100), 'fileTooBig');
  assert.equal(refusal(0, 0, 0, 100), 'fileEmpty');
  assert.equal(refusal(1, FILES_MAX, 5, 100), 'fileTooMany');
});

test('names of files can be shown', () => {
  const cases: [string | undefined, string, string][] = [
    ['a.png', 'image/png', 'a.png'], ['../../etc/passwd', '', '.. .. etc passwd'], ['in\u202evoice\u0000.exe', '', 'in voice .exe'],
    [undefined, 'image/png', 'file-3.png'], ['  ', '', 'file-3.bin'], ['', 'application/x-;evil', 'file-3.x-'],
  ];
  for (const [name, type, expected] of cases) assert.equal(fileName(name, type, 3), expected);
  const long = fileName(`${'a'.repeat(500)}.log`, '', 1);
  assert.ok(long.length <= 120 && long.endsWith('.log'), long);
});

test('pictures and addresses are told from what looks like them', () => {
  assert.deepEqual(['image/png', 'image/svg+xml', 'image/heic', 'text/png'].map(isPicture), [true, false, false, false]);
  const addresses: [string, boolean][] = [
    ['ann@example.com', true], ['ann+bugs@mail.example.co', true], ['ann@example', false], ['ann@@example.com', false], ['a b@example.com', false],
    ['@example.com', false], ['ann@example.', false], [`${'a'.repeat(250)}@example.com`, false],
  ];
  for (const [address, expected] of addresses) assert.equal(isEmail(address), expected, address);
});

test('marks stay on the picture however they are moved', () => {
  assert.deepEqual(moved(box(10, 10, 100, 50), -50, 9_000, PICTURE), box(0, 450, 100, 50));
  assert.deepEqual(moved(box(110, 60, -100, -50), -50, 9_000, PICTURE), box(100, 500, -100, -50), 'an extent may be negative');
  assert.deepEqual(resized(box(900, 400, 50, 50), 900, 900, PICTURE), box(900, 400, 100, 100));
  const corner = upright(markAt('blur', 0, 0, PICTURE));
  assert.ok(corner.x === 0 && corner.y === 0 && corner.width > 0 && corner.height > 0);
});

test('a drag makes a mark, a tap makes none', () => {
  assert.equal(dragged('box', { x: 50, y: 50 }, { x: 53, y: 52 }, PICTURE), undefined);
  assert.deepEqual(dragged('box', { x: 50, y: 50 }, { x: -20, y: 9_000 }, PICTURE), box(50, 50, -50, 450));
});

test('undo takes back one step, and a drag or a word is one step', () => {
  const marks = new Marks();
  const first = marks.add(box(0, 0, 10, 10));
  marks.replace(first ?? -1, box(0, 0, 20, 20), true);
  marks.replace(first ?? -1, box(5, 5, 20, 20));
  marks.remove(0);
  assert.deepEqual(marks.list, []);
  assert.ok(marks.undo());
  assert.deepEqual(marks.list, [box(5, 5, 20, 20)]);
  assert.ok(marks.undo());
  assert.deepEqual(marks.list, [box(0, 0, 20, 20)]);
  assert.ok(marks.undo());
  assert.deepEqual(marks.list, []);
  assert.equal(marks.undo(), false);
});

test('a picture has a bounded number of marks', () => {
  const marks = new Marks();
  for (let count = 0; count < 500; count += 1) marks.add(box(count, 0, 1, 1));
  assert.equal(marks.add(box(0, 0, 1, 1)), undefined);
  assert.equal(marks.list.length, 200);
});
