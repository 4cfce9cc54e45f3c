// The protocol's own conformance suite against a real server: every server scenario that each revision requires, then
// those for authorization servers. usage: node conformance.mjs PLAYHEAD SUITE, SUITE being the suite's program.
//
// The suite can't send a bearer token, so a proxy adds it; Host and Origin pass as the suite sends them.
// A scenario passes when it ran, made at least one successful check and no failing one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Person } from './person.mjs';
import { startServer } from './server.mjs';

const [playhead, suite] = process.argv.slice(2);

/** These need a session: the server asks the client in the middle of a call, or streams belong together. Playhead has none. */
const IN_SESSION = [
  'tools-call-sampling', 'tools-call-elicitation', 'elicitation-sep1034-defaults', 'elicitation-sep1330-enums', 'server-sse-multiple-streams',
];
const RUNS = [
  { revision: '2026-07-28', sessions: false, applies: () => true },
  { revision: '2025-11-25', sessions: false, applies: (scenario) => !IN_SESSION.includes(scenario) },
  { revision: '2025-11-25', sessions: true, applies: () => true },
];

/** A proxy on a free port; where to and with what headers is told by `target` at each request. */
async function startProxy(target) {
  const proxy = createServer((request, response) => {
    const { url, headers } = target();
    const { hostname, port } = new URL(url);
    const onward = send(
      { hostname, port, path: request.url, method: request.method, headers: { ...request.headers, ...headers } },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { url: `http://127.0.0.1:${proxy.address().port}`, close: () => proxy.close() };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs the suite's program; gives what it printed, and shows each line to `watch`. */
async function run(args, watch = () => {}) {
  const program = spawn(process.execPath, [suite, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  for (const stream of [program.stdout, program.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      watch(line);
    });
  }
  const [code] = await once(program, 'close');
  return { code, text: lines.join('\n') };
}

async function required(revision) {
  const { text } = await run(['list', '--server', '--requirements', revision]);
  const [, list] = /^Server scenarios[^\n]*\n((?: {2}- [^\n]+\n)+)/m.exec(text) ?? assert.fail(`no scenarios in:\n${text}`);
  return list.trim().split('\n').map((line) => line.trim().slice(2));
}

/** The checks of a scenario that ran, from the folder of results. */
function checksOf(folder, prefix) {
  const found = readdirSync(folder).filter((name) => new RegExp(`^${prefix}-\\d{4}-\\d\\d-\\d\\d`).test(name));
  return found.flatMap((name) => JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')));
}

/** Says what came of the scenarios; gives the number that did not pass. */
function judge(title, scenarios, checks) {
  const bad = scenarios.filter((scenario) => {
    const of = checks(scenario);
    const failed = of.filter((check) => check.status === 'FAILURE');
    for (const check of failed) console.error(`  ${scenario}: ${check.id}: ${check.errorMessage}`);
    for (const check of of.filter((c) => c.status === 'WARNING')) console.log(`  warning: ${scenario}: ${check.id}: ${check.errorMessage}`);
    if (of.length === 0) console.error(`  ${scenario}: it did not run`);
    return failed.length > 0 || !of.some((check) => check.status === 'SUCCESS');
  });
  console.log(`${title}: ${scenarios.length - bad.length} of ${scenarios.length} scenarios pass`);
  return bad.length;
}

async function server(folder, proxy, { revision, sessions, applies }) {
  const scenarios = (await required(revision)).filter(applies);
  await run(['server', '--url', `${proxy.url}/mcp`, '--requirements', revision, '-o', folder]);
  const title = `server ${revision}${sessions ? ', fixtures with sessions' : ''}`;
  return judge(title, scenarios, (scenario) => checksOf(folder, `server-${scenario}`));
}

async function authorizationServer(folder, url, mcp, person) {
  const port = await freePort();
  const metadata = { client_name: 'Conformance', redirect_uris: [`http://127.0.0.1:${port}/callback`] };
  const registered = await fetch(`${url}/register`, { method: 'POST', body: JSON.stringify(metadata) });
  const { client_id: client } = await registered.json();
  const visit = async (line) => {
    const asked = /^http\S+\/authorize\?\S+$/.exec(line.trim())?.[0];
    if (asked) await fetch(await person.allow(asked));
  };
  const args = ['--url', url, '--client-id', client, '--resource', mcp, '-p', String(port), '-o', folder];
  const { text } = await run(['authorization', ...args], (line) => visit(line).catch((error) => console.error(error)));
  const ran = readdirSync(folder).map((name) => /^authorization-server-(.*)-\d{4}-\d\d-\d\dT/.exec(name)?.[1]).filter(Boolean);
  assert.ok(ran.length >= 2, `the authorization-server scenarios did not run:\n${text}`);
  return judge('authorization server', ran, (scenario) => checksOf(folder, `authorization-server-${scenario}`));
}

const target = { url: '', headers: {} };
const proxy = await startProxy(() => target);
const playing = await startServer(playhead, ['--public-url', proxy.url]);
const folder = mkdtempSync(join(tmpdir(), 'playhead-conformance-'));
let failed = 0;
try {
  target.url = playing.local;
  const { secret } = JSON.parse(playing.run('token', 'create', '--label', 'conformance'));
  for (const [n, mode] of RUNS.entries()) {
    target.headers = { authorization: `Bearer ${secret}`, ...(mode.sessions ? { 'x-conformance-sessions': '1' } : {}) };
    failed += await server(join(folder, `run-${n}`), proxy, mode);
  }
  target.headers = {};
  const person = new Person(proxy.url);
  await person.begin(playing.administrator);
  failed += await authorizationServer(join(folder, 'authorization'), playing.url, playing.mcp, person);
} finally {
  proxy.close();
  await playing.stop();
  if (failed === 0) rmSync(folder, { recursive: true, force: true });
  else console.error(`the suite's records are in ${folder}`);
}
process.exit(failed === 0 ? 0 : 1);
