//! Text files of the user's, and the line in them that a message is about.

use std::path::Path;

use crate::error::{input, Error};

/// The file's text; `name` stands for it in messages.
///
/// # Errors
/// It cannot be read, or it is not UTF-8: then with the line.
pub fn read(path: &Path, name: &str) -> Result<String, Error> {
    let bytes =
        std::fs::read(path).map_err(|cause| input(format!("cannot read {name}: {cause}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        input(format!("{name}:{}: not UTF-8", line(error.as_bytes(), good)))
    })
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
    fn bytes_that_are_no_text_have_a_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a\nb\xff").unwrap();
        assert_eq!(read(file.path(), "f").unwrap_err().to_string(), "f:2: not UTF-8");
    }
}
