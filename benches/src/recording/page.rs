//! What the application shows: a shell, screens with a list of cards, panels, dialogs, suggestions.

use std::collections::VecDeque;

use super::markup::{Attribute, Element, Ids, Node};
use super::words::{ORIGIN, class, css_rule, hash, icon_path, price, title, words};
use crate::Rng;

/// The nodes of a card that later events name.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) root: u32,
    pub(super) body: u32,
    pub(super) image: u32,
    pub(super) price: u32,
    pub(super) button: u32,
    /// The panel that its button opened.
    pub(super) panel: Option<u32>,
}

/// The nodes of a screen that later events name.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) root: u32,
    pub(super) search: u32,
    /// Where suggestions come up.
    pub(super) search_box: u32,
    pub(super) list: u32,
    pub(super) cards: VecDeque<Card>,
    /// Its headline's text.
    pub(super) headline: u32,
}

/// The nodes of a dialog that later events name.
#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) root: u32,
    pub(super) choice: u32,
    pub(super) agree: u32,
    pub(super) done: u32,
}

/// The nodes around the screens.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) head: u32,
    pub(super) body: u32,
    pub(super) style: u32,
    pub(super) main: u32,
    pub(super) links: Vec<u32>,
    pub(super) badge: u32,
}

/// Makes parts of pages.
#[derive(Debug)]
pub(super) struct Maker {
    pub(super) ids: Ids,
    pub(super) rng: Rng,
}

impl Maker {
    /// The whole first page: what stands in the document, the shell, and its first screen of about `nodes`.
    pub(super) fn page(&mut self, nodes: usize) -> (Node, Shell, Screen) {
        let html = self.ids.element("html").with("lang", "en");
        let head = self.ids.element("head");
        let head_id = head.id;
        let head = head
            .child(self.ids.element("meta").with("charset", "utf-8"))
            .child(self.leaf("title", &[], "Orders"))
            .child(self.ids.element("link").with("rel", "icon").with("href", format!("{ORIGIN}/icon.svg")));
        let style = self.ids.element("style").with("data-emotion", "css");
        let style_id = style.id;
        let head = head.child(style.child(self.sheet(40)));
        let body = self.ids.element("body").with("class", class(&mut self.rng, "App_body"));
        let body_id = body.id;
        let (header, links, badge) = self.header();
        let main = self.ids.element("main").with("id", "main").with("class", class(&mut self.rng, "App_main"));
        let main_id = main.id;
        let left = nodes.saturating_sub(self.ids.given());
        let (node, screen) = self.screen(left);
        let body = body.child(header).child(main.child(node));
        let shell = Shell { head: head_id, body: body_id, style: style_id, main: main_id, links, badge };
        (html.child(head).child(body).into(), shell, screen)
    }

    /// A text of so many rules.
    pub(super) fn sheet(&mut self, rules: usize) -> Node {
        let rules: Vec<String> = (0..rules).map(|_| css_rule(&mut self.rng)).collect();
        self.ids.text(rules.join("\n"))
    }

    fn header(&mut self) -> (Node, Vec<u32>, u32) {
        let header = self.ids.element("header").with("class", class(&mut self.rng, "Header_root"));
        let nav = self.ids.element("nav").with("aria-label", "Main");
        let mut links = Vec::new();
        let mut list = self.ids.element("ul").with("class", class(&mut self.rng, "Nav_list"));
        for name in ["Orders", "Customers", "Products", "Suppliers", "Reports", "Settings"] {
            let item = self.ids.element("li");
            let link = self.ids.element("a").with("href", format!("{ORIGIN}/{}", name.to_lowercase()));
            let link = link.with("class", class(&mut self.rng, "Nav_link"));
            links.push(link.id);
            let icon = self.icon();
            let label = self.leaf("span", &[], name);
            list = list.child(item.child(link.child(icon).child(label)));
        }
        let button = self.ids.element("button").with("type", "button").with("aria-label", "Notifications");
        let badge = self.ids.element("span").with("class", class(&mut self.rng, "Badge_count"));
        let count = self.ids.text("3");
        let badge_text = count.id();
        let header = header.child(nav.child(list)).child(button.child(badge.child(count)));
        (header.into(), links, badge_text)
    }

    /// A screen of about `nodes`.
    pub(super) fn screen(&mut self, nodes: usize) -> (Node, Screen) {
        let first = self.ids.given();
        let root = self.ids.element("section").with("class", class(&mut self.rng, "Screen_root"));
        let root_id = root.id;
        let h1 = self.ids.element("h1").with("class", class(&mut self.rng, "Screen_title"));
        let headline = self.ids.text(title(&mut self.rng));
        let headline_id = headline.id();
        let (form, search, search_box) = self.search_form();
        let list = self.ids.element("div").with("class", class(&mut self.rng, "List_root")).with("role", "list");
        let list_id = list.id;
        let (mut nodes_of_list, mut cards) = (Vec::new(), VecDeque::new());
        while cards.len() < 4 || self.ids.given() - first < nodes {
            let (node, card) = self.card();
            nodes_of_list.push(node);
            cards.push_back(card);
        }
        let root = root.child(h1.child(headline)).child(form).child(list.children(nodes_of_list));
        let screen = Screen { root: root_id, search, search_box, list: list_id, cards, headline: headline_id };
        (root.into(), screen)
    }

    fn search_form(&mut self) -> (Element, u32, u32) {
        let form = self.ids.element("form").with("role", "search").with("class", class(&mut self.rng, "Search_form"));
        let input_name = format!("search-{}", hash(&mut self.rng, 4));
        let label = self.leaf("label", &[("for", &input_name)], "Search");
        let host = self.ids.element("div").with("class", class(&mut self.rng, "Search_box"));
        let host_id = host.id;
        let input = self.ids.element("input").with("id", input_name).with("name", "q").with("type", "search");
        let input = input.with("autocomplete", "off").with("placeholder", "Name, number or note").with("value", "");
        let input_id = input.id;
        (form.child(label).child(host.child(input)), input_id, host_id)
    }

    /// An entry of a list.
    pub(super) fn card(&mut self) -> (Node, Card) {
        let number = self.rng.within(10_000..99_999);
        let name = title(&mut self.rng);
        let root = self.ids.element("article").with("class", class(&mut self.rng, "Card_root"));
        let root = root.with("role", "listitem").with("data-testid", format!("card-{number}"));
        let root_id = root.id;
        let cover = self.ids.element("a").with("href", format!("{ORIGIN}/orders/{number}")).with("tabindex", "-1");
        let image = self.ids.element("img").with("alt", name.clone()).with("loading", "lazy").with("width", "96");
        let image = image.with("src", format!("{ORIGIN}/images/{}/small.webp", hash(&mut self.rng, 12)));
        let image_id = image.id;
        let body = self.ids.element("div").with("class", class(&mut self.rng, "Card_body"));
        let body_id = body.id;
        let heading = self.ids.element("h3").with("class", class(&mut self.rng, "Card_title"));
        let link = self.leaf("a", &[("href", &format!("{ORIGIN}/orders/{number}"))], &name);
        let about = words(&mut self.rng, 8..24);
        let about_class = class(&mut self.rng, "Card_about");
        let about = self.leaf("p", &[("class", &about_class)], &about);
        let row = self.ids.element("div").with("class", class(&mut self.rng, "Card_row"));
        let price_host = self.ids.element("span").with("class", class(&mut self.rng, "Price_root"));
        let price_text = self.ids.text(price(&mut self.rng));
        let price_id = price_text.id();
        let stock = format!("{} in stock", self.rng.within(0..90));
        let stock = self.leaf("span", &[("class", "Card_stock")], &stock);
        let button = self.ids.element("button").with("type", "button").with("aria-expanded", "false");
        let button = button.with("class", class(&mut self.rng, "Button_root"));
        let button_id = button.id;
        let icon = self.icon();
        let label = self.leaf("span", &[], &format!("Details of {number}"));
        let row = row.child(price_host.child(price_text)).child(stock).child(button.child(icon).child(label));
        let body = body.child(heading.child(link)).child(about).child(row);
        let card =
            Card { root: root_id, body: body_id, image: image_id, price: price_id, button: button_id, panel: None };
        (root.child(cover.child(image)).child(body).into(), card)
    }

    /// What a card's button opens.
    pub(super) fn panel(&mut self) -> Node {
        let panel = self.ids.element("div").with("class", class(&mut self.rng, "Panel_root")).with("role", "region");
        let mut list = self.ids.element("dl");
        for _ in 0..self.rng.within(4..9) {
            let term = words(&mut self.rng, 1..3);
            let text = words(&mut self.rng, 3..12);
            list = list.child(self.leaf("dt", &[], &term)).child(self.leaf("dd", &[], &text));
        }
        panel.child(list).into()
    }

    /// A dialog over the page.
    pub(super) fn dialog(&mut self) -> (Node, Dialog) {
        let name = title(&mut self.rng);
        let root = self.ids.element("div").with("role", "dialog").with("aria-modal", "true");
        let root = root.with("aria-label", name.clone()).with("class", class(&mut self.rng, "Dialog_root"));
        let root_id = root.id;
        let heading = self.leaf("h2", &[], &name);
        let text = words(&mut self.rng, 12..30);
        let text = self.leaf("p", &[], &text);
        let label = self.ids.element("label");
        let agree = self.ids.element("input").with("type", "checkbox").with("name", "agree");
        let agree_id = agree.id;
        let label = label.child(agree).child(self.ids.text(" Tell the customer"));
        let select = self.ids.element("select").with("name", "carrier").with("aria-label", "Carrier");
        let choice = select.id;
        let mut select = select.with("value", "c0");
        for i in 0..5 {
            let value = format!("c{i}");
            let name = title(&mut self.rng);
            let option = self.ids.element("option").with("value", value);
            let option = if i == 0 { option.set("selected") } else { option };
            let option = option.child(self.ids.text(name));
            select = select.child(option);
        }
        let done = self.ids.element("button").with("type", "button").with("class", class(&mut self.rng, "Button_root"));
        let done_id = done.id;
        let done = done.child(self.ids.text("Send"));
        let dialog = Dialog { root: root_id, choice, agree: agree_id, done: done_id };
        (root.child(heading).child(text).child(label).child(select).child(done).into(), dialog)
    }

    /// What comes up under a search field.
    pub(super) fn suggestions(&mut self) -> Node {
        let mut list = self.ids.element("ul").with("role", "listbox").with("class", "Search_suggestions");
        for i in 0..self.rng.within(3..8) {
            let option = self.ids.element("li").with("role", "option").with("id", format!("option-{i}"));
            let text = title(&mut self.rng);
            let mark = self.leaf("mark", &[], &text);
            let rest = words(&mut self.rng, 1..4);
            list = list.child(option.child(mark).child(self.ids.text(format!(" {rest}"))));
        }
        list.into()
    }

    fn icon(&mut self) -> Node {
        let svg = self.ids.element("svg").svg().with("viewBox", "0 0 24 24").with("aria-hidden", "true");
        let path = self.ids.element("path").svg().with("d", icon_path(&mut self.rng)).with("fill", "currentColor");
        svg.child(path).into()
    }

    fn leaf(&mut self, tag: &'static str, attributes: &[(&'static str, &str)], text: &str) -> Node {
        let mut element = self.ids.element(tag);
        for (name, value) in attributes {
            element = element.with(name, *value);
        }
        element.child(self.ids.text(text)).into()
    }

    /// The style of something that moves.
    pub(super) fn motion(&mut self) -> Attribute {
        let (x, y) = (self.rng.within(0..400), self.rng.within(0..200));
        let shade = self.rng.within(10..100);
        Attribute::Style(vec![
            ("transform", format!("translate3d({x}px, {y}px, 0px)")),
            ("opacity", format!("0.{shade}")),
        ])
    }
}
