//! Text files of the user's, and the line in them that a message is about.

use std::path::Path;

use serde::de::{Deserialize, DeserializeOwned};

use crate::error::{input, Error};

/// The file's text; `name` stands for it in messages.
///
/// # Errors
/// It cannot be read, or it is not UTF-8: then with the line.
pub fn read(path: &Path, name: &str) -> Result<String, Error> {
    let bytes =
        std::fs::read(path).map_err(|cause| input(format!("cannot read {name}: {cause}")))?;
    utf8(bytes, name)
}

/// The text that these bytes are.
///
/// # Errors
/// They are not UTF-8: with the line.
pub fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        input(format!("{name}:{}: not UTF-8", line(error.as_bytes(), good)))
    })
}

/// What the JSON in `text` says.
///
/// # Errors
/// It is not JSON or says something else: with line and column.
pub fn from_json<'a, T: Deserialize<'a>>(text: &'a str, name: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        input(format!("{name}:{line}:{column}: {message}"))
    })
}

/// What the TOML in `text` says.
///
/// # Errors
/// It is not TOML or says something else: with the line.
pub fn from_toml<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|e| {
        let line = line(text.as_bytes(), e.span().map_or(0, |span| span.start));
        input(format!("{name}:{line}: {}", e.message().replace('\n', ", ")))
    })
}

/// The number of the line of `text` in which `part`, a slice of it, begins.
pub fn line_of(text: &str, part: &str) -> usize {
    line(text.as_bytes(), (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize))
}

/// The number of the line that has the byte `offset`, from 1.
pub fn line(text: &[u8], offset: usize) -> usize {
    1 + text[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let check = |offset, expected| assert_eq!(line(b"ab\ncd\n", offset), expected);
        check(0, 1);
        check(2, 1);
        check(3, 2);
        check(100, 3);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        type Numbers = std::collections::BTreeMap<String, u8>;
        let json = |text| from_json::<Numbers>(text, "f").unwrap_err().to_string();
        assert_eq!(json("{\"a\": 1,\n]"), "f:2:1: key must be a string");
        let wrong = json("{\n\"a\": true}");
        assert!(wrong.starts_with("f:2:9: invalid type: boolean"), "{wrong}");
        let toml = |text| from_toml::<Numbers>(text, "f").unwrap_err().to_string();
        assert!(toml("a = 1\nb").starts_with("f:2: "), "{}", toml("a = 1\nb"));
        assert!(
            toml("a = 1\nb = ''").starts_with("f:2: invalid type"),
            "{}",
            toml("a = 1\nb = ''")
        );
        let text = "a\nb\nc";
        assert_eq!(
            [&text[..1], &text[2..3], &text[4..]].map(|part| line_of(text, part)),
            [1, 2, 3]
        );
    }

    #[test]
    fn bytes_that_are_no_text_have_a_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a\nb\xff").unwrap();
        assert_eq!(read(file.path(), "f").unwrap_err().to_string(), "f:2: not UTF-8");
    }
}
