//! Numbers and text as the tables show them.

/// `n/a` with its reason: what stands where a number is missing.
pub fn missing(reason: &str) -> String {
    format!("n/a ({reason})")
}

/// Millions of instructions: one decimal and thousands separators from a
/// million on, exact below, so that a small number is never shown as zero.
pub fn millions(instructions: i64) -> String {
    let sign = if instructions < 0 { "-" } else { "" };
    let n = instructions.unsigned_abs();
    if n == 0 {
        return "0".into();
    }
    if n < 1_000_000 {
        return format!("{sign}0.{n:06}");
    }
    let tenths = n / 100_000 + u64::from(n % 100_000 >= 50_000);
    format!("{sign}{}.{}", thousands(tenths / 10), tenths % 10)
}

/// [`millions`] of a count, which is never negative.
pub fn millions_of(instructions: u64) -> String {
    millions(i64::try_from(instructions).unwrap_or(i64::MAX))
}

/// [`millions`] of a change, with its sign.
pub fn signed_millions(instructions: i64) -> String {
    let plus = if instructions > 0 { "+" } else { "" };
    format!("{plus}{}", millions(instructions))
}

/// A percentage with its sign and two decimals, `<0.01` for less.
pub fn percent(percent: f64) -> String {
    match percent {
        0.0 => "0 %".into(),
        p if p.abs() < 0.005 => format!("{}<0.01 %", if p < 0.0 { "-" } else { "+" }),
        p => format!("{p:+.2} %"),
    }
}

/// `1234567` as `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A ratio with two decimals.
pub fn ratio(ratio: f64) -> String {
    if ratio < 0.005 {
        return "<0.01".into();
    }
    format!("{ratio:.2}")
}

/// Bytes as MiB with one decimal.
pub fn mebibytes(bytes: u64) -> String {
    let tenths = (u128::from(bytes) * 10 + (1 << 19)) >> 20;
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    if tenths == 0 && bytes > 0 {
        return "<0.1".into();
    }
    format!("{}.{}", thousands(tenths / 10), tenths % 10)
}

/// Text that cannot end its table cell or start markup of its own.
pub fn cell_text(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

/// Text as code within a table cell: it ends where it is meant to, whatever the
/// text, so nothing in it is markup or mentions anybody.
pub fn code(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = with_pipes_escaped(&line.join(" "));
    // Only a run of as many backticks as it began with ends it.
    let fence = "`".repeat(1 + longest_run(&line, '`'));
    let space = if line.contains('`') { " " } else { "" };
    format!("{fence}{space}{line}{space}{fence}")
}

/// A table takes backslashes in pairs, even in code: the one that escapes a pipe
/// must be left over. That doubles a backslash before it where their number is
/// odd, since code has no other way to write it.
fn with_pipes_escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut backslashes = 0;
    for c in text.chars() {
        if c == '|' {
            escaped.push_str(if backslashes % 2 == 0 { "\\" } else { "\\\\" });
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        escaped.push(c);
    }
    escaped
}

/// How many of `wanted` stand side by side at most.
fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|c| c != wanted).map(str::len).max().unwrap_or(0)
}

/// The columns of a Markdown table and how each is aligned.
pub struct Table {
    text: String,
    columns: usize,
    rows: usize,
}

impl Table {
    /// A table with these headings; those that start with `>` are numbers and
    /// go to the right.
    pub fn new<H: AsRef<str>>(headings: &[H]) -> Self {
        let headings = || headings.iter().map(AsRef::as_ref);
        let names: Vec<&str> = headings().map(|h| h.trim_start_matches('>')).collect();
        let lines: Vec<&str> =
            headings().map(|h| if h.starts_with('>') { "---:" } else { "---" }).collect();
        let text = format!("| {} |\n| {} |\n", names.join(" | "), lines.join(" | "));
        Table { text, columns: names.len(), rows: 0 }
    }

    /// Adds a row, one text for each column.
    pub fn row(&mut self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns, "a row has a text for each column");
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
        self.rows += 1;
    }

    /// The table, or `otherwise` when it has no row.
    pub fn or(self, otherwise: &str) -> String {
        if self.rows == 0 {
            return format!("{otherwise}\n");
        }
        self.text
    }
}
