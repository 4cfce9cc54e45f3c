import { call, pounds, ready } from './api.js';
import { showCount } from './shell.js';

const $ = (id) => document.getElementById(id);

function render(cart) {
  showCount(cart.count);
  $('mini-cart').replaceChildren(...cart.items.map((item) => {
    const li = document.createElement('li');
    li.append(`${item.quantity} × ${item.name} `);
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Take out';
    button.setAttribute('aria-label', `Take out ${item.name}`);
    button.addEventListener('click', async () => render(await call('DELETE', `/cart/items/${item.slug}`)));
    li.append(button);
    return li;
  }));
}

ready(async () => {
  $('delivery-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await call('GET', `/delivery?postcode=${encodeURIComponent($('dp').value)}`);
    $('delivery-result').textContent = `To ${answer.postcode}: ${answer.days} days, ${pounds(answer.price)}.`;
  });
  render(await call('GET', '/cart'));
});
