//! Pages that were left at once.

use std::collections::HashMap;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::Signal;

use crate::Options;
use crate::observe::{Draft, DraftIndex};

/// Marks pages that a user came to and went back from at once.
///
/// A page that is left in less than `quick_back_ms_min` is a redirect.
pub(super) fn mark(drafts: &mut [Draft], options: &Options) {
    let mut shown: HashMap<WindowNo, Vec<DraftIndex>> = HashMap::new();
    let pages = drafts.iter().enumerate().filter(|(_, d)| d.kind.is_page());
    for (index, draft) in pages {
        shown.entry(draft.window).or_default().push(index);
    }
    let mut marked: Vec<DraftIndex> = Vec::new();
    for pages in shown.values() {
        for three in pages.windows(3) {
            let [before, at, after] = [&drafts[three[0]], &drafts[three[1]], &drafts[three[2]]];
            let stay = after.at - at.at;
            let back = before.url.is_some() && before.url == after.url && before.url != at.url;
            // A user who follows a link or a tab back has used the page.
            let went_back = after.cause.is_none_or(|action| says_back(&drafts[action]));
            if back
                && went_back
                && at.cause.is_some()
                && (options.quick_back_ms_min..options.quick_back_ms).contains(&stay)
            {
                marked.push(three[1]);
            }
        }
    }
    marked.into_iter().for_each(|index| drafts[index].signal(Signal::QuickBack));
}

/// A button or link that leads back, by its name.
fn says_back(draft: &Draft) -> bool {
    const WORDS: [&str; 4] = ["back", "go back", "cancel", "close"];
    let name = draft.target.as_ref().and_then(|target| target.name.as_deref()).unwrap_or_default();
    WORDS.iter().any(|word| name.trim().eq_ignore_ascii_case(word))
}
