import { call, pounds, ready, track } from './api.js';

const $ = (id) => document.getElementById(id);
const FIELDS = ['email', 'phone', 'first', 'last', 'street', 'city', 'postcode', 'country', 'terms'];
// Planted: one digit only, and no letter after it, so SW1A 1AA and M14 5TP are refused.
const POSTCODE = /^[A-Z]{1,2}[0-9] [0-9][A-Z]{2}$/;

function problem(field) {
  if (field.type === 'checkbox') return field.checked ? '' : 'Please accept the terms of sale.';
  if (!field.value.trim()) return 'This field is needed.';
  if (field.type === 'email' && field.validity.typeMismatch) return 'Enter an email address, such as name@example.com.';
  if (field.dataset.rule === 'postcode' && $('country').value !== 'FR' && !POSTCODE.test(field.value)) return 'Enter a valid postcode.';
  if (field.validity.patternMismatch) return 'Enter a phone number, with digits only.';
  return '';
}

function show(field, text) {
  $(`${field.id}-error`).textContent = text;
  if (text) field.setAttribute('aria-invalid', 'true'); else field.removeAttribute('aria-invalid');
}

function validateCheckout(form) {
  let first = null;
  for (const name of FIELDS) {
    const field = form.elements[name], text = problem(field);
    show(field, text);
    if (text && !first) first = field;
  }
  if (first) first.focus();
  return !first;
}

function askForToken() {
  return new Promise((resolve) => {
    window.addEventListener('message', function onToken(event) {
      if (event.origin !== location.origin || event.data?.type !== 'card') return;
      window.removeEventListener('message', onToken);
      resolve(event.data.token ?? null);
    });
    $('payment').contentWindow.postMessage({ type: 'tokenise' }, location.origin);
  });
}

async function placeOrder(event) {
  event.preventDefault();
  const form = $('checkout-form'), button = $('place-order'), alert = $('checkout-alert');
  alert.hidden = true;
  if (!validateCheckout(form)) { track('checkout_invalid'); return; }
  button.disabled = true;
  button.textContent = 'Placing your order…';
  try {
    const token = await askForToken();
    if (!token) return;
    const data = Object.fromEntries(new FormData(form));
    const order = await call('POST', '/checkout', { ...data, token });
    location.assign(`/order/${order.id}`);
  } catch (error) {
    console.error('[checkout] order failed:', `${error.name}: ${error.message}`, error.body);
    alert.textContent = 'We could not place your order. You have not been charged. Please try again.';
    alert.hidden = false;
    alert.scrollIntoView({ block: 'center' });
  } finally {
    button.disabled = false;
    button.textContent = 'Place order';
  }
}

ready(async () => {
  const form = $('checkout-form');
  form.addEventListener('submit', placeOrder);
  for (const name of FIELDS) form.elements[name].addEventListener('change', (e) => { if (e.target.hasAttribute('aria-invalid')) show(e.target, problem(e.target)); });
  const cart = await call('GET', '/cart');
  for (const item of cart.items) {
    const li = document.createElement('li');
    li.textContent = `${item.quantity} × ${item.name}, ${pounds(item.sum)}`;
    $('order-lines').append(li);
  }
  $('order-total').textContent = pounds(cart.subtotal);
});
