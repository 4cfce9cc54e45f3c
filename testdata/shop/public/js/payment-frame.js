import { call } from './api.js';

const $ = (id) => document.getElementById(id);

$('card-number').addEventListener('input', (e) => {
  const digits = e.target.value.replace(/\D/g, '').slice(0, 16);
  e.target.value = digits.replace(/(.{4})(?=.)/g, '$1 ');
});

window.addEventListener('message', async (event) => {
  if (event.origin !== location.origin || event.data?.type !== 'tokenise') return;
  const digits = $('card-number').value.replace(/\D/g, '');
  if (digits.length !== 16 || !/^\d\d\/\d\d$/.test($('card-expiry').value) || $('card-cvc').value.length < 3) {
    $('card-error').textContent = 'Please check the card details.';
    event.source.postMessage({ type: 'card' }, event.origin);
    return;
  }
  $('card-error').textContent = '';
  const answer = await call('POST', '/payments/tokens', { last4: digits.slice(-4) });
  event.source.postMessage({ type: 'card', token: answer.token }, event.origin);
});
