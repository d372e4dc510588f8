//! JSON values that know where they lie, so that what is wrong in a node's
//! answer can be refused with its path. Numbers and bytes are the hexadecimal
//! strings of Ethereum's execution API.

use std::fmt;

use serde_json::Value;

/// What stands where, and what was expected there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// As in `$.transactions[3].v`.
    pub path: String,
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
    pub path: String,
}

impl<'a> At<'a> {
    /// The whole document.
    pub fn root(value: &'a Value) -> At<'a> {
        At { value, path: "$".into() }
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
        Ok(value.map(|value| At { value, path: format!("{}.{name}", self.path) }))
    }

    /// A field that must be there; `what` says what it should be.
    pub fn field(&self, name: &str, what: &str) -> Result<At<'a>, Misfit> {
        match self.optional(name)? {
            Some(field) => Ok(field),
            None => {
                let null = Value::Null;
                let missing = At { value: &null, path: format!("{}.{name}", self.path) };
                missing.refuse_found(what, "nothing")
            }
        }
    }

    /// Its items, if it is a list.
    pub fn items(&self) -> Result<Vec<At<'a>>, Misfit> {
        let Value::Array(items) = self.value else { return self.refuse("a list") };
        let item = |(i, value)| At { value, path: format!("{}[{i}]", self.path) };
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
}
