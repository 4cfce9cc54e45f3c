/** Serves the test page under a policy that allows next to nothing, with the widget built from its source. */
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { trimScreenshot } from '../../../build/trim-screenshot.mjs';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** No inline style, no inline script, no `data:` or `blob:`, nothing of another origin. */
export const STRICT = "default-src 'none'; script-src 'self'; style-src 'nonce-tested'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/** Lets a document be drawn: that takes a `data:` image. */
export const DRAWABLE = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: http://localhost:*; connect-src 'self'; frame-src http:";

const PAGE = (style: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width"><style nonce="tested">
/* A page that styles everything, with force: none of it may reach the widget. */
html { font-size: 40px; } body { margin: 0; font: 16px sans-serif; }
button, input, div, dialog, h2, label { letter-spacing: 9px !important; text-transform: uppercase !important; border-radius: 30px !important; }
div[data-playhead=widget] { display: none !important; opacity: 0 !important; filter: invert(1) !important; font-size: 60px !important; }
main { padding: 20px; } ${style}
</style></head><body><main><h1>Order 1007</h1><p>Deliver to the green door.</p>
<p><label>Card <input class="secret" value="4111 1111 1111 1111"></label></p>
<p class="note">A note that may be seen.</p><button id="launcher" type="button">Report a bug</button></main>
<script src="/widget.js"></script><script src="/page.js"></script></body></html>`;

export interface TestServer {
  url: string;
  close(): void;
}

/** `bodies` are more pages, by their path. */
export async function serve(bodies: Record<string, string> = {}): Promise<TestServer> {
  const { outputFiles } = await build({
    entryPoints: [here('../../../src/widget/index.ts')], bundle: true, write: false, format: 'iife', target: 'es2020',
    globalName: 'built', plugins: [trimScreenshot], footer: { js: 'globalThis.createWidget = built.createWidget;' },
  });
  const files: Record<string, readonly [string, string]> = {
    '/widget.js': [outputFiles[0]?.text ?? '', 'text/javascript'],
    '/page.js': [readFileSync(here('page.js'), 'utf8'), 'text/javascript'],
  };
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/never') return;
    const file = files[pathname];
    if (file) return void response.writeHead(200, { 'Content-Type': file[1] }).end(file[0]);
    const policy = searchParams.has('drawable') ? DRAWABLE : STRICT;
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
    response.end(PAGE('').replace('</main>', `${bodies[pathname] ?? ''}</main>`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
