//! JSON values that know where they lie, so that what is wrong in a node's
//! answer can be refused with its path. Numbers and bytes are the hexadecimal
//! strings of Ethereum's execution API.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::Value;

use crate::text;

/// The way from the whole document to a value, written as in
/// `$.transactions[3].v`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Item(usize),
}

impl Path {
    /// To a field of the object here.
    pub fn field(&self, name: &str) -> Path {
        self.and(Step::Field(name.into()))
    }

    /// To an item of the list here.
    pub fn item(&self, index: usize) -> Path {
        self.and(Step::Item(index))
    }

    fn and(&self, step: Step) -> Path {
        Path(self.0.iter().cloned().chain([step]).collect())
    }

    /// The number of the line where the value begins in the document's text, or
    /// what of the way to it there is.
    pub fn line(&self, text: &str) -> usize {
        let Ok(mut here) = serde_json::from_str::<&RawValue>(text) else { return 1 };
        for step in &self.0 {
            let next = match step {
                Step::Field(name) => {
                    let fields = serde_json::from_str::<BTreeMap<String, &RawValue>>(here.get());
                    fields.ok().and_then(|fields| fields.get(name).copied())
                }
                Step::Item(index) => {
                    let items = serde_json::from_str::<Vec<&RawValue>>(here.get());
                    items.ok().and_then(|items| items.get(*index).copied())
                }
            };
            let Some(next) = next else { break };
            here = next;
        }
        text::line_of(text, here.get())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|step| match step {
            Step::Field(name) if name.starts_with(char::is_alphabetic) => write!(f, ".{name}"),
            Step::Field(name) => write!(f, "[{name:?}]"),
            Step::Item(index) => write!(f, "[{index}]"),
        })
    }
}

/// What stands where, and what was expected there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where.
    pub path: Path,
    /// What should have been there.
    pub expected: String,
    /// What is.
    pub found: String,
    /// What to do about it, where that can be known.
    pub hint: Option<&'static str>,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misfit { path, expected, found, .. } = self;
        write!(f, "{path}: expected {expected}, found {found}")
    }
}

impl std::error::Error for Misfit {}

/// A value and its path.
#[derive(Debug, Clone)]
pub struct At<'a> {
    pub value: &'a Value,
    pub path: Path,
}

impl<'a> At<'a> {
    /// The whole document.
    pub fn root(value: &'a Value) -> At<'a> {
        At { value, path: Path::default() }
    }

    /// Refuses the value.
    pub fn refuse<T>(&self, expected: impl Into<String>) -> Result<T, Misfit> {
        self.refuse_found(expected, describe(self.value))
    }

    /// Refuses the value, for what it means and not for what it is.
    pub fn refuse_found<T>(
        &self,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Result<T, Misfit> {
        let (expected, found) = (expected.into(), found.into());
        Err(Misfit { path: self.path.clone(), expected, found, hint: None })
    }

    /// A field that may be missing or null.
    pub fn optional(&self, name: &str) -> Result<Option<At<'a>>, Misfit> {
        let Value::Object(fields) = self.value else { return self.refuse("an object") };
        let value = fields.get(name).filter(|value| !value.is_null());
        Ok(value.map(|value| At { value, path: self.path.field(name) }))
    }

    /// A field that must be there; `what` says what it should be.
    pub fn field(&self, name: &str, what: &str) -> Result<At<'a>, Misfit> {
        match self.optional(name)? {
            Some(field) => Ok(field),
            None => {
                let null = Value::Null;
                let missing = At { value: &null, path: self.path.field(name) };
                missing.refuse_found(what, "nothing")
            }
        }
    }

    /// Its items, if it is a list.
    pub fn items(&self) -> Result<Vec<At<'a>>, Misfit> {
        let Value::Array(items) = self.value else { return self.refuse("a list") };
        let item = |(i, value)| At { value, path: self.path.item(i) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Its bytes, if it is `0x` and two hex digits for each.
    pub fn bytes(&self) -> Result<Vec<u8>, Misfit> {
        let digits = self.digits().filter(|digits| digits.len() % 2 == 0);
        match digits {
            Some(digits) => Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()),
            None => self.refuse("bytes: 0x and an even number of hexadecimal digits"),
        }
    }

    /// Its bytes, if it is this many of them.
    pub fn fixed(&self, length: usize) -> Result<Vec<u8>, Misfit> {
        match self.bytes() {
            Ok(bytes) if bytes.len() == length => Ok(bytes),
            Ok(bytes) => self.refuse_found(format!("{length} bytes"), format!("{}", bytes.len())),
            Err(_) => self.refuse(format!("{length} bytes: 0x and {} digits", 2 * length)),
        }
    }

    /// Its number, big-endian without leading zeros, if it is `0x` and hex
    /// digits, and of no more than this many bytes.
    pub fn number(&self, most: usize) -> Result<Vec<u8>, Misfit> {
        let expected = || format!("a number of at most {most} bytes, such as 0x1b");
        let Some(digits) = self.digits().filter(|digits| !digits.is_empty()) else {
            return self.refuse(expected());
        };
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = &digits[zeros..];
        if digits.len() > 2 * most {
            return self.refuse(expected());
        }
        let (first, rest) = digits.split_at(digits.len() % 2);
        let pairs = rest.chunks(2).map(|pair| pair[0] << 4 | pair[1]);
        Ok(first.iter().copied().chain(pairs).collect())
    }

    /// Its hexadecimal digits.
    fn digits(&self) -> Option<Vec<u8>> {
        let digits = self.value.as_str()?.strip_prefix("0x")?;
        digits.chars().map(|c| Some(c.to_digit(16)? as u8)).collect()
    }
}

fn describe(value: &Value) -> String {
    const SHOWN: usize = 40;
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) if text.chars().count() <= SHOWN => format!("{text:?}"),
        Value::String(text) => {
            let start: String = text.chars().take(SHOWN).collect();
            format!("{start:?}… of {} characters", text.chars().count())
        }
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hexadecimal_strings() {
        let read = |value: Value| {
            let at = At::root(&value);
            let short = |r: Result<Vec<u8>, Misfit>| r.map_err(|e| e.found).ok();
            (short(at.bytes()), short(at.number(2)))
        };
        for (value, bytes, number) in [
            (json!("0x"), Some(vec![]), None),
            (json!("0x0"), None, Some(vec![])),
            (json!("0x00"), Some(vec![0]), Some(vec![])),
            (json!("0x1b"), Some(vec![0x1b]), Some(vec![0x1b])),
            (json!("0xfFf"), None, Some(vec![0xf, 0xff])),
            (json!("0x0000ffff"), Some(vec![0, 0, 255, 255]), Some(vec![255, 255])),
            (json!("0x10000"), None, None),
            (json!("0xgg"), None, None),
            (json!("0x+1"), None, None),
            (json!("1b"), None, None),
            (json!(27), None, None),
            (json!(null), None, None),
        ] {
            assert_eq!(read(value.clone()), (bytes, number), "{value}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let value = json!({"a": [{"b": "0x1"}, 7], "n": null, "long": "x".repeat(50)});
        let root = At::root(&value);
        let list = root.field("a", "a list").unwrap().items().unwrap();
        let long = root.field("long", "text").unwrap();
        for (error, message) in [
            (list[0].field("b", "it").unwrap().bytes().unwrap_err(), "$.a[0].b: expected bytes: 0x and an even number of hexadecimal digits, found \"0x1\""),
            (list[1].bytes().unwrap_err(), "$.a[1]: expected bytes: 0x and an even number of hexadecimal digits, found 7"),
            (list[1].optional("c").unwrap_err(), "$.a[1]: expected an object, found 7"),
            (root.field("n", "a number").unwrap_err(), "$.n: expected a number, found nothing"),
            (root.items().unwrap_err(), "$: expected a list, found an object"),
            (root.fixed(20).unwrap_err(), "$: expected 20 bytes: 0x and 40 digits, found an object"),
            (list[0].field("b", "it").unwrap().fixed(3).unwrap_err(), "$.a[0].b: expected 3 bytes: 0x and 6 digits, found \"0x1\""),
            (long.number(8).unwrap_err(), "$.long: expected a number of at most 8 bytes, such as 0x1b, found \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"… of 50 characters"),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_path_has_its_line() {
        let text = "\n{\"a\": [1,\n 2, {\n\"0x\": 3}],\n\n \"a\\u0062\": {\"c\":\n null}\n}\n";
        let value: Value = serde_json::from_str(text).unwrap();
        let root = At::root(&value).path;
        for (path, shown, line) in [
            (root.clone(), "$", 2),
            (root.field("a"), "$.a", 2),
            (root.field("a").item(0), "$.a[0]", 2),
            (root.field("a").item(1), "$.a[1]", 3),
            (root.field("a").item(2).field("0x"), "$.a[2][\"0x\"]", 4),
            (root.field("a").item(7), "$.a[7]", 2),
            (root.field("ab"), "$.ab", 6),
            (root.field("ab").field("c"), "$.ab.c", 7),
            (root.field("ab").field("d"), "$.ab.d", 6),
        ] {
            assert_eq!((path.to_string().as_str(), path.line(text)), (shown, line));
        }
    }
}
