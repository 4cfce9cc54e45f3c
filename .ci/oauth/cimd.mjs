// A client whose id is the address of its document, against a real server: consent, call, refresh; then documents that
// must not be fetched, or not be believed. usage: node cimd.mjs PLAYHEAD FOLDER (see namespace)
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Keeper } from './keeper.mjs';
import { Person } from './person.mjs';
import { withServer } from './server.mjs';

const [playhead, folder] = process.argv.slice(2);
const PUBLIC = '93.184.216.34';
const ID = 'https://client.example/oauth/client.json';
const CALLBACK = 'http://127.0.0.1:43118/callback';
/** What no request of the server may carry: credentials that came in with the request which made it ask. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'referer', 'forwarded', 'x-forwarded-for'];

const documentOf = (id, more = {}) => JSON.stringify({ client_id: id, client_name: 'Described', redirect_uris: ['http://127.0.0.1/callback'], ...more });

/** Answers by path; keeps what was asked and at which address. */
const asked = [];
async function startDocuments() {
  const answers = {
    '/oauth/client.json': (response) => response.end(documentOf(ID)),
    '/another.json': (response) => response.end(documentOf(ID)),
    '/secret.json': (response) => response.end(documentOf('https://client.example/secret.json', { client_secret: 'x' })),
    '/large.json': (response) => response.end(documentOf('https://client.example/large.json', { x: 'x'.repeat(6000) })),
    '/redirect.json': (response) => response.writeHead(302, { location: 'https://private.example/client.json' }).end(),
    '/elsewhere.json': (response) => response.writeHead(307, { location: ID }).end(),
    // A byte now and then, for ever: only a limit on the whole fetch ends it.
    '/slow.json': (response) => {
      const timer = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(timer));
    },
  };
  const server = createServer({ key: readFileSync(join(folder, 'leaf.key')), cert: readFileSync(join(folder, 'leaf.pem')) }, (request, response) => {
    asked.push({ path: request.url, at: request.socket.localAddress.replace('::ffff:', ''), headers: request.headers });
    const { host } = request.headers;
    (answers[request.url] ?? ((r) => r.end(documentOf(`https://${host}${request.url}`))))(response);
  });
  server.listen(443, '::');
  await once(server, 'listening');
  return server;
}

async function connects(server, person) {
  const keeper = new Keeper('Not used', CALLBACK, { clientMetadataUrl: ID });
  const open = () => new StreamableHTTPClientTransport(new URL(server.mcp), { authProvider: keeper });
  const first = open();
  await assert.rejects(new Client({ name: 'playhead-check', version: '1' }).connect(first), UnauthorizedError);
  const authorization = keeper.asked.pop();
  assert.equal(authorization.searchParams.get('client_id'), ID, 'the client is known by its document, not registered');
  assert.deepEqual(asked, [], 'nothing is fetched for a stranger');
  const page = await person.open(authorization.pathname + authorization.search);
  assert.ok(page.includes('Described') && page.includes(ID) && page.includes('127.0.0.1:43118'), page);
  const sent = new URL(await person.allow(authorization));
  await first.finishAuth(sent.searchParams);
  const client = new Client({ name: 'playhead-check', version: '1' });
  await client.connect(open());
  const listed = async () => {
    const { content } = await client.callTool({ name: 'list_projects', arguments: {} });
    return content[0].text.match(/^\w{26} /gm).length;
  };
  assert.equal(await listed(), 2);
  const before = keeper.saved.tokens;
  keeper.saved.tokens = { ...before, access_token: `pha_${'x'.repeat(43)}` };
  assert.equal(await listed(), 2);
  assert.notEqual(keeper.saved.tokens.refresh_token, before.refresh_token);
  await client.close();
  assert.deepEqual(asked.map(({ path, at }) => [path, at]), [['/oauth/client.json', PUBLIC]], 'one fetch, at the public address');
  console.log('  ok: TypeScript SDK, described by its document: consent, call, refresh');
}

/** An authorization request of a client of this id, with every credential that a request can bring along. */
async function askFor(server, person, id) {
  const query = new URLSearchParams({
    response_type: 'code', client_id: id, redirect_uri: CALLBACK, code_challenge_method: 'S256', resource: server.mcp,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', access_token: 'pht_in_the_query',
  });
  return person.visit(`/authorize?${query}`);
}

async function refused(server, person) {
  const began = asked.length;
  const inside = ['private', 'router', 'metadata', 'carrier', 'loopback', 'loopback6', 'mapped', 'mixed', 'nowhere'].map((name) => `https://${name}.example/client.json`);
  const literal = ['https://10.0.0.5/c', 'https://[::ffff:10.0.0.5]/c', 'https://0177.0.0.1/c', 'https://2130706433/c', 'https://0x7f.1/c', 'https://localhost/c', 'http://client.example/oauth/client.json', 'https://client.example:8443/c', 'https://user@client.example/c'];
  for (const id of [...inside, ...literal]) {
    const answer = await askFor(server, person, id);
    assert.deepEqual([answer.status, answer.location], [400, null], `${id}: ${answer.text}`);
  }
  assert.equal(asked.length, began, `asked for: ${JSON.stringify(asked.slice(began))}`);
  const words = new Set();
  for (const id of inside) words.add(/<p[^>]*>[\s\S]*?<\/p>/.exec((await askFor(server, person, id)).text)?.[0]);
  assert.equal(words.size, 1, 'the same words for each: what can be reached is not told');

  for (const path of ['another', 'secret', 'large', 'redirect', 'elsewhere', 'slow']) {
    const answer = await askFor(server, person, `https://client.example/${path}.json`);
    assert.deepEqual([answer.status, answer.location], [400, null], `${path}: ${answer.text}`);
  }
  assert.ok(asked.every(({ at }) => at === PUBLIC), 'asked at an inside address');
  console.log(`  ok: ${inside.length + literal.length} ids that lead inside are not asked for, 6 documents are not believed`);
  for (const { path, headers } of asked) {
    for (const name of CREDENTIALS) assert.equal(headers[name], undefined, `${path}: ${name}`);
    assert.ok(!JSON.stringify(headers).includes('pht_'), path);
  }
  console.log(`  ok: ${asked.length} requests of the server carried no credential that it was sent`);
}

const documents = await startDocuments();
try {
  await withServer(playhead, async (server) => {
    const { secret } = JSON.parse(server.run('token', 'create', '--label', 'inbound'));
    const person = new Person(server.url, { authorization: `Bearer ${secret}` });
    await person.begin(server.administrator);
    await connects(server, person);
    await refused(server, person);
  });
} finally {
  documents.closeAllConnections();
  documents.close();
}
