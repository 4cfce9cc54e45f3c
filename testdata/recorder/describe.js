// Evaluated in the page: what a person would say about an element, and a selector that finds it again.
(el) => {
  const text = (s, n = 120) => (s ?? '').replace(/\s+/g, ' ').trim().slice(0, n);
  const esc = (s) => CSS.escape(s);
  const path = (node) => {
    const parts = [];
    const root = node.getRootNode();
    for (let e = node; e && e.nodeType === 1; e = e.parentElement) {
      const testid = e.getAttribute('data-testid');
      const short = e.id ? `#${esc(e.id)}` : testid ? `[data-testid="${testid}"]` : null;
      if (short && root.querySelectorAll(short).length === 1) { parts.unshift(short); break; }
      const same = [...e.parentNode.children].filter((s) => s.tagName === e.tagName);
      parts.unshift(e.tagName.toLowerCase() + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ''));
    }
    return root.host ? `${path(root.host)} >>> ${parts.join(' > ')}` : parts.join(' > ');
  };
  const box = el.getBoundingClientRect();
  const out = { tag: el.tagName.toLowerCase() };
  const field = /^(input|select|textarea)$/.test(out.tag);
  const own = field && out.tag !== 'select' ? '' : text(el.innerText ?? el.textContent);
  if (own) out.text = own;
  if (el.id) out.id = el.id;
  if (el.getAttribute('data-testid')) out.testid = el.getAttribute('data-testid');
  out.selector = path(el);
  out.attrs = {};
  for (const a of ['type', 'name', 'href', 'title', 'alt', 'placeholder', 'role', 'aria-label', 'class']) if (el.hasAttribute(a)) out.attrs[a] = el.getAttribute(a);
  if (el.getRootNode().host) out.shadow = true;
  if (el.ownerDocument.defaultView !== window.top) out.frame = `#${el.ownerDocument.defaultView.frameElement?.id}`;
  out.rect = [box.x, box.y, box.width, box.height].map(Math.round);
  if ((field || out.tag === 'button') && el.type !== 'password') out.value = el.value;
  if (el.type === 'checkbox' || el.type === 'radio') out.checked = el.checked;
  window.top.__recorderTarget = el;
  return out;
}
