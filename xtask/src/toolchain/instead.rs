//! A wheel that stands in for a locked one which has left its index: another
//! release of the same series. What is used then is that wheel, by its own
//! hash; the lock is not what it was, and shows as drift.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::pip::Wheel;
use super::{Drift, Identity};
use crate::cache::Cache;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instead {
    pub version: String,
    pub sha256: String,
}

/// What stands in for `wheel`, as long as that itself is not installed.
pub fn of(cache: &Cache, wheel: &Wheel) -> Option<Instead> {
    if wheel.home(cache).is_dir() {
        return None;
    }
    let text = std::fs::read_to_string(note(cache, wheel)).ok()?;
    let instead: Instead = serde_json::from_str(&text).ok()?;
    instead.home(cache).is_dir().then_some(instead)
}

impl Instead {
    /// Where its files are.
    pub fn home(&self, cache: &Cache) -> PathBuf {
        cache.room("tools").join(&self.sha256)
    }

    pub fn identity(&self, wheel: &Wheel) -> Identity {
        let drift = Drift {
            package: wheel.package.clone(),
            locked: wheel.version.clone(),
            found: self.version.clone(),
        };
        Identity {
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            drift: vec![drift],
            overridden: false,
        }
    }

    pub fn remember(&self, cache: &Cache, wheel: &Wheel) -> Result<()> {
        let path = note(cache, wheel);
        let text = serde_json::to_string(self).context("a wheel's version is text")?;
        cache.write(&path, text.as_bytes())
    }
}

fn note(cache: &Cache, wheel: &Wheel) -> PathBuf {
    cache.room("tools").join(format!("{}.instead", wheel.sha256))
}
