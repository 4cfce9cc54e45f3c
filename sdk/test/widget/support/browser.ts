/** One Chromium for all tests of a file, one context for each test, and what they do again and again. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serve, type TestServer } from './server.ts';

export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BROWSERS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface Bench {
  /** Runs `work` on a fresh page; fails when the page threw. `query` are the host's options (page.js). */
  visit(query: string, work: (page: Page) => Promise<void>, options?: Parameters<Browser['newContext']>[0]): Promise<void>;
  close(): Promise<void>;
}

/** `bodies` are more pages; a query with `path=` opens one. */
export async function bench(bodies: Record<string, string> = {}): Promise<Bench> {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium was found: install it, or give its path in CHROMIUM');
  const server: TestServer = await serve(bodies);
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server', '--auto-accept-this-tab-capture'];
  const browser = await chromium.launch({ executablePath, args });
  return {
    async visit(query, work, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      const errors: Error[] = [];
      page.on('pageerror', (error) => errors.push(error));
      const path = new URLSearchParams(query).get('path') ?? '/';
      await page.goto(`${server.url}${path}?${query}`);
      await work(page);
      await context.close();
      if (errors.length > 0) throw errors[0];
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

export const heading = (page: Page) => page.getByRole('heading', { level: 2 });
export const send = (page: Page) => page.locator('button[type=submit]').click();
export const screenshotButton = (page: Page) => page.getByRole('button', { name: 'Take a screenshot' });
export const open = (page: Page) => page.locator('#launcher').click();

/** Gives the form files as a paste does; each is [name, type, size]. */
export function paste(page: Page, files: [string, string, number][], kind: 'paste' | 'drop' = 'paste') {
  return page.evaluate(([list, name]) => {
    const data = new DataTransfer();
    for (const [file, type, size] of list) data.items.add(new File([new Uint8Array(size)], file, { type }));
    const dialog = document.querySelector('[data-playhead]')!.shadowRoot!.querySelector('dialog')!;
    const options = { bubbles: true, composed: true, cancelable: true };
    dialog.dispatchEvent(name === 'paste' ? new ClipboardEvent('paste', { ...options, clipboardData: data }) : new DragEvent('drop', { ...options, dataTransfer: data }));
  }, [files, kind] as const);
}

/** Adds a picture of 600 by 400 with a text in its middle, in black. */
export function pastePicture(page: Page, text: string, background = '#ffffff') {
  return page.evaluate(async ([words, colour]) => {
    const canvas = new OffscreenCanvas(600, 400);
    const context = canvas.getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, 600, 400);
    context.fillStyle = 'black';
    context.font = '20px monospace';
    context.fillText(words, 260, 205);
    const data = new DataTransfer();
    data.items.add(new File([await canvas.convertToBlob()], 'picture.png', { type: 'image/png' }));
    document.querySelector('[data-playhead]')!.shadowRoot!.querySelector('dialog')!
      .dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
  }, [text, background] as const);
}

export interface Pixels {
  width: number;
  height: number;
  data: number[];
}

/** Pixels of what the last report sent: of its screenshot, or of its attachment at a position. */
export function sentPixels(page: Page, which: 'screenshot' | number, x: number, y: number, width = 1, height = 1): Promise<Pixels> {
  return page.evaluate(([from, ...area]) => {
    const { seen, pixels } = globalThis as unknown as { seen: { reports: { screenshot: Blob; attachments: { data: Blob }[] }[] }; pixels: (blob: Blob, ...area: number[]) => Promise<Pixels> };
    const report = seen.reports.at(-1)!;
    return pixels(from === 'screenshot' ? report.screenshot : report.attachments[from as number]!.data, ...(area as number[]));
  }, [which, x, y, width, height] as const);
}

/** What the test page has seen (page.js), without its files. */
export async function seen(page: Page): Promise<{ reports: { title: string; description: string; email?: string; severity?: string; attachments: { name: string; type: string }[] }[]; paused: number; opened: number; closed: number; keys: number; violations: string[] }> {
  return page.evaluate(() => JSON.parse(JSON.stringify((globalThis as unknown as { seen: unknown }).seen)));
}
