import { call, ready, track } from './api.js';

export function showCount(n) {
  document.getElementById('cart-count').textContent = n;
  document.getElementById('cart-link').setAttribute('aria-label', n === 1 ? 'Cart, 1 item' : `Cart, ${n} items`);
}

async function subscribe(event) {
  event.preventDefault();
  const field = document.getElementById('newsletter-email');
  const status = document.getElementById('newsletter-status');
  if (!field.value.includes('@')) { status.textContent = 'Please give an email address.'; return; }
  await call('POST', '/newsletter', { email: field.value });
  status.textContent = 'Thank you. See you on Sunday.';
}

ready(async () => {
  console.debug('[shop] version 3.4.1');
  track('page_view');
  document.getElementById('newsletter').addEventListener('submit', subscribe);
  const cart = await call('GET', '/cart');
  showCount(cart.count);
});
