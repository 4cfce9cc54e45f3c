//! Counts of defects: one entry for each kind, with a description of the first case.
//!
//! In: defects as they are met. Out: the list of a timeline. Never here: failures; a defect is data.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Defect, DefectCode};

/// Characters of a description that are kept.
const DETAIL_CHARS_MAX: usize = 200;

/// The defects so far, in the order in which their kinds were met first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defects(Vec<Defect>);

impl Defects {
    /// Counts a defect. `detail` is called for the first of its kind only.
    pub(crate) fn add(&mut self, code: DefectCode, detail: impl FnOnce() -> String) {
        self.add_many(code, 1, detail);
    }

    /// Counts `count` defects of a kind.
    pub(crate) fn add_many(&mut self, code: DefectCode, count: u32, detail: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        if let Some(known) = self.0.iter_mut().find(|known| known.code == code) {
            known.count = known.count.saturating_add(count);
        } else {
            self.0.push(Defect { code, count, detail: one_line(&detail(), DETAIL_CHARS_MAX) });
        }
    }

    /// Adds the defects of another count after those of this one.
    pub(crate) fn absorb(&mut self, other: Self) {
        for defect in other.0 {
            self.add_many(defect.code, defect.count, || defect.detail);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when a defect of that kind was met.
    pub(crate) fn has(&self, code: DefectCode) -> bool {
        self.0.iter().any(|known| known.code == code)
    }

    #[cfg(test)]
    pub(crate) fn list(&self) -> &[Defect] {
        &self.0
    }

    pub(crate) fn into_list(self) -> Vec<Defect> {
        self.0
    }
}
