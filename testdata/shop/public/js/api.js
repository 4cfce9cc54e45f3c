export const pounds = (n) => `£${Number(n).toFixed(2)}`;

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message ?? body?.error ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

export async function call(method, path, body) {
  const headers = { accept: 'application/json', 'x-shop-version': '3.4.1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(`/api${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

export function track(name, data = {}) {
  navigator.sendBeacon('/api/events', new Blob([JSON.stringify({ name, data, path: location.pathname })], { type: 'application/json' }));
}

/** Runs fn when the page is ready, after every script has been read. */
export function ready(fn) {
  if (document.readyState === 'loading' || document.readyState === 'interactive') document.addEventListener('DOMContentLoaded', fn, { once: true });
  else fn();
}

export function card(product) {
  const li = document.createElement('li');
  li.className = 'crd_m3w8';
  li.innerHTML = `<a href="/product/${product.slug}" tabindex="-1" aria-hidden="true"><img src="${product.image}" alt="" width="240" height="180" loading="lazy"></a>
    <div class="bd"><a href="/product/${product.slug}">${product.name}</a><span class="price">£${product.price}</span></div>`;
  return li;
}
