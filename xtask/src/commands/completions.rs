//! `completions`: a script that completes commands and flags in a shell.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;

/// What the script completes. Shells know `cargo`, not an alias of cargo's, so
/// the script also gives `cargo xtask` this short name.
const NAME: &str = "xtask";

/// Prints the script.
pub fn run(shell: Shell) -> Result<ExitCode> {
    print!("{}", script(shell));
    Ok(ExitCode::SUCCESS)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    format!("{}\n{}\n", String::from_utf8_lossy(&script).trim_end(), short_name(shell))
}

fn short_name(shell: Shell) -> &'static str {
    match shell {
        Shell::Elvish => "fn xtask {|@words| cargo xtask $@words }",
        Shell::Fish => "alias xtask 'cargo xtask'",
        Shell::PowerShell => "function xtask { cargo xtask @args }",
        _ => "alias xtask='cargo xtask'",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_has_commands_flags_and_the_short_name() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for word in ["verify", "print-commands", "cargo xtask"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }
}
