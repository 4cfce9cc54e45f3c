//! What happens: a user's actions and the application's own, each as the events that rrweb writes.

use super::Size;
use super::markup::{Attribute, Ids, Mutation};
use super::page::{Dialog, Maker, Screen, Shell};
use super::words::{ORIGIN, class, css_rule, hash, json_body, price, title, words};
use super::write::Out;
use crate::Rng;

/// When every session begins, epoch milliseconds.
const START_MS: i64 = 1_795_000_000_000;
/// The id of the document.
const DOCUMENT: u32 = 1;
const WIDTH: u64 = 1440;
const HEIGHT: u64 = 900;

/// A session under way.
#[derive(Debug)]
pub(super) struct Session {
    out: Out,
    now: i64,
    make: Maker,
    shell: Shell,
    screen: Screen,
    /// Nodes of further screens.
    screen_nodes: usize,
    scrolled: u64,
    rules: u32,
}

/// Kinds of mouse interactions, by rrweb's numbers.
#[derive(Clone, Copy)]
enum Mouse {
    Up = 0,
    Down = 1,
    Click = 2,
    Focus = 5,
    Blur = 6,
}

impl Session {
    /// Meta and the full snapshot.
    pub(super) fn begin(size: &Size) -> Self {
        let mut make = Maker { ids: Ids::default(), rng: Rng::new(size.seed) };
        let document = make.ids.reserve();
        debug_assert_eq!(document, DOCUMENT);
        let doctype = make.ids.reserve();
        let nodes = size.nodes.max(200);
        let (html, shell, screen) = make.page(nodes);
        let mut out = Out::begin(size.bytes);
        out.event(4, START_MS, |out| {
            out.raw(&format!("{{\"href\":\"{ORIGIN}/orders\",\"width\":{WIDTH},\"height\":{HEIGHT}}}"));
        });
        out.event(2, START_MS + 40, |out| {
            out.raw("{\"node\":{\"type\":0,\"childNodes\":[{\"type\":1,\"name\":\"html\",\"publicId\":\"\",");
            out.raw(&format!("\"systemId\":\"\",\"id\":{doctype}}},"));
            html.write_nested(out);
            out.raw(&format!("],\"id\":{DOCUMENT}}},\"initialOffset\":{{\"left\":0,\"top\":0}}}}"));
        });
        Self { out, now: START_MS + 100, make, shell, screen, screen_nodes: nodes / 3, scrolled: 0, rules: 0 }
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> usize {
        self.out.len()
    }

    /// The whole recording.
    pub(super) fn end(self) -> Vec<u8> {
        self.out.end()
    }

    /// The next thing that happens, and the pause before it. Of 100: the weights below.
    pub(super) fn action(&mut self) {
        let pause = self.make.rng.within(200..1800);
        self.pass(pause);
        match self.make.rng.within(0..100) {
            0..24 => self.wander(),
            24..38 => self.scroll(),
            38..54 => self.open_card(),
            54..60 => self.go(),
            60..69 => self.search(),
            69..74 => self.confirm(),
            74..86 => self.prices(),
            86..92 => self.animate(),
            92..96 => self.restyle(),
            _ => self.fail(),
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now += ms as i64;
    }

    fn incremental(&mut self, json: &str) {
        self.out.event(3, self.now, |out| out.raw(json));
    }

    fn mutate(&mut self, mutation: &Mutation) {
        self.out.event(3, self.now, |out| mutation.write(out));
    }

    fn card(&mut self) -> usize {
        self.make.rng.index(self.screen.cards.len())
    }

    /// The mouse moves over the page for a while.
    fn wander(&mut self) {
        let (mut x, mut y) = (self.make.rng.within(0..WIDTH), self.make.rng.within(0..HEIGHT));
        for _ in 0..self.make.rng.within(1..6) {
            self.pass(500);
            let mut positions = Vec::new();
            for i in 0..10 {
                x = (x + self.make.rng.within(0..90)).saturating_sub(40).min(WIDTH);
                y = (y + self.make.rng.within(0..60)).saturating_sub(28).min(HEIGHT);
                let card = self.card();
                let id = self.screen.cards[card].root;
                positions.push(format!("{{\"x\":{x},\"y\":{y},\"id\":{id},\"timeOffset\":-{}}}", (10 - i) * 50));
            }
            self.incremental(&format!("{{\"source\":1,\"positions\":[{}]}}", positions.join(",")));
        }
    }

    fn mouse(&mut self, kind: Mouse, id: u32, x: u64, y: u64) {
        let kind_no = kind as u8;
        match kind {
            Mouse::Focus | Mouse::Blur => {
                self.incremental(&format!("{{\"source\":2,\"type\":{kind_no},\"id\":{id}}}"));
            }
            Mouse::Click => self.incremental(&format!(
                "{{\"source\":2,\"type\":{kind_no},\"id\":{id},\"x\":{x},\"y\":{y},\"pointerType\":0}}"
            )),
            Mouse::Up | Mouse::Down => {
                self.incremental(&format!("{{\"source\":2,\"type\":{kind_no},\"id\":{id},\"x\":{x},\"y\":{y}}}"));
            }
        }
    }

    fn click(&mut self, id: u32) {
        let (x, y) = (self.make.rng.within(0..WIDTH), self.make.rng.within(0..HEIGHT));
        for (kind, ms) in [(Mouse::Down, 3), (Mouse::Focus, 90), (Mouse::Up, 1), (Mouse::Click, 12)] {
            self.mouse(kind, id, x, y);
            self.pass(ms);
        }
    }

    /// The list scrolls; what leaves it at the top is removed, what comes at the bottom is added.
    fn scroll(&mut self) {
        for _ in 0..self.make.rng.within(4..14) {
            self.scrolled += self.make.rng.within(20..160);
            let y = self.scrolled;
            self.incremental(&format!("{{\"source\":3,\"id\":{DOCUMENT},\"x\":0,\"y\":{y}}}"));
            self.pass(100);
        }
        let mut mutation = Mutation::default();
        for _ in 0..self.make.rng.within(3..10).min(self.screen.cards.len() as u64 - 2) {
            if let Some(gone) = self.screen.cards.pop_front() {
                mutation.removes.push((self.screen.list, gone.root));
            }
            let (node, card) = self.make.card();
            mutation.adds.push((self.screen.list, None, node));
            self.screen.cards.push_back(card);
        }
        self.mutate(&mutation);
        self.request(6, 200);
        self.pass(60);
        let mut loaded = Mutation::default();
        for card in self.screen.cards.iter().rev().take(4) {
            let source = format!("{ORIGIN}/images/{}/large.webp", hash(&mut self.make.rng, 12));
            loaded.attributes.push((card.image, vec![("src", Attribute::Text(source))]));
        }
        self.mutate(&loaded);
    }

    /// A card's button opens its panel, or closes it.
    fn open_card(&mut self) {
        let i = self.card();
        let (button, body, panel) =
            (self.screen.cards[i].button, self.screen.cards[i].body, self.screen.cards[i].panel);
        self.click(button);
        let expanded = if panel.is_some() { "false" } else { "true" };
        let class = class(&mut self.make.rng, "Button_root");
        let mut mutation = Mutation::default();
        let changed = vec![("aria-expanded", Attribute::Text(expanded.into())), ("class", Attribute::Text(class))];
        mutation.attributes.push((button, changed));
        match panel {
            Some(panel) => {
                mutation.removes.push((body, panel));
                self.screen.cards[i].panel = None;
            }
            None => {
                self.request(2, 200);
                let node = self.make.panel();
                self.screen.cards[i].panel = Some(node.id());
                mutation.adds.push((body, None, node));
            }
        }
        self.mutate(&mutation);
    }

    /// Another screen comes in place of this one, without a load.
    fn go(&mut self) {
        let link = self.make.rng.index(self.shell.links.len());
        self.click(self.shell.links[link]);
        let path = ["orders", "customers", "products", "suppliers", "reports", "settings"][link];
        let href = format!("{ORIGIN}/{path}?view={}", hash(&mut self.make.rng, 6));
        self.out.event(5, self.now, |out| {
            out.raw("{\"tag\":\"$url_changed\",\"payload\":{\"href\":");
            out.text(&href);
            out.raw("}}");
        });
        self.pass(30);
        self.request(20, 200);
        let (node, screen) = self.make.screen(self.screen_nodes);
        let removes = vec![(self.shell.main, self.screen.root)];
        self.mutate(&Mutation { removes, adds: vec![(self.shell.main, None, node)], ..Mutation::default() });
        self.screen = screen;
        self.scrolled = 0;
    }

    /// Typing into the search field: suggestions come with each letter and go at the end.
    fn search(&mut self) {
        let (field, host) = (self.screen.search, self.screen.search_box);
        self.click(field);
        let text = words(&mut self.make.rng, 1..4);
        let mut shown = None;
        let mut typed = String::new();
        for letter in text.chars() {
            let pause = self.make.rng.within(60..260);
            self.pass(pause);
            typed.push(letter);
            self.input(field, &typed, false);
            let mut mutation = Mutation::default();
            mutation.removes.extend(shown.map(|list| (host, list)));
            let list = self.make.suggestions();
            shown = Some(list.id());
            mutation.adds.push((host, None, list));
            self.pass(8);
            self.mutate(&mutation);
        }
        self.request(4, 200);
        self.mouse(Mouse::Blur, field, 0, 0);
        let removes = shown.map(|list| (host, list)).into_iter().collect();
        let texts = vec![(self.screen.headline, format!("Results for {typed}"))];
        self.mutate(&Mutation { removes, texts, ..Mutation::default() });
        self.input(field, "", false);
    }

    fn input(&mut self, id: u32, text: &str, checked: bool) {
        self.out.event(3, self.now, |out| {
            out.raw("{\"source\":5,\"text\":");
            out.text(text);
            out.raw(&format!(",\"isChecked\":{checked},\"id\":{id},\"userTriggered\":{}}}", !text.is_empty()));
        });
    }

    /// A dialog is opened, filled and sent.
    fn confirm(&mut self) {
        let i = self.card();
        self.click(self.screen.cards[i].button);
        let (node, Dialog { root, choice, agree, done }) = self.make.dialog();
        self.mutate(&Mutation { adds: vec![(self.shell.body, None, node)], ..Mutation::default() });
        self.wander();
        self.click(agree);
        self.input(agree, "on", true);
        let option = format!("c{}", self.make.rng.within(1..5));
        self.pass(700);
        self.input(choice, &option, false);
        self.pass(400);
        self.click(done);
        self.request(1, 200);
        let removes = vec![(self.shell.body, root)];
        let texts = vec![(self.shell.badge, self.make.rng.within(0..20).to_string())];
        self.mutate(&Mutation { removes, texts, ..Mutation::default() });
    }

    /// Prices change by themselves.
    fn prices(&mut self) {
        for _ in 0..self.make.rng.within(3..12) {
            self.pass(180);
            let mut mutation = Mutation::default();
            for _ in 0..self.make.rng.within(1..9) {
                let i = self.card();
                mutation.texts.push((self.screen.cards[i].price, price(&mut self.make.rng)));
            }
            // The recorder gives each node once.
            mutation.texts.sort_by_key(|(id, _)| *id);
            mutation.texts.dedup_by_key(|(id, _)| *id);
            self.mutate(&mutation);
        }
    }

    /// A card slides in, frame by frame.
    fn animate(&mut self) {
        let i = self.card();
        let card = self.screen.cards[i].root;
        for _ in 0..self.make.rng.within(8..30) {
            self.pass(16);
            let style = self.make.motion();
            self.mutate(&Mutation { attributes: vec![(card, vec![("style", style)])], ..Mutation::default() });
        }
        self.mutate(&Mutation { attributes: vec![(card, vec![("style", Attribute::Removed)])], ..Mutation::default() });
    }

    /// Styles come from scripts: rules one by one, or a sheet of them.
    fn restyle(&mut self) {
        if self.make.rng.chance(60) {
            for _ in 0..self.make.rng.within(2..12) {
                let (rule, index, style) = (css_rule(&mut self.make.rng), self.rules, self.shell.style);
                self.rules += 1;
                self.out.event(3, self.now, |out| {
                    out.raw(&format!("{{\"source\":8,\"id\":{style},\"adds\":[{{\"rule\":"));
                    out.text(&rule);
                    out.raw(&format!(",\"index\":{index}}}]}}"));
                });
            }
        } else {
            let style = self.make.ids.element("style").with("data-emotion", "css");
            let rules = self.make.rng.within(10..60) as usize;
            let style = style.child(self.make.sheet(rules));
            self.mutate(&Mutation { adds: vec![(self.shell.head, None, style.into())], ..Mutation::default() });
        }
    }

    /// A request fails and the console says so.
    fn fail(&mut self) {
        let i = self.card();
        self.click(self.screen.cards[i].button);
        self.request(0, 500);
        let (what, file) = (title(&mut self.make.rng), hash(&mut self.make.rng, 8));
        let now = self.now;
        self.out.event(6, now, |out| {
            out.raw("{\"plugin\":\"rrweb/console@1\",\"payload\":{\"level\":\"error\",\"trace\":");
            let frames = ["onError", "dispatch", "commitRoot"];
            out.list(frames, |out, frame| out.text(&format!("{frame} ({ORIGIN}/assets/main.{file}.js:1:48213)")));
            out.raw(",\"payload\":");
            let arguments = [format!("\"Request failed: {what}\""), "{\"status\":500,\"retry\":false}".to_owned()];
            out.list(arguments, |out, argument| out.text(&argument));
            out.raw("}}");
        });
    }

    /// A request of the application, told when it has ended.
    fn request(&mut self, rows: u64, status: u16) {
        let took = self.make.rng.within(20..400);
        self.pass(took);
        let ended = self.now - START_MS;
        let started = ended - took as i64;
        let url = format!("{ORIGIN}/api/v2/items?page={}&sort=updated", self.make.rng.within(1..90));
        let body =
            if status == 200 { json_body(&mut self.make.rng, rows) } else { "{\"error\":\"internal\"}".to_owned() };
        let method = if rows == 1 { "POST" } else { "GET" };
        let trace = hash(&mut self.make.rng, 32);
        self.out.event(6, self.now, |out| {
            out.raw("{\"plugin\":\"rrweb/network@1\",\"payload\":{\"requests\":[{\"initiatorType\":\"fetch\",");
            out.raw(&format!("\"duration\":{took},\"entryType\":\"resource\",\"method\":\"{method}\",\"name\":"));
            out.text(&url);
            out.raw(&format!(",\"status\":{status},\"startTime\":{started},\"endTime\":{ended},"));
            out.raw("\"requestHeaders\":{\"accept\":\"application/json\",\"x-requested-with\":\"fetch\"},");
            out.raw(&format!("\"responseHeaders\":{{\"content-type\":\"application/json\",\"x-trace\":\"{trace}\"}},"));
            out.raw("\"responseBody\":");
            out.text(&body);
            out.raw("}]}}");
        });
    }
}
