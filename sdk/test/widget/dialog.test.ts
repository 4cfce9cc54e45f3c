/** The dialog in a real Chromium: keyboard and focus, accessibility, strict policy, failing and trying again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { AXE, type Bench, bench, heading, open, paste, screenshotButton, seen, send } from './support/browser.ts';

let tests: Bench;
before(async () => {
  tests = await bench();
});
after(() => tests.close());

const ARABIC = encodeURIComponent(JSON.stringify({ title: 'أبلغ عن خطأ', titleLabel: 'ما الخطأ الذي حدث؟' }));
const focused = (page: Page) => page.evaluate(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.id || element?.getAttribute('aria-label') || element?.textContent || element?.localName || '';
});

test('the launcher and the shortcut open it, Escape closes it and gives the focus back', () => tests.visit('', async (page) => {
  await open(page);
  await heading(page).getByText('Report a bug').waitFor();
  assert.equal(await focused(page), 'title');
  await page.keyboard.type('typed');
  assert.equal((await seen(page)).keys, 0, 'the page sees no key');
  assert.equal((await seen(page)).paused, 1);
  await page.keyboard.press('Escape');
  // The dialog's event comes a task after it is closed.
  await page.locator('[data-playhead]').waitFor({ state: 'detached' });
  assert.equal(await focused(page), 'launcher');
  const { paused, opened, closed } = await seen(page);
  assert.deepEqual({ paused, opened, closed }, { paused: 0, opened: 1, closed: 1 });
  assert.equal(await page.locator('[data-playhead]').count(), 0, 'nothing is left in the document');

  await page.keyboard.press('Control+Shift+B');
  assert.equal(await page.locator('#title').inputValue(), 'typed', 'what was typed is still there');
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'launcher');
}));

test('opening twice, closing and destroying by the page', () => tests.visit('email=ann@example.com', async (page) => {
  await page.evaluate(() => {
    const { widget } = globalThis as unknown as { widget: { open(prefill?: object): void } };
    widget.open({ title: 'From the page', severity: 'high' });
    widget.open();
  });
  assert.equal(await page.locator('#title').inputValue(), 'From the page');
  assert.equal(await page.locator('#severity').inputValue(), 'high');
  assert.equal(await page.locator('#email').inputValue(), 'ann@example.com');
  assert.equal((await seen(page)).paused, 1);
  await page.evaluate(() => (globalThis as unknown as { widget: { destroy(): void } }).widget.destroy());
  assert.equal(await page.locator('[data-playhead]').count(), 0);
  assert.equal((await seen(page)).paused, 0);
}));

test('the Tab key goes through every control and never out', () => tests.visit('', async (page) => {
  await open(page);
  for (const key of ['Tab', 'Shift+Tab']) {
    const names = new Set<string>();
    for (let press = 0; press < 20; press += 1) {
      await page.keyboard.press(key);
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-playhead')), 'widget', `${key} ${press}`);
      names.add(await focused(page));
    }
    assert.deepEqual([...names].sort(), ['Add files', 'Cancel', 'Close', 'Send report', 'Take a screenshot', 'description', 'email', 'severity', 'title']);
  }
}));

test('styles of the page do not reach it', () => tests.visit('', async (page) => {
  await open(page);
  const { letterSpacing, textTransform, fontSize } = await page.locator('#title').evaluate((element) => ({ ...getComputedStyle(element) }) as CSSStyleDeclaration);
  assert.deepEqual({ letterSpacing, textTransform, fontSize }, { letterSpacing: 'normal', textTransform: 'none', fontSize: '16px' });
  assert.ok(await page.locator('dialog').isVisible());
}));

interface Finding {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}
type Axe = { run(root: object): Promise<{ violations: Finding[]; incomplete: Finding[] }> };

/** Violations of axe-core, contrasts that it could not tell, controls smaller than a finger, what is wider than the screen. */
async function check(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const { violations, incomplete } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run({ include: [['[data-playhead]']] }));
  const untold = incomplete.filter(({ id }) => id === 'color-contrast');
  assert.deepEqual([...violations, ...untold].flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)), [], where);
  const small = await page.locator('dialog').evaluate((dialog) => [...dialog.querySelectorAll<HTMLElement>('button, select, textarea, input:not([type=file]):not([type=radio]), .tool')]
    .filter((control) => control.checkVisibility() && (control.offsetHeight < 44 || control.offsetWidth < 44)).map((control) => control.outerHTML.slice(0, 120)));
  assert.deepEqual(small, [], `${where}: small controls`);
  const wide = await page.locator('dialog').evaluate((dialog) => [dialog, ...dialog.querySelectorAll('.view, .body, footer')]
    .filter((part) => part.checkVisibility() && (part.scrollWidth > part.clientWidth || part.getBoundingClientRect().right > innerWidth)).map((part) => `${part.className || part.localName} ${part.scrollWidth}`));
  assert.deepEqual(wide, [], `${where}: wider than the screen`);
}

for (const [colorScheme, width, query] of [
  ['light', 1280, ''], ['dark', 1280, ''], ['light', 1280, `locale=ar&texts=${ARABIC}`], ['dark', 390, `locale=ar&texts=${ARABIC}`],
  ['light', 390, 'locale=de'], ['dark', 320, 'locale=de'], ['light', 320, ''],
] as const) {
  test(`no violation found by axe-core: ${colorScheme}, ${width} px, ${query.slice(0, 9) || 'en'}`, () => tests.visit(`fail=1&consent=We+keep+it+for+90+days.&${query}`, async (page) => {
    await open(page);
    await check(page, 'empty');
    await send(page);
    await check(page, 'title missing');
    await page.locator('#title').fill('A title');
    await page.locator('.files .actions button').first().click();
    await page.locator('li').waitFor();
    await paste(page, [['console-of-this-morning-and-of-the-evening-before.log', 'text/plain', 2_000]]);
    await check(page, 'with files');
    await page.locator('li button').first().click();
    await page.locator('.tool').nth(3).click();
    await check(page, 'drawing');
    await page.keyboard.press('Escape');
    await send(page);
    await page.locator('.alert').waitFor();
    await check(page, 'failed');
    await send(page);
    await page.locator('.sent').waitFor();
    await check(page, 'sent');
    assert.equal(await page.locator('dialog').getAttribute('dir'), query.includes('ar') ? 'rtl' : 'ltr');
  }, { colorScheme, viewport: { width, height: 700 } }));
}

test('a page that has one scheme alone decides over the system', () => tests.visit('', async (page) => {
  await page.evaluate(() => document.documentElement.style.setProperty('color-scheme', 'light'));
  await open(page);
  assert.equal(await page.locator('dialog.dark').count(), 0);
}, { colorScheme: 'dark' }));

test('it moves only where motion is welcome', async () => {
  for (const [reducedMotion, expected] of [['reduce', 'none'], ['no-preference', 'appear']] as const) {
    await tests.visit('', async (page) => {
      await open(page);
      assert.equal(await page.locator('dialog').evaluate((dialog) => getComputedStyle(dialog).animationName), expected);
    }, { reducedMotion });
  }
});

test('a strict policy with trusted types is kept from opening to the answer', () => tests.visit('', async (page) => {
  await open(page);
  await page.locator('#title').fill('Policy');
  await screenshotButton(page).click();
  await page.locator('li').waitFor();
  await paste(page, [['a.png', 'image/png', 200]]);
  await page.getByRole('button', { name: 'Draw on the picture Screenshot' }).click();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Done' }).click();
  await send(page);
  await page.getByText('Your report was sent as bug #42.').first().waitFor();
  const { violations, reports } = await seen(page);
  assert.deepEqual(violations, []);
  assert.equal(reports.length, 1);
}));

test('a report that fails keeps everything, and is the same report when it is tried again', () => tests.visit('fail=2', async (page) => {
  await open(page);
  await page.locator('#title').fill('It fails');
  await page.locator('#description').fill('First this.\nThen that.');
  await page.locator('#severity').selectOption('critical');
  await page.locator('#email').fill('ann@example.com');
  await paste(page, [['a.log', 'text/plain', 10]]);
  await send(page);
  await page.getByRole('alert').getByText('Nothing you wrote is lost.').waitFor();
  assert.equal(await focused(page), 'Try again');
  await page.keyboard.press('Escape');
  await open(page);
  assert.equal(await page.locator('#description').inputValue(), 'First this.\nThen that.');
  await send(page);
  await page.getByRole('alert').getByText('Nothing you wrote is lost.').waitFor();
  await send(page);
  await page.getByText('Your report was sent as bug #42.').first().waitFor();
  assert.equal(await focused(page), 'Thank you');
  const { reports, tries } = (await seen(page)) as Awaited<ReturnType<typeof seen>> & { tries: number[] };
  assert.deepEqual(reports.map(({ title, description, severity, email, attachments }) => ({ title, description, severity, email, files: attachments.map(({ name }) => name) })), [
    { title: 'It fails', description: 'First this.\nThen that.', severity: 'critical', email: 'ann@example.com', files: ['a.log'] },
  ]);
  assert.deepEqual(tries, [1, 1, 1], 'one report, tried three times');
  await page.getByRole('button', { name: 'Report another bug' }).click();
  assert.equal(await page.locator('#title').inputValue(), '');
  assert.equal(await page.locator('li').count(), 0);
}));

test('a report that was changed after it failed is another report', () => tests.visit('fail=1&refuse', async (page) => {
  await open(page);
  await page.locator('#title').fill('One');
  await send(page);
  await page.getByRole('alert').getByText('The server did not accept the report.').waitFor();
  await page.locator('#title').fill('Two');
  await send(page);
  await page.locator('.sent').waitFor();
  assert.deepEqual(((await seen(page)) as unknown as { tries: number[] }).tries, [1, 2]);
}));

test('while it is sent nothing can be changed, and closing does not stop it', () => tests.visit('hold', async (page) => {
  await open(page);
  await page.locator('#title').fill('Slow');
  await send(page);
  await page.locator('progress').waitFor();
  assert.equal(await page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value), 1);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Close');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Close');
  await page.keyboard.press('Escape');
  // The dialog's event comes a task after it is closed.
  await page.locator('[data-playhead]').waitFor({ state: 'detached' });
  await page.evaluate(() => (globalThis as unknown as { seen: { release(): void } }).seen.release());
  await page.waitForFunction(() => (globalThis as unknown as { seen: { reports: unknown[] } }).seen.reports.length === 1);
  await open(page);
  await page.getByText('Your report was sent as bug #42.').first().waitFor();
}));

test('what is wrong is said beside its field until it is mended', () => tests.visit('', async (page) => {
  await open(page);
  await page.locator('#title').fill('   ');
  await page.locator('#email').fill('ann@');
  await send(page);
  assert.equal(await focused(page), 'title');
  assert.equal(await page.locator('#title').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('#title-error').textContent(), 'Say in a few words what went wrong.');
  await page.locator('#title').fill('Now there is one');
  assert.equal(await page.locator('#title-error').textContent(), '');
  await send(page);
  assert.equal(await focused(page), 'email');
  assert.equal((await seen(page)).reports.length, 0);
}));
