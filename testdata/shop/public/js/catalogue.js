import { call, card, ready, track } from './api.js';

const state = { products: [], query: '', max: 130, sort: 'featured', rooms: new Set() };
const by = { 'price-asc': (a, b) => a.price - b.price, 'price-desc': (a, b) => b.price - a.price, name: (a, b) => a.name.localeCompare(b.name) };
const $ = (id) => document.getElementById(id);

function render() {
  let shown = state.products.filter((p) => p.price <= state.max && (!state.rooms.size || state.rooms.has(p.room)));
  if (by[state.sort]) shown = [...shown].sort(by[state.sort]);
  $('grid').replaceChildren(...shown.map(card));
  $('result-status').textContent = shown.length === 1 ? '1 product' : `${shown.length} products`;
}

async function search(event) {
  event.preventDefault();
  state.query = $('q').value.trim();
  const started = performance.now();
  $('result-status').textContent = 'Searching…';
  document.querySelector('.results').classList.add('busy');
  const answer = await call('GET', `/search?q=${encodeURIComponent(state.query)}`);
  const took = Math.round(performance.now() - started);
  document.querySelector('.results').classList.remove('busy');
  if (took > 2000) console.warn(`[search] "${state.query}" took ${took} ms`, { total: answer.total });
  state.products = answer.results;
  track('search', { query: state.query, total: answer.total });
  render();
}

function slider() {
  const bar = $('price-slider'), knob = bar.querySelector('[role=slider]');
  const set = (value) => {
    state.max = Math.round(Math.min(130, Math.max(10, value)));
    const share = ((state.max - 10) / 120) * 100;
    knob.style.left = `${share}%`;
    bar.querySelector('.sldr_fill').style.width = `${share}%`;
    knob.setAttribute('aria-valuenow', state.max);
    $('max-output').textContent = `£${state.max}`;
  };
  knob.addEventListener('pointerdown', (e) => knob.setPointerCapture(e.pointerId));
  knob.addEventListener('pointermove', (e) => {
    if (!knob.hasPointerCapture(e.pointerId)) return;
    const box = bar.getBoundingClientRect();
    set(10 + ((e.clientX - box.left) / box.width) * 120);
  });
  knob.addEventListener('pointerup', () => render());
}

ready(async () => {
  $('search-form').addEventListener('submit', search);
  $('sort').addEventListener('change', (e) => { state.sort = e.target.value; render(); });
  for (const box of document.querySelectorAll('input[name=room]')) {
    box.addEventListener('change', () => { state.rooms[box.checked ? 'add' : 'delete'](box.value); render(); });
  }
  slider();
  state.products = await call('GET', '/products');
  render();
});
