// The pages in a real Chromium with JavaScript off: sign-in, password, token, consent, connected apps.
// usage: node pages.mjs PLAYHEAD
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { withServer } from './server.mjs';

const PASSWORD = 'nine patient otters';
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
assert.ok(executablePath, 'no Chromium: install it, or set CHROMIUM');

/** What must hold on every page: a language, a title, one heading, a label for each field, a name for each button. */
async function inOrder(page) {
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(await page.title(), /· Playhead$/);
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, page.url());
  assert.equal(await page.getByRole('main').count(), 1);
  const tree = await page.locator('body').ariaSnapshot();
  assert.doesNotMatch(tree, /- (textbox|checkbox|combobox|button|link)( \[.*\])?:?$/m, `a control without a name on ${page.url()}:\n${tree}`);
  assert.equal(await page.locator('script, [onclick], [style]').count(), 0, 'scripts or inline styles');
  const wide = await page.locator('html').boundingBox();
  assert.ok(wide.width <= page.viewportSize().width, `${page.url()} scrolls sideways`);
}

async function signIn(page, { url, administrator }) {
  await page.goto(`${url}/account/tokens`);
  await inOrder(page);
  await page.getByLabel('Address').fill(administrator.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.match(await page.getByRole('alert').innerText(), /is not right/);
  await inOrder(page);
  await page.getByLabel('Password').fill(administrator.password);
  // By keyboard, as a person without a mouse.
  await page.getByLabel('Password').press('Enter');
  await page.waitForURL('**/account/password*');
  await inOrder(page);
  for (const field of await page.locator('input[type=password]').all()) await field.fill(PASSWORD);
  await page.locator('main').getByRole('button').click();
  await page.waitForURL('**/account/tokens');
}

async function token(page, { url }) {
  await inOrder(page);
  await page.getByLabel('What it is for').fill('<b>a script</b>');
  await page.getByLabel('Where it works').selectOption({ label: 'Only shop' });
  await page.getByRole('button', { name: 'Make the token' }).click();
  const secret = await page.locator('#secret').innerText();
  assert.match(secret, /^pht_/);
  assert.match(await page.getByRole('status').innerText(), /\/p\/shop\/mcp/);
  await inOrder(page);
  const call = (bearer) => fetch(`${url}/p/shop/mcp`, {
    method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  });
  assert.equal((await call(secret)).status, 200);
  await page.goto(`${url}/account/tokens`);
  assert.equal(await page.getByText(secret).count(), 0, 'a secret is shown once');
  assert.equal(await page.getByText('<b>a script</b>').count() > 0, true, 'a label is text');
  await page.getByRole('button', { name: 'Revoke <b>a script</b>' }).click();
  await page.getByText('You have no tokens.').waitFor();
  assert.equal((await call(secret)).status, 401);
}

async function consent(page, { url, mcp }) {
  const calls = [];
  const callback = createServer((request, response) => {
    if (request.url.startsWith('/callback')) calls.push(new URL(request.url, redirect));
    response.end('connected');
  }).listen(0, '127.0.0.1');
  await once(callback, 'listening');
  const redirect = `http://127.0.0.1:${callback.address().port}/callback`;
  const registered = await fetch(`${url}/register`, { method: 'POST', body: JSON.stringify({ client_name: 'Robot', redirect_uris: [redirect] }) });
  const { client_id: client } = await registered.json();
  const verifier = 'v'.repeat(64);
  const query = new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirect, state: 'a state', resource: mcp, scope: 'bugs:read cookies:read',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const ask = async () => {
    await page.goto(`${url}/authorize?${query}`);
    await inOrder(page);
    const text = await page.getByRole('main').innerText();
    for (const shown of ['Robot', client, new URL(redirect).host, 'shop', 'bugs:read', 'cookies:read']) assert.ok(text.includes(shown), `${shown} is not shown:\n${text}`);
  };
  await ask();
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.waitForURL(`${redirect}*`);
  assert.equal(calls.at(-1).searchParams.get('error'), 'access_denied');
  await ask();
  await page.getByRole('checkbox', { name: /cookies:read/ }).uncheck();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.waitForURL(`${redirect}*`);
  const sent = Object.fromEntries(calls.at(-1).searchParams);
  assert.deepEqual([sent.state, sent.iss], ['a state', url]);
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: client, code: sent.code, code_verifier: verifier });
  const tokens = await (await fetch(`${url}/token`, { method: 'POST', body })).json();
  assert.equal(tokens.scope, 'bugs:read');
  callback.close();
  return tokens;
}

async function apps(page, { url }, tokens) {
  await page.goto(`${url}/account`);
  await page.getByRole('link', { name: 'Connected apps' }).first().click();
  await inOrder(page);
  await page.getByRole('heading', { name: 'Robot' }).waitFor();
  await page.getByRole('button', { name: 'End access of Robot' }).click();
  await page.getByRole('status').waitFor();
  await page.getByText('No app is connected.').waitFor();
  const body = new URLSearchParams({ token: tokens.access_token });
  assert.equal((await fetch(`${url}/revoke`, { method: 'POST', body })).status, 200, 'revoking what is over is no fault');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goto(`${url}/account`);
  assert.match(page.url(), /\/sign-in\?next=/);
}

await withServer(process.argv[2], async (server) => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-proxy-server', '--disable-background-networking'] });
  try {
    for (const viewport of [{ width: 1280, height: 800 }]) {
      const context = await browser.newContext({ javaScriptEnabled: false, viewport });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const refused = [];
      page.on('console', (message) => refused.push(message.text()));
      await signIn(page, server);
      console.log('  ok: sign-in, and the first password');
      await token(page, server);
      console.log('  ok: tokens');
      const tokens = await consent(page, server);
      console.log('  ok: consent');
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${server.url}/account/tokens`);
      await inOrder(page);
      await apps(page, server, tokens);
      console.log('  ok: connected apps, on a small screen');
      assert.deepEqual(refused.filter((text) => /Content Security Policy/.test(text)), []);
    }
  } finally {
    await browser.close();
  }
});
