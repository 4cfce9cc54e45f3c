/**
 * Compression: in a worker where the page's Content-Security-Policy allows one, else by CompressionStream, else at once.
 * In: text. Out: bytes. Never here: what the text is.
 */
import { deflateSync } from 'fflate';
import { quietly } from '../util.ts';

/**
 * For the moment of leaving, in which nothing asynchronous ends: zlib (RFC 1950), whose frame is smaller to make than
 * gzip's; the server takes either.
 */
export function compressNow(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  const packed = deflateSync(bytes);
  const out = new Uint8Array(packed.length + 6);
  out.set([0x78, 0x9c]);
  out.set(packed, 2);
  out.set([b >> 8, b, a >> 8, a], packed.length + 2);
  return out;
}

const BODY = 'new Response(new Blob([x]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer()';
const WORKER = `onmessage=async({data:[i,x]})=>{let r;try{r=await ${BODY}}catch(e){}postMessage([i,r],r?[r]:[])}`;

export function createGzip() {
  let worker: Worker | undefined;
  let next = 0;
  const waiting = new Map<number, (bytes?: ArrayBuffer) => void>();
  const give = (id: number, bytes?: ArrayBuffer) => { waiting.get(id)?.(bytes); waiting.delete(id); };
  const close = () => {
    worker?.terminate();
    worker = undefined;
    for (const id of [...waiting.keys()]) give(id);
  };
  const open = () => {
    if (typeof CompressionStream === 'undefined') return;
    const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
    worker = quietly(() => new Worker(url));
    if (!worker) return;
    worker.onmessage = ({ data: [id, bytes] }) => give(id, bytes);
    // A worker that the policy forbids fails by this event.
    worker.onerror = close;
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  let tried = false;

  return {
    async gzip(text: string): Promise<Uint8Array> {
      if (!tried) {
        tried = true;
        open();
      }
      const bytes = worker && await new Promise<ArrayBuffer | undefined>((resolve) => {
        waiting.set(next, resolve);
        worker!.postMessage([next++, text]);
      });
      if (bytes) return new Uint8Array(bytes);
      try {
        const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
        return new Uint8Array(await new Response(stream).arrayBuffer());
      } catch {
        return compressNow(text);
      }
    },
    close,
  };
}
export type Gzip = ReturnType<typeof createGzip>;
