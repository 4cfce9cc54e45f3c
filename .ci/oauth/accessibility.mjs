// Every page with JavaScript on: no violation that axe-core finds, nothing wider than the screen, controls of at least
// 44 px, and copy buttons that copy.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SCREENS = [{ width: 1280, height: 800 }, { width: 1100, height: 800 }, { width: 390, height: 844 }];
const SCHEMES = ['light', 'dark'];
const TARGET_PX = 44;
const ALL_SCOPES = 'bugs:read bugs:write cookies:read replay:raw agent:tasks regression:write admin';

/** Controls that are lower than a finger needs. Links in a sentence are exempt, as in WCAG 2.5.8. */
const lowControls = (least) => [...document.querySelectorAll('button, select, summary, input:not([type=hidden]), nav a, a.button, .brand a')]
  .map((control) => (control.type === 'checkbox' ? control.closest('label') : control))
  .filter((control) => control.getBoundingClientRect().height < least && control.checkVisibility())
  .map((control) => control.outerHTML.slice(0, 120));

async function check(page, name, pictures) {
  await page.addScriptTag({ path: AXE });
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const screen of SCREENS) {
      await page.setViewportSize(screen);
      const where = `${name} at ${screen.width} px, ${colorScheme}`;
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${screen.width}-${colorScheme}.png`), fullPage: true });
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}\n${node.failureSummary}`));
      assert.deepEqual(found, [], where);
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.ok(scrollWidth <= clientWidth, `${where}: ${scrollWidth} px wide`);
      assert.deepEqual(await page.evaluate(lowControls, TARGET_PX), [], `${where}: controls lower than ${TARGET_PX} px`);
    }
  }
}

/** Presses the copy button of a text; gives what is on the clipboard then. */
async function copied(page, name) {
  await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click();
  await page.getByRole('button', { name: `Copied ${name}`, exact: true }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Checks every page. `app` is a registered client, `password` the administrator's; pictures go into `pictures`. */
export async function checkPages(browser, server, app, password, pictures) {
  if (pictures) mkdirSync(pictures, { recursive: true });
  // axe-core comes in as a script of the page, which the pages' own policy forbids.
  const context = await browser.newContext({ bypassCSP: true, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const go = (path) => page.goto(new URL(path, server.url).href);
  const submit = (name) => page.getByRole('main').getByRole('button', { name, exact: true }).click();

  await go('/sign-in');
  await check(page, 'sign-in', pictures);
  await page.getByLabel('Email').fill(server.administrator.email);
  await page.getByLabel('Password').fill('not the password');
  await submit('Sign in');
  await check(page, 'sign-in-refused', pictures);
  await go('/nowhere');
  await check(page, 'not-found-signed-out', pictures);
  const invitation = JSON.parse(server.run('member', 'invite', 'ann@example.com'));
  await go(invitation.path);
  await check(page, 'invitation', pictures);
  await go('/invitations/unknown');
  await check(page, 'invitation-invalid', pictures);

  await go('/sign-in');
  await page.getByLabel('Email').fill(server.administrator.email);
  await page.getByLabel('Password').fill(password);
  await submit('Sign in');
  await page.waitForURL('**/account');
  await check(page, 'account', pictures);
  assert.equal(await copied(page, 'endpoint'), server.mcp);
  await page.getByText('Configuration for common clients').click();
  assert.match(await copied(page, 'command for Claude Code'), /^claude mcp add .*\/mcp$/);
  await check(page, 'account-open', pictures);

  await go('/account/tokens');
  await page.getByLabel('Name').fill('Nightly triage script');
  await page.getByRole('checkbox', { name: /cookies:read/ }).check();
  await submit('Create token');
  assert.match(await copied(page, 'token'), /^pht_/);
  await page.getByText('Configuration for common clients').click();
  const { servers } = JSON.parse(await copied(page, 'configuration for VS Code'));
  assert.match(servers.playhead.headers.Authorization, /^Bearer pht_/);
  await check(page, 'token-created', pictures);
  await go('/account/tokens');
  await check(page, 'tokens', pictures);
  await submit('Revoke Nightly triage script');

  await go('/account/apps');
  await check(page, 'apps', pictures);
  await go('/account/password');
  await check(page, 'password', pictures);
  await page.goto(app.authorization(ALL_SCOPES));
  await check(page, 'consent', pictures);
  await page.getByRole('checkbox', { name: /bugs:read/ }).uncheck();
  await submit('Allow');
  await check(page, 'consent-nothing-selected', pictures);
  await go('/account/nowhere');
  await check(page, 'not-found', pictures);

  const bob = JSON.parse(server.run('member', 'create', 'bob@example.com'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Email').fill('bob@example.com');
  await page.getByLabel('Password').fill(bob.password);
  await submit('Sign in');
  await page.getByLabel('New password').waitFor();
  await check(page, 'one-time-password', pictures);
  await context.close();
  console.log('  ok: axe-core, widths and controls on every page; copy buttons');
}
