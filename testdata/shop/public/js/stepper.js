// <quantity-stepper label value max>: a web component with an open shadow root.
class QuantityStepper extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const label = this.getAttribute('label') ?? 'Quantity';
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = `<style>
      :host { display: inline-flex; border: 1px solid #b9c0b8; border-radius: 8px; overflow: hidden; background: #fff; }
      button { border: 0; background: #eef4ef; color: #2f6b4f; font: 700 1.1rem sans-serif; width: 2.2rem; cursor: pointer; }
      input { width: 2.6rem; border: 0; text-align: center; font: inherit; padding: .45rem 0; }
    </style>
    <button type="button" class="s_dn" aria-label="One less">−</button><input inputmode="numeric" aria-label="${label}"><button type="button" class="s_up" aria-label="One more">+</button>`;
    this.field = root.querySelector('input');
    this.field.value = this.getAttribute('value') ?? '1';
    root.querySelector('.s_dn').addEventListener('click', () => this.step(-1));
    root.querySelector('.s_up').addEventListener('click', () => this.step(1));
    this.field.addEventListener('change', () => this.step(0));
  }
  get value() { return Number(this.field?.value) || 1; }
  step(by) {
    const next = Math.min(Number(this.getAttribute('max') ?? 99), Math.max(1, this.value + by));
    this.field.value = next;
    this.setAttribute('value', next);
    this.dispatchEvent(new CustomEvent('quantity', { bubbles: true, composed: true, detail: { value: next } }));
  }
}
customElements.define('quantity-stepper', QuantityStepper);
