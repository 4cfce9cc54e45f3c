// The pages in a real Chromium: sign-in, password, tokens, consent, connected apps, unknown addresses. Everything is done
// with JavaScript off; then every page is checked again with axe-core, which needs JavaScript, on large and small screens
// and in both color schemes, and the copy buttons are tried.
// usage: node pages.mjs PLAYHEAD [FOLDER], FOLDER being where to put a screenshot of every page
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { checkPages } from './accessibility.mjs';
import { withServer } from './server.mjs';

const [playhead, pictures] = process.argv.slice(2);
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
  assert.equal(await page.locator('script:not([src]), [onclick], [style]').count(), 0, 'scripts or styles inside the page');
  const wide = await page.locator('html').boundingBox();
  assert.ok(wide.width <= page.viewportSize().width, `${page.url()} scrolls sideways`);
}

async function signIn(page, { url, administrator }) {
  await page.goto(`${url}/account/tokens`);
  await inOrder(page);
  await page.getByLabel('Email').fill(administrator.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.match(await page.getByRole('alert').innerText(), /is not correct/);
  await inOrder(page);
  await page.getByLabel('Password').fill(administrator.password);
  // By keyboard, as a person without a mouse.
  await page.getByLabel('Password').press('Enter');
  await page.waitForURL('**/account/password*');
  await page.getByText('That was a one-time password.').waitFor();
  await inOrder(page);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('Repeat password').fill(PASSWORD);
  await page.locator('main').getByRole('button').click();
  await page.waitForURL('**/account/tokens');
}

async function token(page, { url }) {
  await inOrder(page);
  assert.equal(await page.getByRole('navigation').locator('[aria-current=page]').innerText(), 'Tokens');
  await page.getByLabel('Name').fill('<b>a script</b>');
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Only shop' });
  await page.getByRole('combobox', { name: 'Expires' }).selectOption({ label: 'In 30 days' });
  await page.getByRole('group', { name: 'Permissions' }).waitFor();
  await page.getByRole('button', { name: 'Create token' }).click();
  const secret = await page.locator('#secret').innerText();
  assert.match(secret, /^pht_/);
  assert.match(await page.locator('.done').innerText(), /\/p\/shop\/mcp/);
  assert.equal(await page.getByRole('button', { name: /^Copy/ }).count(), 0, 'a button that does nothing without JavaScript');
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

/** A client that registered, with the address that its answers come to. */
async function register({ url, mcp }) {
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
  const authorization = (scope) => `${url}/authorize?${new URLSearchParams({
    response_type: 'code', client_id: client, redirect_uri: redirect, state: 'a state', resource: mcp, scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  })}`;
  return { client, redirect, verifier, calls, authorization, close: () => callback.close() };
}

async function consent(page, { url }, app) {
  const ask = async () => {
    await page.goto(app.authorization('bugs:read cookies:read'));
    await inOrder(page);
    const text = await page.getByRole('main').innerText();
    for (const shown of ['Robot', app.client, new URL(app.redirect).host, 'shop', 'bugs:read', 'cookies:read', 'Sensitive', 'Access ends immediately']) {
      assert.ok(text.includes(shown), `${shown} is not shown:\n${text}`);
    }
  };
  await ask();
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.waitForURL(`${app.redirect}*`);
  assert.equal(app.calls.at(-1).searchParams.get('error'), 'access_denied');
  await ask();
  assert.equal(await page.getByRole('checkbox', { name: /bugs:read/ }).isChecked(), true);
  assert.equal(await page.getByRole('checkbox', { name: /cookies:read/ }).isChecked(), false);
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.waitForURL(`${app.redirect}*`);
  const sent = Object.fromEntries(app.calls.at(-1).searchParams);
  assert.deepEqual([sent.state, sent.iss], ['a state', url]);
  const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: app.client, code: sent.code, code_verifier: app.verifier });
  const tokens = await (await fetch(`${url}/token`, { method: 'POST', body })).json();
  assert.equal(tokens.scope, 'bugs:read');
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

async function unknown(page, { url }) {
  const answer = await page.goto(`${url}/account/nowhere`);
  assert.equal(answer.status(), 404);
  await inOrder(page);
  await page.getByRole('main').getByRole('link', { name: 'Tokens' }).click();
  await page.waitForURL('**/account/tokens');
  assert.match(await (await fetch(`${url}/nowhere`)).text(), /"NOT_FOUND"/, 'programs get JSON');
}

await withServer(playhead, async (server) => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-proxy-server', '--disable-background-networking'] });
  const app = await register(server);
  try {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const refused = [];
    page.on('console', (message) => refused.push(message.text()));
    await signIn(page, server);
    console.log('  ok: sign-in, and the first password');
    await token(page, server);
    console.log('  ok: tokens');
    const tokens = await consent(page, server, app);
    console.log('  ok: consent');
    await unknown(page, server);
    console.log('  ok: an unknown address');
    await checkPages(browser, server, app, PASSWORD, pictures);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${server.url}/account/tokens`);
    await inOrder(page);
    await apps(page, server, tokens);
    console.log('  ok: connected apps, on a small screen');
    assert.deepEqual(refused.filter((text) => /Content Security Policy/.test(text)), []);
  } finally {
    app.close();
    await browser.close();
  }
});
