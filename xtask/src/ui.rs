//! What a person sees while work goes on: bars on a terminal, plain lines
//! elsewhere. Everything here goes to stderr; stdout is for data.

use std::io::IsTerminal;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// As cargo has them: what is done, what to look at, what went wrong, what to do.
pub const DONE: Style = AnsiColor::Green.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// For all that is printed from now on. `auto` asks the terminal, `NO_COLOR`
/// and `CLICOLOR`.
pub fn choose_color(choice: ColorChoice) {
    match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::AlwaysAnsi,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// The text in a style. Who prints it goes through `anstream`, which leaves
/// the style out where no colour is wanted.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// How much to say. Cheap to clone; clones share the screen.
#[derive(Clone)]
pub struct Ui {
    quiet: bool,
    verbose: u8,
    bars: Option<MultiProgress>,
}

/// Something under way; dropped when it ends.
pub struct Task {
    bar: Option<ProgressBar>,
}

impl Ui {
    pub fn new(quiet: bool, verbose: u8) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Ui { quiet, verbose, bars: (terminal && !quiet).then(MultiProgress::new) }
    }

    fn line(&self, text: &str) {
        match &self.bars {
            // A failed write to stderr has nowhere to be reported.
            Some(bars) => drop(bars.println(for_stderr(text))),
            None => anstream::eprintln!("{text}"),
        }
    }

    /// `verb` right-aligned as cargo does, then the text.
    pub fn status(&self, verb: &str, text: &str) {
        if !self.quiet {
            self.line(&format!("{} {text}", styled(DONE, &format!("{verb:>12}"))));
        }
    }

    /// Shown even with `--quiet`: the user should know.
    pub fn warn(&self, text: &str) {
        self.line(&format!("{}: {text}", styled(WARNING, "warning")));
    }

    /// Shown with `-v`.
    pub fn detail(&self, text: &str) {
        if self.verbose > 0 && !self.quiet {
            self.line(text);
        }
    }

    /// A bar for `total` pieces of work on a terminal, nothing elsewhere.
    pub fn progress(&self, verb: &str, total: usize) -> Task {
        let Some(bars) = &self.bars else { return Task { bar: None } };
        let bar = bars.add(ProgressBar::new(total as u64));
        let style =
            ProgressStyle::with_template("{prefix:>12} [{bar:30}] {pos}/{len} {elapsed:.dim}")
                .expect("the template is a constant");
        bar.set_style(style.progress_chars("=> "));
        bar.set_prefix(verb.to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        Task { bar: Some(bar) }
    }

    /// A spinner on a terminal, one plain line elsewhere.
    pub fn task(&self, verb: &str, text: &str) -> Task {
        let Some(bars) = &self.bars else {
            self.status(verb, text);
            return Task { bar: None };
        };
        let bar = bars.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{prefix:>12} {msg} {elapsed:.dim}")
            .expect("the template is a constant");
        bar.set_style(style);
        bar.set_prefix(verb.to_string());
        bar.set_message(text.to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        Task { bar: Some(bar) }
    }
}

/// For a bar, which writes to stderr past `anstream`.
fn for_stderr(text: &str) -> String {
    match anstream::AutoStream::choice(&std::io::stderr()) {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
        _ => text.to_string(),
    }
}

impl Task {
    /// One more piece of the work is done.
    pub fn advance(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
