// A person with a browser, as far as HTTP goes: keeps cookies, follows redirects on the server, sends its forms.
import assert from 'node:assert/strict';

const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The fields of a page's form: hidden ones, checked boxes, texts. */
function fieldsOf(page, action) {
  const form = [...page.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].find(([, to]) => to === action);
  assert.ok(form, `no form to ${action} in:\n${page}`);
  const fields = [];
  for (const [input] of form[2].matchAll(/<input[^>]*>/g)) {
    const attribute = (name) => unescape(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? '');
    const isOff = attribute('type') === 'checkbox' && !/ checked[ >]/.test(input);
    if (attribute('name') && !isOff) fields.push([attribute('name'), attribute('value')]);
  }
  return fields;
}

export class Person {
  #cookies = new Map();

  /** `headers` go with every request. */
  constructor(url, headers = {}) {
    this.url = url;
    this.headers = headers;
  }

  async #send(path, init = {}) {
    const headers = { ...this.headers, ...init.headers, cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const response = await fetch(new URL(path, this.url), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.#cookies.set(name, value);
    }
    return { status: response.status, location: response.headers.get('location'), text: await response.text() };
  }

  /** Asks for a page; gives what is answered. */
  async visit(path) {
    return this.#send(path);
  }

  /** Opens a page of the server, and the one that it leads to. */
  async open(path) {
    let answer = await this.#send(path);
    for (let hops = 0; answer.location?.startsWith('/') && hops < 5; hops += 1) answer = await this.#send(answer.location);
    assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.location ?? ''}\n${answer.text}`);
    return answer.text;
  }

  /** Fills the form of a page and sends it; gives where it leads. */
  async submit(page, action, values) {
    const fields = fieldsOf(page, action).filter(([name]) => !(name in values));
    const body = new URLSearchParams([...fields, ...Object.entries(values)]);
    const answer = await this.#send(action, { method: 'POST', body, headers: { origin: new URL(this.url).origin } });
    assert.equal(answer.status, 303, `${action}: ${answer.status}\n${answer.text}`);
    return answer.location;
  }

  /** Signs in for the first time and chooses a password. */
  async begin({ email, password }) {
    await this.submit(await this.open('/sign-in'), '/sign-in', { email, password });
    const chosen = 'nine patient otters';
    const page = await this.open('/account');
    await this.submit(page, '/account/password', { new: chosen, repeat: chosen });
    return { email, password: chosen };
  }

  /** Consents to what a client asks; gives the address that its answer goes to. */
  async allow(authorization) {
    const url = new URL(authorization);
    assert.equal(url.origin, new URL(this.url).origin);
    const page = await this.open(url.pathname + url.search);
    return this.submit(page, '/authorize', { decision: 'allow' });
  }

  /** Ends the access of every connected app. */
  async endApps() {
    for (;;) {
      const page = await this.open('/account/apps');
      const action = /action="(\/account\/apps\/[^"]+\/revoke)"/.exec(page)?.[1];
      if (!action) return;
      await this.submit(page, action, {});
    }
  }
}
