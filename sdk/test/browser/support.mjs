// A real server, a real browser, and a page on an origin of its own that has the built script.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'node:zlib';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { startServer } from '../../../.ci/oauth/server.mjs';

export const here = dirname(fileURLToPath(import.meta.url));
export const dist = join(here, '../../dist');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** With `bfcache`, pages are kept as in other browsers; Playwright turns that off, and then misses events of pages. */
export async function startBrowser({ bfcache = false } = {}) {
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium: install it, or set CHROMIUM');
  return chromium.launch({ executablePath, headless: true, ignoreDefaultArgs: bfcache ? ['--disable-back-forward-cache'] : [], args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'] });
}

/** Serves pages by a function from path to HTML, the built files under /sdk/v1/, and whatever `more` answers. */
export async function startSite(page, more = () => false) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://site');
    if (more(url, request, response)) return;
    if (url.pathname.startsWith('/sdk/v1/')) {
      const file = join(dist, url.pathname.slice(8));
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }).end(readFileSync(file));
      return;
    }
    const html = page(url);
    const { body, headers } = typeof html === 'string' ? { body: html, headers: {} } : html ?? { body: undefined };
    if (body === undefined) return void response.writeHead(404).end('not found');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/**
 * A Playhead server that is real: `ask` calls an MCP tool, `segments` gives what arrived by replay.
 * Uploads go through a proxy that keeps a copy, so that a test can look at the bytes.
 */
export async function startPlayhead(binary) {
  const server = await startServer(binary);
  const key = JSON.parse(server.run('key', 'create', '--project', 'shop')).secret;
  const token = JSON.parse(server.run('token', 'create', '--label', 'test', '--scope', 'bugs:read', '--scope', 'replay:raw')).secret;
  const uploads = [];
  const state = { answer: undefined };
  const proxy = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request.on('error', () => {})) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url, server.local);
    const forced = state.answer?.(url, request);
    if (forced) {
      if (forced === 'drop') return void request.socket.destroy();
      return void response.writeHead(forced, { 'access-control-allow-origin': '*' }).end('{}');
    }
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length|transfer-encoding)$/.test(name)));
    const answer = await fetch(url, { method: request.method, headers, ...(body.length ? { body } : {}) });
    const text = Buffer.from(await answer.arrayBuffer());
    const match = /\/v1\/replays\/([^/]+)\/segments\/(\d+)/.exec(url.pathname);
    if (match && request.method === 'POST') {
      uploads.push({ replay: match[1], n: Number(match[2]), window: url.searchParams.get('window'), final: url.searchParams.has('final'), status: answer.status, events: eventsOf(body), bytes: body.length, answer: JSON.parse(text) });
    }
    const out = Object.fromEntries([...answer.headers].filter(([name]) => !/^(content-encoding|content-length|transfer-encoding|connection|keep-alive)$/.test(name)));
    response.writeHead(answer.status, out).end(text);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const ask = async (name, args) => {
    const answer = await fetch(`${server.local}/mcp`, {
      method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    });
    const text = await answer.text();
    const json = JSON.parse(text.startsWith('{') ? text : text.split('\n').find((line) => line.startsWith('data: {')).slice(6));
    const said = (json.result?.content ?? []).map((part) => part.text ?? '').join('\n');
    if (!json.result || json.result.isError) throw new Error(`${name}: ${said || text}`);
    return said;
  };
  return {
    url: `http://127.0.0.1:${proxy.address().port}`, key, uploads, ask, state,
    /** The events of a replay that arrived and were taken, each once, in the order of their time. */
    events(replay) {
      const seen = new Map();
      for (const upload of uploads.filter((one) => one.replay === replay && one.status < 300)) seen.set(upload.n, upload.events.map((event) => ({ ...event, window: upload.window })));
      return [...seen.entries()].sort((a, b) => a[0] - b[0]).flatMap(([, events]) => events).sort((a, b) => a.timestamp - b.timestamp);
    },
    /** The transcript, once it is there. */
    async transcript(replay, more = {}) {
      const id = uploads.find((one) => one.replay === replay && one.status < 300)?.answer.replay_id;
      if (!id) throw new Error(`nothing of ${replay} arrived`);
      let last;
      for (let tries = 0; tries < 150; tries++) {
        try {
          const text = await ask('get_replay_transcript', { replay_id: id, verbosity: 'detailed', max_tokens: 25000, ...more });
          if (!/ has no transcript\./.test(text)) return text;
          last = new Error(text);
        } catch (error) { last = error; }
        await sleep(200);
      }
      throw last;
    },
    async stop() {
      proxy.closeAllConnections();
      proxy.close();
      await server.stop();
    },
  };
}

/** The events in a multipart body. */
function eventsOf(body) {
  const start = body.indexOf('name="rrweb"');
  if (start < 0) return [];
  const from = body.indexOf('\r\n\r\n', start) + 4;
  const boundary = body.subarray(0, body.indexOf('\r\n'));
  const part = body.subarray(from, body.indexOf(boundary, from) - 2);
  return JSON.parse(unzipSync(part));
}

/** Waits until `check` gives something true. */
export async function until(check, what, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(50);
  }
}
