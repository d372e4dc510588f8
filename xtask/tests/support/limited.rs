//! Programs that might not end by themselves.

use std::process::{Command, Stdio};

/// The command for so many seconds, with its arguments and environment and without
/// input: a program that is not done then ends with exit code 124.
pub fn limited(command: &Command, seconds: u32) -> Command {
    let mut limited = Command::new("timeout");
    limited.arg(seconds.to_string()).arg(command.get_program()).args(command.get_args());
    limited.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.stdin(Stdio::null());
    limited
}
