import { call, pounds, ready } from './api.js';
import { showCount } from './shell.js';
import { watchCoupon, discountFor } from './coupon.js';

const $ = (id) => document.getElementById(id);
const state = { cart: { items: [], subtotal: 0, count: 0 }, coupon: null };

export function currentCart() { return state.cart; }

function totals() {
  const discount = state.coupon ? discountFor(state.coupon, state.cart) : 0;
  $('subtotal').textContent = pounds(state.cart.subtotal);
  $('discount').textContent = discount ? `-${pounds(discount)}` : pounds(0);
  $('total').textContent = pounds(state.cart.subtotal - discount);
}

function line(item) {
  const tr = document.createElement('tr');
  tr.dataset.slug = item.slug;
  tr.innerHTML = `<td><img src="${item.image}" alt="" width="64" height="48"><a href="/product/${item.slug}">${item.name}</a></td>
    <td><quantity-stepper label="Quantity of ${item.name}" value="${item.quantity}" max="9"></quantity-stepper></td>
    <td class="price">${pounds(item.sum)}</td>
    <td><button type="button" class="danger x_r3mv" aria-label="Remove ${item.name}">✕</button></td>`;
  return tr;
}

function render() {
  $('lines').replaceChildren(...state.cart.items.map(line));
  document.querySelector('.lines').hidden = !state.cart.items.length;
  $('empty').hidden = state.cart.items.length > 0;
  showCount(state.cart.count);
  totals();
}

function complain(error, text) {
  console.error('[cart]', text, `${error.name}: ${error.message}`);
  $('cart-alert').textContent = text;
  $('cart-alert').hidden = false;
}

async function onQuantity(event) {
  const row = event.target.closest('tr');
  try {
    state.cart = await call('PATCH', `/cart/items/${row.dataset.slug}`, { quantity: event.detail.value });
    row.querySelector('.price').textContent = pounds(state.cart.items.find((i) => i.slug === row.dataset.slug).sum);
    showCount(state.cart.count);
    totals();
  } catch (error) {
    complain(error, 'This item could not be changed. Please try again later.');
  }
}

function askRemove(slug) {
  const item = state.cart.items.find((i) => i.slug === slug), dialog = $('remove-dialog');
  $('remove-text').textContent = item.name;
  dialog.addEventListener('close', async () => {
    if (dialog.returnValue !== 'remove') return;
    try {
      state.cart = await call('DELETE', `/cart/items/${slug}`);
      render();
    } catch (error) {
      complain(error, 'This item could not be removed.');
    }
  }, { once: true });
  dialog.returnValue = '';
  dialog.showModal();
}

ready(async () => {
  $('lines').addEventListener('quantity', onQuantity);
  $('lines').addEventListener('click', (e) => {
    const button = e.target.closest('.x_r3mv');
    if (button) askRemove(button.closest('tr').dataset.slug);
  });
  watchCoupon(currentCart, (coupon) => { state.coupon = coupon; totals(); });
  state.cart = await call('GET', '/cart');
  console.warn('[cart] prices older than 15 minutes, read again', { items: state.cart.items.length });
  render();
});
