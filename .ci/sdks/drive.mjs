// SDKs of other products, unchanged, in a real Chromium: from a page to a transcript that names what was done, requests,
// console and errors, and to bugs. usage: node drive.mjs PLAYHEAD [NAME..], run in a folder with the npm packages
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { servePages } from './pages.mjs';
import { startServer } from './server.mjs';

const [playhead, ...only] = process.argv.slice(2);
const folder = process.cwd();
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
assert.ok(executablePath, 'no Chromium: install it, or set CHROMIUM');

const names = Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'))).dependencies);
const kindOf = (name) => (name.startsWith('sentry-') ? 'sentry' : name.startsWith('posthog-js-') ? 'posthog' : undefined);
const sdks = names.map((name) => ({ name, kind: kindOf(name), project: name.replaceAll('.', '-') }))
  .filter(({ name, kind }) => kind && (only.length === 0 || only.includes(name)));
const versionOf = (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'))).version;

/** One folder for each version, as an operator makes it. */
function posthogScripts() {
  const scripts = join(folder, 'scripts');
  rmSync(scripts, { recursive: true, force: true });
  mkdirSync(scripts);
  for (const { name, kind } of sdks) {
    if (kind === 'posthog') symlinkSync(join(folder, 'node_modules', name), join(scripts, versionOf(name)));
  }
  return scripts;
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** What a user does on the page of an SDK; gives what was sent. */
async function visit(browser, { name, kind }, host) {
  const context = await browser.newContext({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36' });
  const page = await context.newPage();
  const sent = [];
  page.on('response', (response) => {
    if (response.url().startsWith(host)) sent.push(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`);
  });
  page.on('requestfailed', (request) => { if (request.url().startsWith(host)) sent.push(`failed ${request.url()}`); });
  await page.goto(`http://shop.test:${visit.port}/${name}/`);
  await page.waitForTimeout(1000);
  // As a user types: what a script sets as soon as it moves the focus is told as the page's doing.
  await page.getByLabel('Name').click();
  await page.getByLabel('Name').pressSequentially('Ann', { delay: 60 });
  await page.getByRole('button', { name: 'Pay now' }).click();
  await page.getByText('The payment failed').waitFor();
  await page.getByRole('button', { name: 'Apply coupon' }).click();
  await page.getByRole('button', { name: 'Account' }).click();
  await page.evaluate(() => window.complain('I can not pay'));
  // Sentry sends a segment 5 s after the first thing that happened in it.
  await page.waitForTimeout(kind === 'sentry' ? 7000 : 5000);
  await context.close();
  return sent;
}

/** Calls a tool over REST. */
async function tool(server, token, name, args) {
  const answer = await fetch(`${server.local}/v1/tools/${name}`, {
    method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(args),
  });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return JSON.stringify(json);
}

/** The bugs of a project, and the transcript of the replay that shows the error. */
async function found(server, token, project) {
  const list = JSON.parse(await tool(server, token, 'list_bugs', { project }));
  const text = JSON.stringify(list);
  const ids = [...new Set(text.match(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g))];
  for (const id of ids) {
    const context = await fetch(`${server.local}/v1/tools/get_replay_transcript`, {
      method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ bug_id: id, verbosity: 'detailed', max_tokens: 25000 }),
    });
    if (context.status === 200) {
      const transcript = JSON.stringify(await context.json());
      if (transcript.includes('Pay now')) return { bugs: text, transcript };
    }
  }
  return { bugs: text, transcript: '' };
}

async function check(server, token, sdk, sent) {
  let { bugs, transcript } = { bugs: '', transcript: '' };
  for (let tries = 0; tries < 40; tries += 1) {
    ({ bugs, transcript } = await found(server, token, sdk.project));
    // The idle time closes a replay; what comes late opens it again.
    if (transcript.includes('reading \'total\'') || transcript.includes('setting \'total\'')) break;
    await pause(1000);
  }
  const told = `${sdk.name} ${versionOf(sdk.name)}\nsent: ${sent.join('\n      ')}\nbugs: ${bugs}\ntranscript: ${transcript.slice(0, 6000)}`;
  const navigates = !['posthog-js-1.116', 'posthog-js-1.205'].includes(sdk.name);
  for (const [what, text, pattern] of [
    ['the action', transcript, /Pay now/],
    ['what was typed', transcript, /Ann/],
    ['the request', transcript, /\/api\/pay/],
    ['its status', transcript, /502/],
    ['the console', transcript, /stock is low/],
    ['the error', transcript, /Cannot set properties of undefined \(setting 'total'\)/],
    ['the navigation', transcript, navigates ? /\/account/ : /Your account/],
    ['the change', transcript, /The payment failed with 502/],
    ['the bug of the error', bugs, /TypeError: Cannot set properties of undefined/],
    ['the bug of the feedback', bugs, /I can not pay/],
  ]) assert.match(text, pattern, `${what} is missing for ${told}`);
  assert.ok(!/ingest\.test/.test(transcript) || sdk.kind === 'posthog', `its own uploads are recorded: ${told}`);
  const refused = sent.filter((line) => !line.startsWith('2'));
  assert.deepEqual(refused.filter((line) => !line.includes('/static/')), [], told);
  console.log(`ok ${sdk.name} ${versionOf(sdk.name)}: ${sent.length} requests`);
}

const server = await startServer(playhead, ['--idle-close-ms', '3000', '--idle-check-ms', '300', '--posthog-scripts', posthogScripts()]);
const failures = [];
try {
  const token = JSON.parse(server.run('token', 'create', '--label', 'check')).secret;
  const keys = new Map();
  for (const { project } of sdks) {
    server.run('project', 'create', project);
    keys.set(project, JSON.parse(server.run('key', 'create', '--project', project)).secret);
  }
  const port = new URL(server.local).port;
  const host = `http://ingest.test:${port}`;
  const words = ({ project }) => ({ KEY: keys.get(project), HOST: host, DSN: `http://${keys.get(project)}@ingest.test:${port}/1`, TUNNEL: '' });
  const pages = await servePages(sdks, words, folder);
  visit.port = pages.port;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1'] });
  for (const sdk of sdks) {
    try {
      await check(server, token, sdk, await visit(browser, sdk, host));
    } catch (error) {
      failures.push(error);
      console.error(`FAILED ${sdk.name}\n${error.message}`);
    }
  }
  await browser.close();
  pages.stop();
} finally {
  if (failures.length > 0) console.error(Buffer.concat(server.log).toString().split('\n').slice(-40).join('\n'));
  await server.stop();
}
process.exitCode = failures.length > 0 ? 1 : 0;
