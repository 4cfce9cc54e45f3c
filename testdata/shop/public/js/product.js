import { call, card, ready, track } from './api.js';
import { showCount } from './shell.js';

const $ = (id) => document.getElementById(id);

async function addToCart() {
  const slug = document.querySelector('.product').dataset.slug;
  const quantity = document.querySelector('quantity-stepper').value;
  const cart = await call('POST', '/cart/items', { slug, quantity });
  showCount(cart.count);
  $('added').innerHTML = `Added ${quantity}. <a href="/cart">View cart</a>`;
  track('add_to_cart', { slug, quantity });
}

function reviews() {
  const dialog = $('review-dialog');
  $('open-review').addEventListener('click', () => dialog.showModal());
  $('review-cancel').addEventListener('click', () => dialog.close('cancel'));
  $('review-form').addEventListener('submit', async () => {
    const rating = dialog.querySelector('rating-stars').value;
    await call('POST', '/reviews', { rating, name: $('review-name').value, text: $('review-text').value });
    $('added').textContent = 'Thank you for your review.';
  });
}

function onImageError(event) {
  console.error('[product] image could not be loaded:', event.target.src);
}

ready(async () => {
  document.querySelector('[data-testid=add-to-cart]').addEventListener('click', addToCart);
  $('wish').addEventListener('click', () => {
    const on = $('wish').getAttribute('aria-pressed') !== 'true';
    $('wish').setAttribute('aria-pressed', String(on));
    $('wish').setAttribute('aria-label', on ? 'Remove from wishlist' : 'Add to wishlist');
  });
  const image = $('product-image');
  image.addEventListener('error', onImageError);
  if (image.complete && !image.naturalWidth) onImageError({ target: image });
  reviews();
  const slug = document.querySelector('.product').dataset.slug;
  const all = await call('GET', '/products');
  const me = all.findIndex((p) => p.slug === slug);
  $('related').replaceChildren(...[1, 2, 3, 4].map((n) => card(all[(me + n) % all.length])));
});
