/** Pictures in a real Chromium: taken, drawn on, blurred, masked, bounded. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Bench, bench, open, paste, pastePicture, screenshotButton, seen, send, sentPixels } from './support/browser.ts';

const WHITE = [255, 255, 255, 255];
const COVER = [122, 127, 135, 255];
/** Whether all pixels have the colour of a cover; a captured frame has been through a video's colours. */
const isCovered = (data: number[]): boolean => data.every((part, index) => Math.abs(part - COVER[index % 4]!) <= 6);
const TALL = `<div id="fixed" style="position:fixed;right:0;bottom:0;width:60px;height:60px;background:rgb(0,170,119)"></div>
<div id="masked" style="position:absolute;left:300px;top:500px;width:200px;height:40px;background:rgb(1,2,3)">Ann Example</div>
<div style="height:3000px"></div><img src="http://localhost:PORT/x.svg" width="50" height="50">`;

let tests: Bench;
let foreign: Server;
before(async () => {
  foreign = createServer((_, response) => void response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'));
  await new Promise<void>((resolve) => foreign.listen(0, 'localhost', resolve));
  tests = await bench({ '/tall': TALL.replace('PORT', String((foreign.address() as AddressInfo).port)) });
});
after(async () => {
  await tests.close();
  foreign.close();
});

const withoutCapture = (page: Page) => page.evaluate(() => void delete (MediaDevices.prototype as Partial<MediaDevices>).getDisplayMedia);
const pixel = async (page: Page, which: 'screenshot' | number, x: number, y: number) => (await sentPixels(page, which, x, y)).data;
const draw = (page: Page) => page.locator('li button').first().click();
const done = (page: Page) => page.getByRole('button', { name: 'Done' }).click();
async function sendIt(page: Page): Promise<void> {
  await page.locator('#title').fill('With a picture');
  await send(page);
  await page.locator('.sent').waitFor();
}
/** The middle of an element in the page, in whole pixels. */
const middle = (page: Page, selector: string) => page.locator(selector).evaluate((element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [Math.round(left + width / 2), Math.round(top + height / 2)] as const;
});

/** What the core draws in the page: red, over the right half. */
const addLauncher = (page: Page) => page.evaluate(() => {
  const launcher = document.createElement('div');
  launcher.setAttribute('data-playhead', 'launcher');
  const button = document.createElement('button');
  Object.assign(button.style, { position: 'fixed', inset: '0 0 0 50%', background: 'red' });
  launcher.attachShadow({ mode: 'open' }).append(button);
  document.body.append(launcher);
});

test('a captured screenshot shows the page alone, and covers what is masked', () => tests.visit('mask=.note', async (page) => {
  const [noteX, noteY] = await middle(page, '.note');
  await open(page);
  await addLauncher(page);
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await sendIt(page);
  const { width, height } = await sentPixels(page, 'screenshot', 0, 0);
  assert.deepEqual([width, height], [1280, 800]);
  assert.ok(isCovered(await pixel(page, 'screenshot', noteX, noteY)));
  assert.deepEqual(await pixel(page, 'screenshot', 640, 400), WHITE, 'neither dialog nor backdrop');
  assert.deepEqual(await pixel(page, 'screenshot', 1000, 400), WHITE, 'no launcher');
}));

test('without a rule of the host every form control is covered', () => tests.visit('', async (page) => {
  const [x, y] = await middle(page, '.secret');
  await open(page);
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await sendIt(page);
  const { data } = await sentPixels(page, 'screenshot', x - 40, y, 80, 1);
  assert.ok(isCovered(data));
}));

test('what is private in shadow roots and frames is covered, a frame of another origin always', () => tests.visit('drawable&path=/tall&mask=.private', async (page) => {
  const places = await page.evaluate(async (foreignPage) => {
    document.getElementById('masked')!.remove();
    const place = (element: HTMLElement, left: number) => Object.assign(element.style, { position: 'fixed', top: '300px', left: `${left}px`, width: '150px', height: '100px', background: 'red', border: '0' });
    const shadow = document.createElement('div');
    shadow.attachShadow({ mode: 'open' }).innerHTML = '<p class="private" style="width:150px;height:100px;margin:0">x</p>';
    const frames = ['', foreignPage].map(() => document.createElement('iframe'));
    place(shadow, 100);
    frames.forEach((frame, index) => place(frame, 300 + 200 * index));
    document.body.append(shadow, ...frames);
    frames[0]!.contentDocument!.body.innerHTML = '<p class="private" style="width:60px;height:100px;margin:0">x</p>';
    await new Promise((resolve) => {
      frames[1]!.onload = resolve;
      frames[1]!.src = foreignPage;
    });
    return [[175, 350], [330, 350], [420, 350], [575, 350]] as const;
  }, `http://localhost:${(foreign.address() as AddressInfo).port}/`);
  await page.evaluate(() => (globalThis as unknown as { widget: { open(): void } }).widget.open());
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await sendIt(page);
  const covered: boolean[] = [];
  for (const [x, y] of places) covered.push(isCovered(await pixel(page, 'screenshot', x, y)));
  assert.deepEqual(covered, [true, true, false, true]);
}));

test('a drawn screenshot shows what is on the screen: masked, fixed, scrolled, with a foreign image', () => tests.visit('path=/tall&drawable&mask=%23masked', async (page) => {
  await withoutCapture(page);
  await addLauncher(page);
  // What the document is drawn from.
  const sources = await page.evaluateHandle(() => {
    const list: string[] = [];
    const { set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src')!;
    Object.defineProperty(HTMLImageElement.prototype, 'src', { set(value: string) {
      list.push(decodeURIComponent(value));
      set!.call(this, value);
    } });
    return list;
  });
  await page.evaluate(() => scrollTo(0, 300));
  await page.evaluate(() => (globalThis as unknown as { widget: { open(): void } }).widget.open());
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await sendIt(page);
  assert.deepEqual(await pixel(page, 'screenshot', 1265 - 30, 780), [0, 170, 119, 255], 'what is fixed is where it was');
  const { data } = await sentPixels(page, 'screenshot', 300, 200, 200, 40);
  assert.ok(isCovered(data), 'the masked element is covered whole');
  const drawn = (await sources.jsonValue()).join();
  assert.ok(drawn.includes('foreignObject') && !drawn.includes('Ann Example'), 'and is not even in what was drawn');
  assert.deepEqual(await pixel(page, 'screenshot', 1000, 400), WHITE, 'no launcher');
  assert.deepEqual((await seen(page)).violations, []);
}));

test('a drawing that takes too long is given up', () => tests.visit('drawable', async (page) => {
  await withoutCapture(page);
  await open(page);
  // An image that never comes, no limit for single files, and the limit for all at once.
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = ((work: () => void, ms?: number) => setTimeout(work, ms === 8_000 ? 0 : 1e9)) as typeof setTimeout;
    const image = new Image();
    image.src = '/never';
    document.body.append(image);
  });
  await screenshotButton(page).click();
  await page.locator('.error[role=alert]:not(:empty)').waitFor();
  assert.equal(await page.locator('.error[role=alert]').textContent(), 'The screenshot took too long. You can add a picture as a file or paste it.');
}));

test('where the policy forbids drawing it is said, and the policy is not hurt twice', () => tests.visit('', async (page) => {
  await withoutCapture(page);
  await open(page);
  const before = await page.locator('#title').inputValue();
  for (let press = 0; press < 2; press += 1) {
    await screenshotButton(page).click();
    await page.getByText('No screenshot could be taken here.').first().waitFor();
    await page.waitForFunction(() => !document.querySelector('[data-playhead]')!.shadowRoot!.querySelector('[aria-disabled]'));
  }
  assert.equal(before, '');
  assert.equal((await seen(page)).violations.filter((violation) => violation.startsWith('img-src')).length, 1);
}));

test('marks change the picture, undo takes them back', () => tests.visit('', async (page) => {
  await open(page);
  await pastePicture(page, 'plain');
  await draw(page);
  const canvas = page.locator('.stage canvas');
  const image = () => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  await page.locator('.tool').first().waitFor();
  const untouched = await image();
  const area = (await canvas.boundingBox())!;
  const at = (x: number, y: number) => [area.x + area.width * x, area.y + area.height * y] as const;
  for (const tool of [0, 1, 2]) {
    await page.locator('.tool').nth(tool).click();
    await page.mouse.move(...at(0.2, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.4, 0.4), { steps: 3 });
    await page.mouse.up();
    assert.notEqual(await image(), untouched, `tool ${tool}`);
    await page.getByRole('button', { name: 'Undo' }).click();
    assert.equal(await image(), untouched, `tool ${tool} undone`);
  }
  await page.locator('.tool').nth(3).click();
  await page.mouse.click(...at(0.1, 0.7));
  await page.keyboard.type('Look here');
  assert.notEqual(await image(), untouched);
  await done(page);
  await sendIt(page);
  const { data } = await sentPixels(page, 0, 60, 280, 40, 20);
  assert.ok(data.some((_, index) => index % 4 === 0 && data[index] === 208 && data[index + 1] === 2), 'the red label is in the picture');
}));

test('everything can be drawn with the keyboard, and is said', () => tests.visit('', async (page) => {
  await open(page);
  await pastePicture(page, 'plain');
  await draw(page);
  const canvas = page.locator('.stage canvas');
  const image = () => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  const said = page.locator('[role=status]');
  const untouched = await image();
  await page.keyboard.press('Enter');
  assert.equal(await said.textContent(), 'Box: 40 % from the left, 41 % from the top, 20 % wide, 18 % high.');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  assert.equal(await said.textContent(), 'Box: 41 % from the left, 40 % from the top, 20 % wide, 18 % high.');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.match((await said.textContent()) ?? '', /19 % wide/);
  await page.keyboard.press('Delete');
  assert.equal(await said.textContent(), 'Box removed.');
  assert.equal(await image(), untouched);
  await page.keyboard.press('Control+z');
  assert.notEqual(await image(), untouched);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.getByRole('radio', { name: 'Text' }).isChecked(), true);
}));

test('nothing of what was blurred is left in the picture', async () => {
  const results: { inside: number[]; outside: number[] }[] = [];
  for (const secret of ['4111 1111', '████████', '']) {
    await tests.visit('', async (page) => {
      await open(page);
      await pastePicture(page, secret, '#999999');
      await draw(page);
      await page.locator('.tool').nth(2).click();
      await page.locator('.stage canvas').focus();
      await page.keyboard.press('Enter');
      for (let press = 0; press < 8; press += 1) await page.keyboard.press('Shift+ArrowRight');
      // A second one whose edge lies within the first: its colour must not tell what was there.
      await page.keyboard.press('Enter');
      for (let press = 0; press < 5; press += 1) await page.keyboard.press('Shift+ArrowLeft');
      await done(page);
      await sendIt(page);
      results.push({ inside: (await sentPixels(page, 0, 240, 164, 168, 72)).data, outside: (await sentPixels(page, 0, 0, 0, 600, 20)).data });
    });
  }
  const [first, second, empty] = results;
  assert.ok(new Set(first!.inside).size > 5, 'it is seen that something is blurred');
  assert.deepEqual(second!.inside, first!.inside, 'the same whatever was there');
  assert.deepEqual(empty!.inside, first!.inside, 'even with nothing there');
  assert.ok(first!.outside.every((part, index) => part === (index % 4 === 3 ? 255 : 153)));
});

test('what the page gives to start with is in the report', () => tests.visit('', async (page) => {
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30);
    canvas.getContext('2d')!.fillRect(0, 0, 40, 30);
    const { widget } = globalThis as unknown as { widget: { open(prefill: object): void } };
    widget.open({ screenshot: await canvas.convertToBlob(), attachments: [{ name: 'state.json', type: 'application/json', data: new Blob(['{}']) }] });
  });
  assert.deepEqual(await page.locator('.name').allTextContents(), ['Screenshot', 'state.json']);
  await sendIt(page);
  assert.deepEqual((await sentPixels(page, 'screenshot', 5, 5)), { width: 40, height: 30, data: [0, 0, 0, 255] });
  assert.deepEqual((await seen(page)).reports[0]?.attachments.map(({ name, type }) => [name, type]), [['state.json', 'application/json']]);
}));

test('files are pasted and dropped in bounded number and size', () => tests.visit('bytes=1000', async (page) => {
  await open(page);
  const names = () => page.locator('.name').allTextContents();
  const error = page.locator('.error[role=alert]');
  await paste(page, [['a.log', 'text/plain', 600], ['b.log', 'text/plain', 600], ['c.log', 'text/plain', 0]]);
  assert.deepEqual(await names(), ['a.log']);
  assert.equal(await error.textContent(), 'b.log was left out: all files together may have 1\u00a0kB.\nc.log was left out: it is empty.');
  await paste(page, [['d', '', 1], ['e', '', 1], ['f', '', 1], ['g', '', 1], ['h', '', 1]], 'drop');
  assert.deepEqual(await names(), ['a.log', 'd', 'e', 'f', 'g']);
  assert.equal(await error.textContent(), 'h was left out: at most 5 files can be added.');
  await page.getByRole('button', { name: 'Remove d' }).click();
  assert.deepEqual(await names(), ['a.log', 'e', 'f', 'g']);
  assert.equal(await page.evaluate(() => document.querySelector('[data-playhead]')!.shadowRoot!.activeElement?.getAttribute('aria-label')), 'Remove e');
  await sendIt(page);
  assert.deepEqual((await seen(page)).reports[0]?.attachments.map(({ name, type }) => [name, type]), [
    ['a.log', 'text/plain'], ['e', 'application/octet-stream'], ['f', 'application/octet-stream'], ['g', 'application/octet-stream'],
  ]);
}));

test('a file that only says it is a picture goes as it is', () => tests.visit('', async (page) => {
  await open(page);
  await paste(page, [['broken.png', 'image/png', 100]]);
  await draw(page);
  await page.getByRole('button', { name: 'Draw on the picture broken.png' }).waitFor({ state: 'detached' });
  await sendIt(page);
  assert.equal((await seen(page)).reports[0]?.attachments.length, 1);
}));

test('a picture that does not fit is named and not sent', () => tests.visit('bytes=300', async (page) => {
  await open(page);
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await page.locator('#title').fill('Too large');
  await send(page);
  await page.getByText('Screenshot was left out: all files together may have 1\u00a0kB.').waitFor();
  assert.equal((await seen(page)).reports.length, 0);
}));
