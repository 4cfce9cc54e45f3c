// <rating-stars label>: five star buttons in an open shadow root.
class RatingStars extends HTMLElement {
  value = 0;
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = `<style>button { border: 0; background: none; font-size: 1.7rem; line-height: 1; color: #c8cec6; cursor: pointer; padding: 0 .1rem } button[aria-checked=true], button.on { color: #e9a21c }</style>
      <div role="radiogroup" aria-label="${this.getAttribute('label') ?? 'Rating'}">${[1, 2, 3, 4, 5].map((n) => `<button type="button" role="radio" aria-checked="false" aria-label="${n === 1 ? '1 star' : `${n} stars`}" data-n="${n}">★</button>`).join('')}</div>`;
    root.addEventListener('click', (e) => {
      const star = e.target.closest('button');
      if (star) this.rate(Number(star.dataset.n));
    });
  }
  rate(n) {
    this.value = n;
    for (const b of this.shadowRoot.querySelectorAll('button')) {
      b.setAttribute('aria-checked', String(Number(b.dataset.n) === n));
      b.classList.toggle('on', Number(b.dataset.n) <= n);
    }
  }
}
customElements.define('rating-stars', RatingStars);
