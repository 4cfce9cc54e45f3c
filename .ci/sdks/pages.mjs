// The page that each SDK watches, and the SDK's own part of it, bundled as an application bundles it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { build } from 'esbuild';

const PAGE = (script) => `<!doctype html><html lang="en"><title>Shop</title>
<script src="${script}"></script>
<main><h1>Cart</h1>
<label>Name <input id="name" name="name"></label>
<button id="pay">Pay now</button> <button id="broken">Apply coupon</button> <button id="account">Account</button>
<p id="state">Nothing is paid.</p></main>
<script>
document.getElementById('pay').onclick = async () => {
  const answer = await fetch('/api/pay', { method: 'POST', body: '{}' });
  document.getElementById('state').textContent = 'The payment failed with ' + answer.status + '.';
  console.warn('stock is low');
};
document.getElementById('broken').onclick = () => { const cart = {}; cart.sum.total = 1; };
document.getElementById('account').onclick = () => {
  history.pushState({}, '', '/account');
  document.querySelector('h1').textContent = 'Your account';
};
</script></html>`;

const SENTRY = (name) => `
import * as Sentry from '${name}';
const options = { maskAllText: false, maskAllInputs: false, blockAllMedia: false };
const replay = Sentry.replayIntegration ? Sentry.replayIntegration(options) : new Sentry.Replay(options);
Sentry.init({ dsn: DSN, tunnel: TUNNEL || undefined, release: 'shop@1', environment: 'check', integrations: [replay],
  replaysSessionSampleRate: 1, replaysOnErrorSampleRate: 1 });
Sentry.setUser({ id: 'u-1', email: 'ann@example.com' });
window.complain = (message) => Sentry.captureFeedback
  ? Sentry.captureFeedback({ message, name: 'Ann', email: 'ann@example.com' })
  : Sentry.captureUserFeedback({ event_id: Sentry.lastEventId(), comments: message, name: 'Ann', email: 'ann@example.com' });
`;

const POSTHOG = (name) => `
import posthog from '${name}';
posthog.init(KEY, { api_host: HOST + '/ph/' + KEY, opt_out_useragent_filter: true, persistence: 'localStorage',
  session_recording: { maskAllInputs: false },
  // Or a change of the address without a load is in no recording. The older ones of these don't know it.
  capture_pageview: 'history_change' });
window.complain = (message) => posthog.capture('survey sent', { $survey_id: 's', $survey_name: 'Feedback',
  $survey_response: message, $survey_questions: [{ id: 'q', question: 'What went wrong?', response: message }] });
`;

/** The script of an SDK for a page. */
async function bundle({ kind, name }, words, folder) {
  const define = Object.fromEntries(Object.entries(words).map(([key, value]) => [key, JSON.stringify(value)]));
  const contents = kind === 'sentry' ? SENTRY(name) : POSTHOG(name);
  const built = await build({
    stdin: { contents, resolveDir: folder }, bundle: true, minify: true, write: false, format: 'iife', target: 'es2020', define,
    logLevel: 'error',
  });
  return built.outputFiles[0].text;
}

/** Serves one page for each SDK at /NAME/; gives the port and the means to stop. */
export async function servePages(sdks, wordsOf, folder) {
  const scripts = new Map();
  for (const sdk of sdks) scripts.set(`/${sdk.name}.js`, await bundle(sdk, wordsOf(sdk), folder));
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const script = scripts.get(path);
    if (script) return response.setHeader('content-type', 'text/javascript').end(script);
    if (path === '/api/pay') {
      response.writeHead(502, { 'content-type': 'application/json' });
      return response.end('{"error":"the bank does not answer"}');
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(PAGE(`/${path.split('/')[1]}.js`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, stop: () => server.close() };
}
