// What a Playhead server does for a page that has the SDK: hands the script out, and takes the uploads, which it keeps.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'node:zlib';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../sdk/dist');

export class Sink {
  #segments = new Map();

  /** Answers requests for the SDK and its uploads; false for all others. */
  answer = async (url, request, response) => {
    const file = /^\/sdk\/v1\/([\w-]+\.js)$/.exec(url.pathname)?.[1];
    if (file) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(await readFile(join(dist, file)));
      return true;
    }
    const upload = /^\/v1\/replays\/([\w-]+)\/segments\/(\d+)$/.exec(url.pathname);
    if (!upload) return false;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.#segments.set(Number(upload[2]), { window: url.searchParams.get('window'), events: eventsOf(Buffer.concat(chunks)) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return true;
  };

  /** The events in the order of their segments. With `names`, each names its window by these, in order of appearance. */
  events(names) {
    const segments = [...this.#segments].sort(([a], [b]) => a - b).map(([, segment]) => segment);
    const windows = [...new Set(segments.map(({ window }) => window))];
    return segments.flatMap(({ window, events }) => (names ? events.map((event) => ({ ...event, windowId: names[windows.indexOf(window)] })) : events));
  }
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
