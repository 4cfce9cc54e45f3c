// A small demo shop with bugs planted on purpose (see ../README.md). Node alone, no dependencies.
//   node server.mjs [port]
// With PLAYHEAD_KEY set, its pages record themselves with the browser SDK of PLAYHEAD_URL (http://127.0.0.1:4600).
// or  import { startShop } from './server.mjs';  const shop = await startShop(0);  shop.port;  await shop.close();
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const TYPES = { '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png' };

const DATA = JSON.parse(readFileSync(join(here, 'data.json'), 'utf8'));
export const PRODUCTS = DATA.products;
const bySlug = new Map(PRODUCTS.map((p) => [p.slug, p]));

// Planted: the coupon SPRING25 has no rules, and the cart page does not expect that.
const COUPONS = DATA.coupons;

const money = (n) => Math.round(n * 100) / 100;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const escapeHtml = (s) => String(s).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const template = (name) => readFileSync(join(here, 'pages', `${name}.html`), 'utf8');
const LAYOUT = template('layout');
const SDK_TAG = template('sdk');
/** `{{name}}` replaced by the value of that name. */
const filled = (text, values) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);

/** The script tag of the SDK. It stands before all others: what runs earlier is not recorded. */
function sdkTag({ key, endpoint, options, launcher = true }) {
  const more = options ? ` data-options='${JSON.stringify(options).replaceAll("'", '&#39;')}'` : '';
  return filled(SDK_TAG, { key, endpoint, more: `${more}${launcher ? ' data-launcher' : ''}` });
}

function documentOf(title, main, scripts, sdk) {
  const tags = (sdk ? sdkTag(sdk) : '') + scripts.map((s) => `<script type="module" src="/js/${s}.js"></script>`).join('\n');
  return filled(LAYOUT, { title: escapeHtml(title), scripts: tags, main });
}

const page = async (name) => readFile(join(here, 'pages', `${name}.html`), 'utf8');

/**
 * Starts the shop. `sdk` puts the browser SDK into its pages: `{ key, endpoint, options?, launcher? }`. `also` may answer a
 * request itself, and says so by true.
 */
export async function startShop(port = 0, { sdk, also } = {}) {
  const layout = (title, main, scripts) => documentOf(title, main, scripts, sdk);
  const sessions = new Map();
  let nextSession = 1, nextOrder = 20460, nextRequest = 1;

  function view(session) {
    const items = [...session.cart].map(([slug, quantity]) => {
      const p = bySlug.get(slug);
      return { slug, name: p.name, image: p.image, price: p.price, quantity, sum: money(p.price * quantity), room: p.room };
    });
    return { items, count: items.reduce((n, i) => n + i.quantity, 0), subtotal: money(items.reduce((n, i) => n + i.sum, 0)) };
  }

  async function api(req, url, session, body) {
    const at = url.pathname.slice(4), method = req.method;
    let m;
    if (at === '/products') return [200, PRODUCTS];
    if (at === '/search') {
      const q = (url.searchParams.get('q') ?? '').toLowerCase().trim();
      const max = Number(url.searchParams.get('max') ?? 1e9);
      // Planted: a search for a material reads every product text again.
      if (PRODUCTS.some((p) => q && p.material === q)) await sleep(3000);
      const found = PRODUCTS.filter((p) => p.price <= max && `${p.name} ${p.material} ${p.room}`.toLowerCase().includes(q));
      return [200, { query: q, total: found.length, results: found }];
    }
    if ((m = /^\/products\/([\w-]+)$/.exec(at))) {
      const p = bySlug.get(m[1]);
      return p ? [200, p] : [404, { error: 'not_found' }];
    }
    if (at === '/cart' && method === 'GET') return [200, view(session)];
    if (at === '/cart/items' && method === 'POST') {
      if (!bySlug.has(body?.slug)) return [422, { error: 'unknown_product' }];
      session.cart.set(body.slug, (session.cart.get(body.slug) ?? 0) + Math.max(1, body.quantity | 0));
      return [201, view(session)];
    }
    if ((m = /^\/cart\/items\/([\w-]+)$/.exec(at))) {
      if (!session.cart.has(m[1])) return [404, { error: 'item_not_in_cart', message: `No item ${m[1]} in this cart` }];
      if (method === 'DELETE') session.cart.delete(m[1]);
      if (method === 'PATCH') session.cart.set(m[1], Math.max(1, body?.quantity | 0));
      return [200, view(session)];
    }
    if ((m = /^\/coupons\/(\w+)$/.exec(at))) {
      const c = COUPONS[m[1].toUpperCase()];
      return c ? [200, c] : [404, { error: 'no_such_coupon' }];
    }
    if (at === '/payments/tokens') return [201, { token: `tok_demo_${String(body?.last4 ?? '0000')}` }];
    if (at === '/checkout' && method === 'POST') {
      await sleep(250);
      if (body?.delivery === 'saturday') {
        // Planted: no rate exists for Saturday delivery.
        return [500, { error: 'shipping_quote_failed', message: "No rate for zone 'GB-SAT'", request_id: `req-${String(nextRequest++).padStart(6, '0')}` }];
      }
      const order = { id: `KP-${nextOrder++}`, total: view(session).subtotal, email: body?.email };
      session.cart.clear();
      return [201, order];
    }
    if (at === '/account/orders') return [200, DATA.orders];
    if (at === '/account/addresses') return [200, session.addresses];
    if ((m = /^\/account\/addresses\/(\w+)$/.exec(at)) && method === 'PATCH') {
      const a = session.addresses.find((x) => x.id === m[1]);
      if (a) a.label = String(body?.label ?? a.label);
      return [200, a ?? null];
    }
    if (at === '/account/wishlist' && method === 'GET') return [200, session.wishlist.map((s) => bySlug.get(s))];
    if (at === '/account/wishlist' && method === 'PUT') {
      session.wishlist = (body?.order ?? []).filter((s) => bySlug.has(s));
      return [200, { order: session.wishlist }];
    }
    if (at === '/account/settings') return [200, { saved: true }];
    if (at === '/reviews') return [201, { accepted: true }];
    if (at === '/newsletter') return [202, { accepted: true }];
    if (at === '/delivery') return [200, { postcode: url.searchParams.get('postcode'), days: 2, price: 4.5 }];
    if (at === '/events') return [204, null];
    return [404, { error: 'not_found' }];
  }

  async function html(path) {
    let m;
    if (path === '/') return layout('Things for a calm house', await page('list'), ['shell', 'catalogue']);
    if ((m = /^\/product\/([\w-]+)$/.exec(path)) && bySlug.has(m[1])) {
      const p = bySlug.get(m[1]);
      const main = (await page('product')).replace(/\{\{(\w+)\}\}/g, (_, k) => escapeHtml(p[k]));
      return layout(p.name, main, ['shell', 'stepper', 'rating', 'product']);
    }
    if (path === '/cart') return layout('Cart', await page('cart'), ['shell', 'stepper', 'cart']);
    if (path === '/checkout') return layout('Checkout', await page('checkout'), ['shell', 'checkout']);
    if (path === '/delivery') return layout('Delivery', await page('delivery'), ['shell', 'delivery']);
    if ((m = /^\/order\/(KP-\d+)$/.exec(path))) return layout(`Order ${m[1]}`, (await page('order')).replaceAll('{{id}}', m[1]), ['shell']);
    if (/^\/account(\/\w+)?$/.test(path)) return layout('Account', await page('account'), ['shell', 'account']);
    if (path === '/payment-frame') return page('payment-frame');
    return null;
  }

  const server = createServer(async (req, res) => {
    const send = (status, type, body, more = {}) => {
      res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-cache', ...more });
      res.end(req.method === 'HEAD' ? undefined : body);
    };
    try {
      const url = new URL(req.url, 'http://shop.test');
      if (await also?.(url, req, res)) return;
      let id = /(?:^|;\s*)kp_session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
      const more = {};
      if (!id || !sessions.has(id)) {
        id = `demo-${String(nextSession++).padStart(4, '0')}`;
        more['set-cookie'] = `kp_session=${id}; Path=/; HttpOnly; SameSite=Lax`;
        sessions.set(id, { cart: new Map(), wishlist: [...DATA.wishlist], addresses: structuredClone(DATA.addresses) });
      }
      const session = sessions.get(id);
      if (url.pathname.startsWith('/api/')) {
        const chunks = [];
        for await (const c of req) chunks.push(c);
        let body = null;
        try { body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : null; } catch { return send(400, 'application/json', '{"error":"bad_json"}'); }
        await sleep(40); // a network is never instant
        const [status, answer] = await api(req, url, session, body);
        if (status === 204) { res.writeHead(204, more); return res.end(); }
        return send(status, 'application/json', JSON.stringify(answer), more);
      }
      const text = await html(url.pathname);
      if (text !== null) return send(200, 'text/html; charset=utf-8', text, more);
      const file = normalize(url.pathname).replace(/^(\.\.[/\\])+/, '');
      try {
        const data = await readFile(join(here, 'public', file));
        return send(200, TYPES[extname(file)] ?? 'application/octet-stream', data);
      } catch {
        if (/\.\w+$/.test(file)) return send(404, 'text/plain; charset=utf-8', 'Not found\n');
        return send(404, 'text/html; charset=utf-8', layout('Not found', '<h1>Page not found</h1><p><a href="/">Back to the shop</a></p>', ['shell']), more);
      }
    } catch (error) {
      if (!res.headersSent) send(500, 'application/json', JSON.stringify({ error: 'internal', message: String(error?.message ?? error) }));
    }
  });
  await new Promise((ok, bad) => server.once('error', bad).listen(port, '127.0.0.1', ok));
  return {
    port: server.address().port,
    close: () => new Promise((done) => { server.close(done); server.closeAllConnections(); }),
  };
}

if (process.argv[1] && fileURLToPath(import.meta.url) === normalize(process.argv[1])) {
  const { PLAYHEAD_KEY: key, PLAYHEAD_URL: endpoint = 'http://127.0.0.1:4600' } = process.env;
  const shop = await startShop(Number(process.argv[2] ?? 8080), key ? { sdk: { key, endpoint, options: { release: '3.4.1' } } } : {});
  console.log(`shop on http://127.0.0.1:${shop.port}/`);
}
