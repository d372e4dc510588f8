//! What is meant where nothing is named: `guests/headline.toml`.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use crate::text;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    pub guests: Vec<String>,
    /// Of every verb that takes several.
    pub pipelines: Vec<String>,
    pub platform: String,
    pub runs: Vec<u32>,
}

impl Headline {
    /// Of the project at `root`.
    pub fn load(root: &Path) -> Result<Headline> {
        let name = "guests/headline.toml";
        Ok(text::from_toml(&text::read(&root.join(name), name)?, name)?)
    }
}
