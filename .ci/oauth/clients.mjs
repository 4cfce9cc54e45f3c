// Clients that others wrote do the whole OAuth flow against a real server and call a tool; a refresh is seen to work,
// and a revocation to bite. usage: node clients.mjs PLAYHEAD PYTHON
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Keeper } from './keeper.mjs';
import { Person } from './person.mjs';
import { withServer } from './server.mjs';

const [playhead, python] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
/** Looks like an access token, and is none: what a client has left when its own has expired. */
const STALE = `pha_${'x'.repeat(43)}`;

async function callTool(client) {
  const result = await client.callTool({ name: 'list_projects', arguments: {} });
  assert.ok(!result.isError, JSON.stringify(result));
  return [...result.content[0].text.matchAll(/^\w{26} (\S+) /gm)].map(([, slug]) => slug).sort();
}

async function typescript(endpoint, person, expected) {
  const keeper = new Keeper('TypeScript SDK', 'http://127.0.0.1:43117/callback', { state: () => 'a-state' });
  const open = () => new StreamableHTTPClientTransport(new URL(endpoint), { authProvider: keeper });
  const client = () => new Client({ name: 'playhead-check', version: '1' });

  const first = open();
  await assert.rejects(client().connect(first), UnauthorizedError);
  const sent = new URL(await person.allow(keeper.asked.pop()));
  assert.equal(sent.searchParams.get('state'), 'a-state');
  await first.finishAuth(sent.searchParams);
  const connected = client();
  await connected.connect(open());
  assert.deepEqual(await callTool(connected), expected);

  const before = keeper.saved.tokens;
  keeper.saved.tokens = { ...before, access_token: STALE };
  assert.deepEqual(await callTool(connected), expected);
  const after = keeper.saved.tokens;
  assert.ok(after.access_token !== STALE && after.refresh_token !== before.refresh_token, 'the tokens were not rotated');

  await person.endApps();
  await assert.rejects(callTool(connected), UnauthorizedError);
  assert.equal(keeper.asked.length, 1, 'the revoked client asks for a new authorization');
  await connected.close();
}

/** Brings an answer to a client that prints where to go before it listens for who comes back. */
async function arrive(url) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(url);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** mcp-remote prints the address to visit, and serves as an MCP server on stdio once somebody consented. */
async function remote(endpoint, person, expected) {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-mcp-remote-'));
  const script = join(here, 'node_modules/mcp-remote/dist/proxy.js');
  const start = (extra = {}) => new StdioClientTransport({
    command: process.execPath, args: [script, endpoint, '--transport', 'http-only'], stderr: 'pipe',
    env: { PATH: process.env.PATH, HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, BROWSER: 'none', DISPLAY: '', ...extra },
  });
  const tokens = () => {
    const [name] = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('_tokens.json'));
    return join(folder, name);
  };
  const session = async (work, visit) => {
    const transport = start();
    const printed = [];
    createInterface(transport.stderr).on('line', (line) => {
      printed.push(line);
      const url = /https?:\S+\/authorize\?\S+/.exec(line)?.[0];
      if (url) visit(url).catch((error) => printed.push(String(error)));
    });
    const client = new Client({ name: 'playhead-check', version: '1' });
    try {
      await client.connect(transport, { timeout: 60_000 });
      return await work(client);
    } catch (error) {
      throw new Error(`${error}\n${printed.join('\n')}`, { cause: error });
    } finally {
      await client.close();
    }
  };
  let visits = 0;
  const consent = async (url) => {
    visits += 1;
    const answer = await arrive(await person.allow(url));
    assert.equal(answer.status, 200, await answer.text());
  };
  const never = async () => { visits += 1; };
  try {
    assert.deepEqual(await session(callTool, consent), expected);
    assert.equal(visits, 1);

    const before = JSON.parse(readFileSync(tokens(), 'utf8'));
    writeFileSync(tokens(), JSON.stringify({ ...before, access_token: STALE }));
    assert.deepEqual(await session(callTool, never), expected);
    assert.equal(visits, 1, 'the refresh needed nobody');
    assert.notEqual(JSON.parse(readFileSync(tokens(), 'utf8')).refresh_token, before.refresh_token);

    await person.endApps();
    assert.deepEqual(await session(callTool, consent), expected);
    assert.equal(visits, 2, 'the revoked client asks for a new authorization');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The Python client does its own checks; it says which address to visit, and waits for where that leads. */
async function pythonSdk(endpoint, person, expected) {
  const child = spawn(python, [join(here, 'client.py'), endpoint, expected.join(',')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    const [word, rest] = [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)];
    if (word === 'visit') child.stdin.write(`${await person.allow(rest)}\n`);
    else if (word === 'revoke') {
      await person.endApps();
      child.stdin.write('revoked\n');
    } else console.log(line);
  }
  const [code] = await ended;
  assert.equal(code, 0, `client.py ended with ${code}`);
}

await withServer(playhead, async (server) => {
  const person = new Person(server.url);
  await person.begin(server.administrator);
  for (const [endpoint, expected] of [[server.mcp, ['depot', 'shop']], [`${server.url}/p/shop/mcp`, ['shop']]]) {
    for (const [name, client] of [['TypeScript SDK', typescript], ['mcp-remote', remote], ['Python SDK', pythonSdk]]) {
      await client(endpoint, person, expected);
      console.log(`  ok: ${name} at ${new URL(endpoint).pathname}: consent, call, refresh, revocation`);
      await person.endApps();
    }
  }
});
