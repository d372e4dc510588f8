//! One `[[input]]` of a `guest.toml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::chain;

/// An input that a guest's manifest names; it counts only once [checked].
///
/// [checked]: InputSpec::check
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// By which it is chosen.
    pub name: String,
    /// See [`Content::Text`].
    pub text: Option<String>,
    /// See [`Content::Number`].
    pub u32: Option<u32>,
    /// See [`Content::Block`], like the next two.
    pub chain: Option<String>,
    /// File of the block, relative to the guest's folder.
    pub block: Option<PathBuf>,
    /// File of the witness, relative to the guest's folder.
    pub witness: Option<PathBuf>,
    /// The whole standard output that the guest must give; without it a block's
    /// is the verdict line, and that of anything else is not checked.
    pub expected: Option<String>,
    /// Whether `bench` measures it when nothing is named.
    #[serde(default = "in_headline")]
    pub headline: bool,
}

fn in_headline() -> bool {
    true
}

/// What a guest gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<'a> {
    /// Its UTF-8 bytes.
    Text(&'a str),
    /// Four bytes, little-endian.
    Number(u32),
    /// An RLP list of chain id, block and witness.
    Block {
        /// Name of the chain.
        chain: &'a str,
        /// File of the block.
        block: &'a Path,
        /// File of the witness.
        witness: &'a Path,
    },
}

impl InputSpec {
    /// Refuses a bad name, and anything but one kind of content.
    pub fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        self.content().map(drop)
    }

    /// The content, if it is of one kind.
    pub fn content(&self) -> Result<Content<'_>, String> {
        let InputSpec { name, text, u32, chain, block, witness, .. } = self;
        match (text, u32, (chain, block, witness)) {
            (Some(text), None, (None, None, None)) => Ok(Content::Text(text)),
            (None, Some(number), (None, None, None)) => Ok(Content::Number(*number)),
            (None, None, (Some(chain), Some(block), Some(witness))) => {
                chain::id(chain).map_err(|e| format!("input `{name}`: {e}"))?;
                Ok(Content::Block { chain, block, witness })
            }
            _ => Err(format!(
                "input `{name}` needs one of: text, u32, or all of chain, block and witness"
            )),
        }
    }
}

/// Names are file names and command-line words on every system.
pub fn check_name(name: &str) -> Result<(), String> {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let allowed = |c: char| alphanumeric(c) || "._-".contains(c);
    if name.starts_with(alphanumeric) && name.chars().all(allowed) && name.len() <= 64 {
        return Ok(());
    }
    Err(format!(
        "the input name `{name}` is not made of a-z, 0-9, `.`, `_` and `-`, beginning with one of \
         a-z and 0-9, 64 characters at most"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Manifest {
        input: Vec<InputSpec>,
    }

    #[test]
    fn the_three_kinds() {
        let text = "[[input]]\nname = 'a'\ntext = 'x'\nexpected = \"y\\n\"\n\
                    [[input]]\nname = 'b'\nu32 = 7\nheadline = false\n\
                    [[input]]\nname = 'c'\nchain = 'hoodi'\nblock = 'i/b.rlp'\nwitness = 'i/w.rlp'\n";
        let manifest: Manifest = toml::from_str(text).expect("valid");
        let content = |i: usize| manifest.input[i].content().expect("valid");
        assert_eq!(content(0), Content::Text("x"));
        assert_eq!(manifest.input[0].expected.as_deref(), Some("y\n"));
        assert_eq!(content(1), Content::Number(7));
        let (block, witness) = (Path::new("i/b.rlp"), Path::new("i/w.rlp"));
        assert_eq!(content(2), Content::Block { chain: "hoodi", block, witness });
        assert_eq!([0, 1, 2].map(|i| manifest.input[i].headline), [true, false, true]);
    }

    #[test]
    fn bad_inputs() {
        let cases = [
            ("text = 'x'", "missing field `name`"),
            ("name = 'a'", "input `a` needs one of"),
            ("name = 'a'\ntext = 'x'\nu32 = 1", "input `a` needs one of"),
            ("name = 'a'\nchain = 'mainnet'\nblock = 'b'", "input `a` needs one of"),
            ("name = 'a'\nchain = 'x'\nblock = 'b'\nwitness = 'w'", "unknown chain `x`"),
            ("name = 'a'\ntext = 'x'\nsize = 1", "unknown field `size`"),
            ("name = 'a'\nu32 = 4294967296", "u32"),
            ("name = '../a'\ntext = 'x'", "the input name `../a` is not"),
            ("name = ''\ntext = 'x'", "the input name `` is not"),
            ("name = 'Ab'\ntext = 'x'", "the input name `Ab` is not"),
        ];
        for (body, message) in cases {
            let text = format!("[[input]]\n{body}\n");
            let error = match toml::from_str::<Manifest>(&text) {
                Ok(manifest) => manifest.input[0].check().expect_err(body),
                Err(error) => error.to_string(),
            };
            assert!(error.contains(message), "{body}: {error}");
        }
    }
}
