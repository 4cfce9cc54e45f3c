// One entry a case: what is planted, how the recorder is set up, the report a user would send, and the drive.
const list = (s) => () => s.page.locator('#grid li').first().waitFor();
const by = (s) => ({
  button: (name) => s.page.getByRole('button', { name, exact: true }),
  link: (name) => s.page.getByRole('link', { name, exact: true }),
  label: (name) => s.page.getByLabel(name, { exact: true }),
  id: (id) => s.page.locator(`#${id}`),
  test: (id) => s.page.getByTestId(id),
  card: (name) => s.page.locator('#grid').getByRole('link', { name, exact: true }),
  frame: s.page.frameLocator('#payment'),
});
const url = (s, pattern) => () => s.page.waitForURL(pattern, { waitUntil: 'load' });
const text = (s, selector, pattern) => () => s.page.locator(selector).filter({ hasText: pattern }).waitFor();

/** From the list to a product and into the cart. */
async function buy(s, name) {
  await s.click(by(s).card(name), { until: async () => { await url(s, '**/product/*')(); await s.page.locator('#related li').first().waitFor(); } });
  await s.click(by(s).test('add-to-cart'), { until: text(s, '#added', 'Added') });
}
const toCart = (s) => s.click(by(s).link('View cart'), { until: async () => { await url(s, '**/cart')(); await s.page.locator('#lines tr').first().waitFor(); } });

export const cases = {
  'coupon-typeerror': {
    bug: 'Coupon SPRING25 has no rules; checkMinimum in coupon.js reads rules.minimum and throws an uncaught TypeError.',
    consolePlugin: true,
    report: { title: 'Coupon does nothing', description: 'I typed SPRING25 in the cart and pressed Apply. It says "Checking…" for ever.', tags: ['cart', 'coupon'], priority: 'high', metadata: { page_kind: 'cart' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.scroll(500);
      await buy(s, 'Enamel kettle');
      await toCart(s);
      await s.click(s.page.locator('#lines').getByRole('button', { name: 'One more' }), { until: text(s, '#subtotal', '76.00') });
      await s.type(by(s).label('Coupon code'), 'SPRING25');
      await s.click(by(s).button('Apply'), { trouble: 'page_error', until: text(s, '#coupon-message', 'Checking') });
      await s.think(1200, 1600);
      await s.screenshot();
      await s.click(by(s).button('Apply'), { trouble: 'page_error' });
      await s.type(by(s).label('Coupon code'), 'WELCOME10');
      await s.click(by(s).button('Apply'), { until: text(s, '#coupon-message', 'off') });
    },
  },
};
