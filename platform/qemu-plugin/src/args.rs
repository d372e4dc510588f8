//! The arguments after the plugin's path: `out=FILE[,mode=block|exact|detail][,profile=on|off]`.

use std::path::PathBuf;

/// How instructions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whole blocks, at their entry.
    Block,
    /// Each instruction, when it is about to execute.
    Exact,
    /// Whole blocks, and what their instructions are and access.
    Detail,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Block => "block",
            Mode::Exact => "exact",
            Mode::Detail => "detail",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    pub out: PathBuf,
    pub mode: Mode,
    pub profile: bool,
}

const USAGE: &str = "expected out=FILE[,mode=block|exact|detail][,profile=on|off]";

/// Parses `name=value` arguments; the error is one line for stderr.
pub fn parse<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<Args, String> {
    let (mut out, mut mode, mut profile) = (None, None, None);
    for arg in args {
        let bad = |what: &str| format!("{what} `{arg}`, {USAGE}");
        let (name, value) = arg.split_once('=').unwrap_or((arg, ""));
        let repeated = match (name, value) {
            ("out", "") => return Err(bad("no file name in")),
            ("out", file) => out.replace(PathBuf::from(file)).is_some(),
            ("mode", "block") => mode.replace(Mode::Block).is_some(),
            ("mode", "exact") => mode.replace(Mode::Exact).is_some(),
            ("mode", "detail") => mode.replace(Mode::Detail).is_some(),
            ("profile", "on") => profile.replace(true).is_some(),
            ("profile", "off") => profile.replace(false).is_some(),
            ("mode" | "profile", _) => return Err(bad("unknown value in")),
            _ => return Err(bad("unknown argument")),
        };
        if repeated {
            return Err(bad("repeated argument"));
        }
    }
    if (mode, profile) == (Some(Mode::Detail), Some(true)) {
        return Err(format!("mode=detail takes no profile=on, {USAGE}"));
    }
    Ok(Args {
        out: out.ok_or_else(|| format!("missing argument `out`, {USAGE}"))?,
        mode: mode.unwrap_or(Mode::Block),
        profile: profile.unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_usage_line_says() {
        let rows = [
            ("out=a", Mode::Block, false),
            ("out=a,mode=block", Mode::Block, false),
            ("mode=exact,out=a", Mode::Exact, false),
            ("out=a,profile=on", Mode::Block, true),
            ("out=a,mode=exact,profile=off", Mode::Exact, false),
            ("out=a,mode=detail", Mode::Detail, false),
        ];
        for (line, mode, profile) in rows {
            let out = PathBuf::from("a");
            assert_eq!(parse(line.split(',')), Ok(Args { out, mode, profile }), "{line}");
        }
    }

    #[test]
    fn refuses_the_rest_and_names_it() {
        let rows = [
            ("mode=exact", "missing argument `out`"),
            ("out=", "no file name in `out=`"),
            ("out", "no file name in `out`"),
            ("out=a,mode=fast", "unknown value in `mode=fast`"),
            ("out=a,profile=1", "unknown value in `profile=1`"),
            ("out=a,file=b", "unknown argument `file=b`"),
            ("out=a,mode=detail,profile=on", "mode=detail takes no profile=on"),
            ("out=a,out=b", "repeated argument `out=b`"),
        ];
        for (line, message) in rows {
            let error = parse(line.split(',')).unwrap_err();
            assert_eq!(error, format!("{message}, {USAGE}"), "{line}");
        }
    }

    #[test]
    fn a_file_name_may_have_an_equals_sign() {
        let args = parse(["out=a=b"]).unwrap();
        assert_eq!(args.out, PathBuf::from("a=b"));
    }
}
