// One entry a case: what is planted, how the recorder is set up, the report a user would send, and the drive.
const list = (s) => () => s.page.locator('#grid li').first().waitFor();
const by = (s) => ({
  button: (name) => s.page.getByRole('button', { name, exact: true }),
  link: (name) => s.page.getByRole('link', { name, exact: true }),
  label: (name) => s.page.getByLabel(name, { exact: true }),
  test: (id) => s.page.getByTestId(id),
  card: (name) => s.page.locator('#grid').getByRole('link', { name, exact: true }),
  tab: (name) => s.page.getByRole('tab', { name, exact: true }),
  css: (selector) => s.page.locator(selector),
  card_: (name) => s.page.frameLocator('#payment').getByLabel(name, { exact: true }),
});
const url = (s, pattern) => () => s.page.waitForURL(pattern, { waitUntil: 'load' });
const text = (s, selector, pattern) => () => s.page.locator(selector).filter({ hasText: pattern }).first().waitFor();
const orders = (s) => () => s.page.locator('.ordr_v4').first().waitFor();

async function openProduct(s, name) {
  await s.click(by(s).card(name), { until: async () => { await url(s, '**/product/*')(); await s.page.locator('#related li').first().waitFor(); } });
}
const addToCart = (s) => s.click(by(s).test('add-to-cart'), { until: text(s, '#added', 'Added') });
const toCart = (s) => s.click(by(s).link('View cart'), { until: async () => { await url(s, '**/cart')(); await s.page.locator('#lines tr').first().waitFor(); } });
const toCheckout = (s) => s.click(by(s).test('to-checkout'), { until: async () => { await url(s, '**/checkout')(); await s.page.locator('#order-lines li').first().waitFor(); } });
const placeOrder = (s, more) => s.click(by(s).test('place-order'), more);
const placed = (s) => url(s, '**/order/*');

async function contact(s, { email = 'maya.lindqvist@example.com', phone = '+44 20 7946 0018' } = {}) {
  await s.type(by(s).label('Email'), email);
  await s.type(by(s).label('Phone'), phone);
}
async function address(s, postcode = 'N1 9GU') {
  await s.type(by(s).label('First name'), 'Maya');
  await s.type(by(s).label('Last name'), 'Lindqvist');
  await s.type(by(s).label('Street and number'), '14 Alder Row');
  await s.type(by(s).label('Town or city'), 'London');
  await s.type(by(s).label('Postcode'), postcode);
  await s.select(by(s).label('Country'), 'United Kingdom');
}
async function payment(s) {
  await s.type(by(s).card_('Card number'), '4242424242424242');
  await s.type(by(s).card_('Expiry'), '11/29');
  await s.type(by(s).card_('Security code'), '737');
}

export const cases = {
  'coupon-typeerror': {
    bug: 'Coupon SPRING25 has no rules; checkMinimum in coupon.js reads rules.minimum and throws an uncaught TypeError.',
    consolePlugin: true,
    report: { title: 'Coupon does nothing', description: 'I typed SPRING25 in the cart and pressed Apply. It says "Checking…" for ever.', tags: ['cart', 'coupon'], priority: 'high', metadata: { page_kind: 'cart' } },
    async drive(s) {
      await s.go('/', list(s));
      await openProduct(s, 'Enamel kettle');
      await s.click(by(s).css('.care summary'));
      await addToCart(s);
      await toCart(s);
      await s.click(by(s).button('One more'), { until: text(s, '#subtotal', '76.00') });
      await s.type(by(s).label('Coupon code'), 'SPRING25');
      await s.click(by(s).button('Apply'), { trouble: 'page_error', until: text(s, '#coupon-message', 'Checking') });
      await s.think(1500, 2000);
      await s.screenshot();
      await s.click(by(s).button('Apply'), { trouble: 'page_error' });
      await s.reload(text(s, '#subtotal', '76.00'));
      await s.type(by(s).label('Coupon code'), 'SPRING25');
      await s.key('Enter', { trouble: 'page_error', until: text(s, '#coupon-message', 'Checking') });
      await s.type(by(s).label('Coupon code'), 'WELCOME10');
      await s.click(by(s).button('Apply'), { until: text(s, '#coupon-message', 'off') });
    },
  },

  'checkout-500': {
    bug: 'Saturday delivery has no rate: POST /api/checkout answers 500 with a JSON body and the page shows an alert.',
    consolePlugin: true,
    networkPlugin: { recordHeaders: true, recordBody: true, recordInitialRequests: true },
    report: { title: 'Cannot place my order', description: 'Filled in everything, chose Saturday delivery, and got an error twice. With express delivery it went through.', tags: ['checkout'], priority: 'urgent', metadata: { page_kind: 'checkout', basket: 129 } },
    async drive(s) {
      await s.go('/', list(s));
      await s.scroll(320);
      await openProduct(s, 'Cast-iron casserole');
      await addToCart(s);
      await toCart(s);
      await toCheckout(s);
      await contact(s);
      await address(s);
      await s.check(by(s).label('Saturday morning, £12.00'));
      await payment(s);
      await s.check(by(s).label('I accept the terms of sale'));
      await placeOrder(s, { trouble: 'http_500', until: text(s, '#checkout-alert', 'could not') });
      await s.screenshot();
      await placeOrder(s, { trouble: 'http_500', until: async () => { await s.page.locator('#checkout-alert').waitFor({ state: 'hidden' }).catch(() => {}); await text(s, '#checkout-alert', 'could not')(); } });
      await s.check(by(s).label('Express, next working day, £9.00'));
      await placeOrder(s, { until: placed(s) });
    },
  },

  'dead-button': {
    bug: 'Nothing listens to the button "Download invoice" on the account page.',
    report: { title: 'Invoice button is dead', description: 'Download invoice under my orders does nothing at all, no matter how often I press it.', tags: ['account', 'invoice'], priority: 'medium', metadata: { page_kind: 'account' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.click(by(s).link('Account'), { until: async () => { await url(s, '**/account/orders')(); await orders(s)(); } });
      const invoice = (n) => s.page.getByRole('article', { name: `Order ${n}` }).getByRole('button', { name: 'Download invoice' });
      await s.deadClick(invoice('KP-20417'));
      await s.deadClick(invoice('KP-20388'));
      await s.click(by(s).tab('Addresses'), { until: text(s, '.adr', 'Alder Row') });
      await s.click(by(s).tab('Orders'), { until: orders(s) });
      await s.rageClick(invoice('KP-20417'), 6);
      await s.screenshot();
      await s.click(s.page.getByRole('article', { name: 'Order KP-20388' }).getByRole('button', { name: 'Order again' }), { until: text(s, '#order-status', 'back in your cart') });
      await s.back(text(s, '.adr', 'Alder Row'));
      await s.dblclick(by(s).css('.adr_lbl').first());
      await s.key('Escape');
    },
  },

  'slow-search': {
    bug: 'A search for a material (stoneware, linen, ...) takes 3 s on the server.',
    files: false,
    consolePlugin: true,
    networkPlugin: { recordHeaders: true, recordBody: true, recordInitialRequests: true },
    report: { title: 'Search is very slow', description: 'Searching for stoneware or linen takes several seconds, other words are quick.', tags: ['search', 'performance'], priority: 'medium', metadata: { page_kind: 'list' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.type(by(s).label('Search products'), 'kettle');
      await s.key('Enter', { until: text(s, '#result-status', /^1 product$/) });
      await s.type(by(s).label('Search products'), 'stoneware');
      const slow = s.click(by(s).test('search-submit'), { trouble: 'slow_request', until: text(s, '#result-status', '2 products') });
      await slow;
      await s.select(by(s).label('Sort by'), 'Price, high to low');
      await s.type(by(s).label('Search products'), 'linen');
      await s.key('Enter', { trouble: 'slow_request', until: text(s, '#result-status', 'Searching') });
      await s.screenshot();
      await text(s, '#result-status', /^1 product$/)();
      await s.think();
      await s.drag(by(s).css('.sldr_knob'), [-120, 0], { note: 'price slider, pointer events' });
      await s.resize(1000, 720);
      await s.type(by(s).label('Search products'), 'wood');
      await s.click(by(s).test('search-submit'), { trouble: 'slow_request', until: text(s, '#result-status', '2 products') });
      await s.scroll(300);
    },
  },

  'form-refuses': {
    bug: 'The postcode rule in checkout.js knows one digit only, so the valid postcode SW1A 1AA is refused.',
    rrweb: { userTriggeredOnInput: true },
    report: { title: 'My postcode is refused', description: 'SW1A 1AA is a real postcode. The checkout says "Enter a valid postcode" whatever I do.', tags: ['checkout', 'form'], priority: 'high', metadata: { page_kind: 'checkout' } },
    async drive(s) {
      await s.go('/product/wool-throw', () => s.page.locator('#related li').first().waitFor());
      await addToCart(s);
      await toCart(s);
      await toCheckout(s);
      await contact(s);
      await address(s, 'SW1A 1AA');
      await payment(s);
      await s.check(by(s).label('I accept the terms of sale'));
      const refused = { trouble: 'validation', until: text(s, '#postcode-error', 'valid postcode') };
      await placeOrder(s, refused);
      await s.type(by(s).label('Postcode'), 'SW1A1AA');
      await placeOrder(s, refused);
      await s.type(by(s).label('Postcode'), 'SW1A 1AA');
      await placeOrder(s, refused);
      await s.show(by(s).label('Postcode'));
      await s.screenshot();
      await s.check(by(s).label('Wrap it as a gift'));
      await s.deadClick(by(s).css('legend').filter({ hasText: 'Delivery address' }), { note: 'click on a heading of the form' });
    },
  },

  'image-404': {
    bug: 'The large picture of the walnut bread board is missing (404).',
    networkPlugin: { recordInitialRequests: true },
    report: { title: 'Picture missing', description: 'The walnut bread board has no picture on its own page.', tags: ['product', 'image'], priority: 'low', metadata: { page_kind: 'product', sku: 'KP-1054' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.check(by(s).label('Kitchen'));
      await openProduct(s, 'Walnut bread board');
      await s.deadClick(by(s).css('#product-image'), { note: 'the broken picture' });
      await s.contextMenu(by(s).css('#product-image'));
      await s.screenshot();
      await s.reload(() => s.page.locator('#related li').first().waitFor());
      await s.scroll(400);
      await s.back(list(s));
      await openProduct(s, 'Pepper mill');
      await s.dblclick(by(s).css('.info h1'), { note: 'selects a word' });
      await s.type(by(s).label('Letters from the workshop'), 'maya@example.com');
      await s.click(by(s).button('Subscribe'), { until: text(s, '#newsletter-status', 'Thank you') });
    },
  },

  clean: {
    bug: null,
    consolePlugin: true,
    urlChanged: true,
    rrweb: { userTriggeredOnInput: true, checkoutEveryNms: 12000 },
    report: { title: 'Order and account, all well', description: 'A whole visit without trouble, for comparison.', tags: ['happy-path'], priority: 'low', metadata: { page_kind: 'account' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.scroll(500);
      await s.scroll(-500);
      await s.select(by(s).label('Sort by'), 'Price, low to high');
      await s.check(by(s).label('Table'));
      await s.check(by(s).label('Table'));
      await s.drag(by(s).css('.sldr_knob'), [-60, 0], { note: 'price slider, pointer events' });
      await s.type(by(s).label('Search products'), 'lamp');
      await s.key('Enter', { until: text(s, '#result-status', '1 product') });
      await openProduct(s, 'Reading lamp');
      await s.click(by(s).css('.care summary'));
      await s.click(by(s).button('Write a review'), { until: () => by(s).css('#review-dialog[open]').waitFor() });
      await s.click(s.page.getByRole('radio', { name: '4 stars' }));
      await s.type(by(s).label('Display name'), 'Maya L.');
      await s.type(by(s).label('Your review'), 'Warm light, and the dimmer is silent.');
      await s.click(by(s).button('Send review'), { until: text(s, '#added', 'Thank you') });
      await s.click(by(s).button('One more'));
      await s.click(by(s).button('Add to wishlist'));
      await addToCart(s);
      await toCart(s);
      await s.type(by(s).label('Coupon code'), 'WELCOME10');
      await s.click(by(s).button('Apply'), { until: text(s, '#coupon-message', 'off') });
      await toCheckout(s);
      await contact(s);
      await address(s);
      await s.check(by(s).label('Express, next working day, £9.00'));
      await payment(s);
      await s.check(by(s).label('I accept the terms of sale'));
      await placeOrder(s, { until: placed(s) });
      await s.click(by(s).link('See your orders'), { until: orders(s) });
      await s.click(by(s).tab('Addresses'), { until: text(s, '.adr', 'Foundry') });
      await s.dblclick(by(s).css('.adr_lbl').last());
      await s.type(by(s).label('Address name'), 'Workshop');
      await s.key('Enter', { until: text(s, '.adr_lbl', 'Workshop') });
      await s.click(by(s).tab('Wishlist'), { until: text(s, '.wish', 'Wool throw') });
      await s.drag(by(s).css('.wish li').nth(0), by(s).css('.wish li').nth(2), { note: 'native drag and drop' });
      await text(s, '#wish-status', 'New order saved')();
      await s.resize(1100, 760);
      await s.click(by(s).tab('Settings'), { until: () => by(s).label('Display name').waitFor() });
      await s.type(by(s).label('Display name'), 'Maya from the corner');
      await s.select(by(s).label('Language'), 'Svenska');
      await s.check(by(s).label('Phone'));
      await s.check(by(s).label('Letters from the workshop').and(s.page.getByRole('checkbox')));
      await s.type(by(s).label('New password'), 'not-a-real-password');
      await s.click(by(s).button('Save settings'), { until: text(s, '#settings-status', 'Saved') });
      await s.screenshot();
      await s.back(text(s, '.wish', 'Wool throw'));
    },
  },

  masked: {
    bug: 'A phone number with brackets and a hyphen is refused, though it is valid.',
    rrweb: { maskAllInputs: true, maskTextSelector: '.customer-data' },
    consolePlugin: true,
    report: { title: 'Phone number refused', description: 'The checkout does not take my phone number the way I write it.', tags: ['checkout', 'privacy'], priority: 'medium', metadata: { page_kind: 'checkout' } },
    async drive(s) {
      await s.go('/account/addresses', text(s, '.adr', 'Foundry'));
      await s.click(by(s).tab('Settings'), { until: () => by(s).label('Display name').waitFor() });
      await s.type(by(s).label('Display name'), 'Maya L');
      await s.select(by(s).label('Language'), 'Deutsch');
      await s.click(by(s).button('Save settings'), { until: text(s, '#settings-status', 'Saved') });
      await s.go('/product/glass-carafe', () => s.page.locator('#related li').first().waitFor());
      await addToCart(s);
      await toCart(s);
      await toCheckout(s);
      await contact(s, { phone: '(020) 7946-0018' });
      await address(s);
      await payment(s);
      await s.check(by(s).label('I accept the terms of sale'));
      await placeOrder(s, { trouble: 'validation', until: text(s, '#phone-error', 'digits only') });
      await s.screenshot();
      await s.type(by(s).label('Phone'), '02079460018');
      await placeOrder(s, { until: placed(s) });
    },
  },

  'mobile-touch': {
    bug: 'Nothing listens to the button "Download invoice" on the account page (tapped on a phone).',
    context: {
      viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2,
      userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
    },
    consolePlugin: true,
    urlChanged: true,
    report: { title: 'No invoice on my phone', description: 'Tapping Download invoice does nothing.', tags: ['account', 'mobile'], priority: 'medium', metadata: { page_kind: 'account' } },
    async drive(s) {
      await s.go('/', list(s));
      await s.scroll(300);
      await s.scroll(300);
      await openProduct(s, 'Stoneware mug');
      await s.click(by(s).button('One more'));
      await addToCart(s);
      await toCart(s);
      await s.type(by(s).label('Coupon code'), 'welcome10');
      await s.click(by(s).button('Apply'), { until: text(s, '#coupon-message', 'off') });
      await s.click(by(s).link('Account'), { until: orders(s) });
      await s.deadClick(s.page.getByRole('article', { name: 'Order KP-20417' }).getByRole('button', { name: 'Download invoice' }));
      await s.screenshot();
      await s.click(by(s).tab('Settings'), { until: () => by(s).label('Display name').waitFor() });
      await s.check(by(s).label('Phone'));
      await s.click(by(s).button('Save settings'), { until: text(s, '#settings-status', 'Saved') });
    },
  },

  'two-windows': {
    bug: 'The cart in the first window does not learn that the second window took an item out: PATCH answers 404.',
    windowIds: ['w-7f3a', 'w-c210'],
    consolePlugin: true,
    networkPlugin: true,
    report: { title: 'Cart cannot be changed', description: 'I looked at delivery in a second tab and took the mug out there. Back in the cart, changing the mug gives an error.', tags: ['cart', 'tabs'], priority: 'medium', metadata: { page_kind: 'cart', windows: 2 } },
    async drive(s) {
      await s.go('/product/pepper-mill', () => s.page.locator('#related li').first().waitFor());
      await addToCart(s);
      await s.go('/product/stoneware-mug', () => s.page.locator('#related li').first().waitFor());
      await addToCart(s);
      await toCart(s);
      const first = s.page;
      const opened = s.context.waitForEvent('page');
      await s.click(by(s).link('Delivery information (opens in a new tab)'));
      const second = await opened;
      await s.turnTo(second);
      await s.page.locator('#mini-cart li').first().waitFor();
      await s.type(by(s).label('Your postcode'), 'N1 9GU');
      await s.click(by(s).button('Check delivery'), { until: text(s, '#delivery-result', '2 days') });
      await s.turnTo(first);
      await s.click(by(s).css('tr[data-slug=pepper-mill]').getByRole('button', { name: 'One more' }), { until: text(s, '#subtotal', '68.00') });
      await s.turnTo(second);
      await s.click(by(s).button('Take out Stoneware mug'), { until: () => by(s).css('#mini-cart li').nth(1).waitFor({ state: 'detached' }) });
      await s.click(by(s).css('details summary'));
      await s.turnTo(first);
      await s.click(by(s).css('tr[data-slug=stoneware-mug]').getByRole('button', { name: 'One more' }), { trouble: 'http_404', until: text(s, '#cart-alert', 'could not be changed') });
      await s.screenshot();
      await s.turnTo(second);
      await s.scroll(200);
      await s.turnTo(first);
      await s.reload(text(s, '#subtotal', '54.00'));
      await s.click(by(s).button('Remove Pepper mill'), { until: () => by(s).css('#remove-dialog[open]').waitFor() });
      await s.click(by(s).button('Keep it'));
    },
  },
};

// The same drives, recorded by the shop itself with the browser SDK, which records console and requests too. Two show what
// is typed, as the others do, and have no files beside; the third has the same facts twice.
const shown = { release: '3.4.1', privacy: { maskInputs: false } };
cases['coupon-sdk'] = { ...cases['coupon-typeerror'], sdk: shown, files: false };
cases['checkout-sdk-masked'] = { ...cases['checkout-500'], sdk: { release: '3.4.1', network: { bodies: true } } };
cases['dead-button-sdk'] = { ...cases['dead-button'], sdk: shown, files: false };
