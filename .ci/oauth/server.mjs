// A real `playhead serve` on a free port with a fresh data folder, and its first administrator.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts PLAYHEAD (a path) with two projects; gives its addresses, its administrator and how to run commands on it. */
export async function startServer(playhead, more = []) {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-ci-'));
  const data = join(folder, 'data');
  const log = [];
  const server = spawn(playhead, ['serve', '--json', '--listen', '127.0.0.1:0', '--data', data, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server.stderr.on('data', (chunk) => log.push(chunk));
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGINT');
    const [code] = await ended;
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`playhead serve ended with ${code}:\n${Buffer.concat(log)}`);
  };
  const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), ended.then(() => [undefined])]);
  if (line === undefined) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`playhead serve did not become ready:\n${Buffer.concat(log)}`);
  }
  const ready = JSON.parse(line);
  if (!ready.administrator) throw new Error('the first start made no administrator');
  const run = (...args) => execFileSync(playhead, [...args, '--data', data, '--json'], { encoding: 'utf8' });
  run('project', 'create', 'shop');
  run('project', 'create', 'depot');
  return { url: ready.public_url, local: ready.url, mcp: ready.mcp, administrator: ready.administrator, run, stop, log };
}

/** Runs `work` with a server and stops it whatever happens. */
export async function withServer(playhead, work) {
  const server = await startServer(playhead);
  try {
    await work(server);
  } catch (error) {
    console.error(Buffer.concat(server.log).toString().split('\n').slice(-40).join('\n'));
    throw error;
  } finally {
    await server.stop();
  }
}
