//! What the cache has for a step, and why it has nothing.

use std::path::Path;

use anyhow::Result;

use super::execute::Executor;
use super::key::{digest, reasons, Fields};
use super::sources::SourceSet;
use super::step::Step;
use super::store::{Entry, Found};
use crate::cache::Damage;

/// The result of a look into the cache.
pub(super) enum Looked {
    Hit(Entry),
    Miss(Option<Broken>),
}

/// Something of the cache that must be dropped before it is made again.
pub(super) struct Broken {
    pub damage: Damage,
    /// The damaged entry's key; none when it is the record of sources.
    entry: Option<String>,
}

impl Executor {
    /// Looks for the entry of this step value, with sources as they are now.
    pub(super) fn look(&self, step: &Step, shallow: &Fields) -> Result<Looked> {
        if step.sources.is_none() {
            return self.look_at(step, shallow);
        }
        let key = digest(shallow);
        let sets = match self.store.source_sets(&key) {
            Found::Whole(sets) => sets,
            Found::Absent => return Ok(Looked::Miss(None)),
            Found::Damaged(damage) => {
                return Ok(Looked::Miss(Some(Broken { damage, entry: None })))
            }
        };
        for set in sets {
            if set.now(&self.root, &self.memo) == set {
                self.store.touch_sources(&key);
                let mut full = shallow.clone();
                set.add_to(&mut full);
                return self.look_at(step, &full);
            }
        }
        Ok(Looked::Miss(None))
    }

    fn look_at(&self, step: &Step, fields: &Fields) -> Result<Looked> {
        let key = digest(fields);
        Ok(match self.store.lookup(&key, |path: &Path| self.memo.file(path))? {
            Found::Whole(entry) => {
                self.store.touch(&entry);
                self.remember(step, fields);
                Looked::Hit(entry)
            }
            Found::Absent => Looked::Miss(None),
            Found::Damaged(damage) => Looked::Miss(Some(Broken { damage, entry: Some(key) })),
        })
    }

    /// Takes away what is broken and says so. Only for the holder of the
    /// step's lock.
    pub(super) fn drop_broken(&self, step: &Step, shallow: &Fields, broken: Broken) -> Result<()> {
        let damage = match &broken.entry {
            Some(key) => self.store.drop_damaged(key, |path: &Path| self.memo.file(path))?,
            None => {
                self.store.forget_sources(&digest(shallow))?;
                Some(broken.damage)
            }
        };
        if let Some(damage) = damage {
            self.ui.warn(&format!(
                "step `{}` is damaged in the cache and built again: {damage}",
                step.name
            ));
        }
        Ok(())
    }

    /// Notes with what the step was last built. That it cannot be noted is no
    /// reason to fail.
    pub(super) fn remember(&self, step: &Step, fields: &Fields) {
        let slot = self.slot(step);
        let known = self.store.last_fields(&slot);
        if let Found::Damaged(damage) = &known {
            self.ui.warn(&format!("damaged in the cache, written again: {damage}"));
        }
        if known.whole().as_ref() == Some(fields) || !self.store.cache().is_writable() {
            return;
        }
        if let Err(error) = self.store.remember_fields(&slot, fields) {
            self.ui.warn(&format!("{error:#}"));
        }
    }

    /// Under this name the last key of the step is remembered.
    fn slot(&self, step: &Step) -> String {
        format!("{}\0{}", self.root.display(), step.name)
    }

    /// Says why a miss is one.
    pub(super) fn explain(&self, step: &Step, shallow: &Fields, broken: Option<&Broken>) {
        if !self.explain {
            return;
        }
        let mut damage = broken.map(|b| b.damage.clone());
        let old = match self.store.last_fields(&self.slot(step)) {
            Found::Whole(old) => Some(old),
            Found::Absent => None,
            Found::Damaged(record) => {
                damage = damage.or(Some(record));
                None
            }
        };
        let mut now = shallow.clone();
        if let Some(old) = &old {
            let paths = |kind: &str| {
                old.iter()
                    .filter_map(|(f, h)| Some((f.strip_prefix(kind)?.to_string(), h.clone())))
                    .collect()
            };
            let set = SourceSet { files: paths("source "), listings: paths("listing ") };
            set.now(&self.root, &self.memo).add_to(&mut now);
        }
        for reason in reasons(damage, old.as_ref(), &now) {
            self.ui.status("Explain", &format!("{}: {reason}", step.name));
        }
    }
}
