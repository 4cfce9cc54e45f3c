import { pounds } from './api.js';

const $ = (id) => document.getElementById(id);

function checkMinimum(coupon, cart) {
  // Planted: a coupon may have no rules at all.
  return cart.subtotal >= coupon.rules.minimum;
}

export function discountFor(coupon, cart) {
  if (!checkMinimum(coupon, cart)) return 0;
  return Math.round(cart.subtotal * coupon.percent) / 100;
}

function applyCoupon(coupon, cart, done) {
  const discount = discountFor(coupon, cart);
  $('coupon-message').textContent = discount ? `${coupon.code}: ${pounds(discount)} off.` : `${coupon.code} needs a larger order.`;
  done(coupon);
}

export function watchCoupon(currentCart, done) {
  $('coupon-form').addEventListener('submit', function onCouponSubmit(event) {
    event.preventDefault();
    const code = $('coupon').value.trim();
    $('coupon-message').textContent = 'Checking…';
    const request = new XMLHttpRequest();
    request.open('GET', `/api/coupons/${encodeURIComponent(code)}`);
    request.onload = function onCouponAnswer() {
      if (request.status === 404) { $('coupon-message').textContent = 'We do not know this code.'; return; }
      applyCoupon(JSON.parse(request.responseText), currentCart(), done);
    };
    request.send();
  });
}
