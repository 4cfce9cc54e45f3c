import { call, pounds, ready, track } from './api.js';

const panel = () => document.getElementById('panel');

const views = {
  async orders() {
    const orders = await call('GET', '/account/orders');
    panel().innerHTML = orders.map((o) => `<article class="ordr_v4" aria-label="Order ${o.id}"><strong>${o.id}</strong><span>${pounds(o.total)}</span>
      <span class="muted">${o.placed}, ${o.status}. ${o.items.join(', ')}</span>
      <span class="row"><button type="button" data-action="again" data-order="${o.id}">Order again</button><button type="button" class="bt_inv0" data-order="${o.id}">Download invoice</button></span></article>`).join('') + '<p role="status" id="order-status"></p>';
    for (const b of panel().querySelectorAll('[data-action=again]')) {
      b.addEventListener('click', () => { document.getElementById('order-status').textContent = `${b.dataset.order} is back in your cart.`; });
    }
    // Planted: nothing listens to "Download invoice".
  },
  async addresses() {
    const list = await call('GET', '/account/addresses');
    panel().innerHTML = '<p class="muted">Double-click a heading to rename the address.</p>' + list.map((a) => `<article class="adr" data-id="${a.id}"><h3 class="adr_lbl">${a.label}</h3><p class="customer-data">${a.lines.join('<br>')}</p></article>`).join('');
    for (const h of panel().querySelectorAll('.adr_lbl')) h.addEventListener('dblclick', () => rename(h));
  },
  async wishlist() {
    const list = await call('GET', '/account/wishlist');
    panel().innerHTML = `<p class="muted" id="wish-help">Drag a row to change the order.</p><ul class="wish" aria-describedby="wish-help">${list.map((p) => `<li draggable="true" data-slug="${p.slug}"><img src="${p.image}" alt="" width="48" height="36" draggable="false"><span>${p.name}</span><b>£${p.price}</b></li>`).join('')}</ul><p role="status" id="wish-status"></p>`;
    sortable(panel().querySelector('.wish'));
  },
  async settings() {
    panel().innerHTML = `<form id="settings" class="settings"><label for="display-name">Display name</label><input id="display-name" name="display" value="Maya">
      <label for="language">Language</label><select id="language" name="language"><option value="en">English</option><option value="sv">Svenska</option><option value="de">Deutsch</option></select>
      <label class="check"><input type="checkbox" name="letters" checked> Letters from the workshop</label>
      <fieldset class="radios"><legend>Contact me by</legend><label><input type="radio" name="contact" value="email" checked> Email</label><label><input type="radio" name="contact" value="phone"> Phone</label></fieldset>
      <label for="new-password">New password</label><input id="new-password" name="password" type="password" autocomplete="new-password">
      <button class="primary" type="submit" data-testid="save-settings">Save settings</button><p role="status" id="settings-status"></p></form>`;
    document.getElementById('settings').addEventListener('submit', async (event) => {
      event.preventDefault();
      await call('PUT', '/account/settings', Object.fromEntries(new FormData(event.target)));
      document.getElementById('settings-status').textContent = 'Saved.';
    });
  },
};

function rename(heading) {
  const input = document.createElement('input');
  input.value = heading.textContent;
  input.setAttribute('aria-label', 'Address name');
  const finish = async () => {
    if (!input.isConnected) return;
    heading.textContent = input.value;
    input.replaceWith(heading);
    await call('PATCH', `/account/addresses/${heading.closest('.adr').dataset.id}`, { label: heading.textContent });
  };
  input.addEventListener('keydown', (e) => { if (e.key === 'Enter') finish(); });
  heading.replaceWith(input);
  input.select();
}

function sortable(list) {
  let moving = null;
  list.addEventListener('dragstart', (e) => { moving = e.target.closest('li'); e.dataTransfer.setData('text/plain', moving.dataset.slug); });
  list.addEventListener('dragover', (e) => {
    e.preventDefault();
    for (const li of list.children) li.classList.toggle('over', li === e.target.closest('li') && li !== moving);
  });
  list.addEventListener('drop', async (e) => {
    e.preventDefault();
    const onto = e.target.closest('li');
    for (const li of list.children) li.classList.remove('over');
    if (!moving || !onto || onto === moving) return;
    const rows = [...list.children];
    onto[rows.indexOf(moving) < rows.indexOf(onto) ? 'after' : 'before'](moving);
    await call('PUT', '/account/wishlist', { order: [...list.children].map((li) => li.dataset.slug) });
    document.getElementById('wish-status').textContent = 'New order saved.';
  });
}

async function open(path) {
  const name = path.split('/')[2] || 'orders';
  for (const tab of document.querySelectorAll('[role=tab]')) tab.setAttribute('aria-selected', String(tab.id === `tab-${name}`));
  document.title = `${name[0].toUpperCase()}${name.slice(1)} - Kettle & Pine`;
  await (views[name] ?? views.orders)();
}

ready(() => {
  console.info('[account] signed in', { customer: 4021 });
  document.querySelector('[role=tablist]').addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab]');
    if (!tab) return;
    event.preventDefault();
    history.pushState({}, '', tab.getAttribute('href'));
    track('account_tab', { tab: tab.id });
    open(location.pathname);
  });
  window.addEventListener('popstate', () => open(location.pathname));
  open(location.pathname);
});
