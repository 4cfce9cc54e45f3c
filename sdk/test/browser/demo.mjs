// A newcomer's first bug: `playhead demo`, its shop in a real Chromium, a planted bug, the report button, and what an
// assistant is told.
// usage: node test/browser/demo.mjs PLAYHEAD
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser, until } from './support.mjs';

const [binary] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), 'playhead-demo-'));
const demo = spawn(binary, ['demo', '--data', data, '--listen', '127.0.0.1:0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = new Promise((resolve) => demo.on('exit', resolve));
try {
  const said = await new Promise((resolve, reject) => {
    let text = '';
    demo.stdout.on('data', (chunk) => { text += chunk; if (text.includes('\n')) resolve(JSON.parse(text)); });
    void ended.then(() => reject(new Error(`the demo ended: ${text}`)));
  });
  assert.match(said.key, /^phk_/);
  const ask = async (tool, args) => {
    const answer = await fetch(`${said.url}/v1/tools/${tool}`, {
      method: 'POST', body: JSON.stringify(args), headers: { authorization: `Bearer ${said.token}`, 'content-type': 'application/json' },
    });
    return answer.text();
  };
  const browser = await startBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${said.shop}/product/enamel-kettle`);
  await page.getByTestId('add-to-cart').click();
  await page.getByRole('link', { name: 'View cart' }).click();
  await page.getByLabel('Coupon code').click();
  await page.keyboard.type('SPRING25');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByText('Checking').waitFor();
  await page.getByRole('button', { name: 'Report a bug' }).click();
  await page.getByRole('textbox', { name: 'What went wrong?' }).fill('My coupon does nothing');
  await page.getByRole('button', { name: /^send/i }).click();
  const bug = await until(async () => {
    const { structuredContent } = JSON.parse(await ask('list_bugs', { limit: 100 }));
    const bugs = Object.values(structuredContent).find(Array.isArray);
    return bugs.find(({ title, untrusted }) => (title ?? untrusted?.title) === 'My coupon does nothing');
  }, 'the bug');
  await browser.close();
  const { id } = bug;
  const text = await until(async () => {
    const told = await ask('get_bug_context', { bug_id: id });
    return told.includes('checkMinimum') && told;
  }, 'the transcript', 120_000);
  assert.match(text, /click button \\?"Apply/);
  console.log('ok  the first bug of a newcomer');
} finally {
  demo.kill('SIGINT');
  await ended;
  rmSync(data, { recursive: true, force: true });
}
