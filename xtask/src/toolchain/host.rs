//! What this machine allows: is it the one the lock was resolved for, and may
//! we install packages on it.

use std::io::IsTerminal;
use std::process::Command;

use anyhow::Result;

use crate::error::tool;

/// What sudo would otherwise drop: how this machine reaches its registries.
const TRANSPORT: [&str; 13] = [
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "APT_CONFIG",
];

/// How to become root for one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    /// # Errors
    /// Neither root nor sudo: the message has `by_hand`, the command that
    /// somebody who may can type instead.
    pub fn find(by_hand: &str) -> Result<Privilege> {
        // SAFETY: geteuid has no preconditions and cannot fail.
        if unsafe { libc::geteuid() } == 0 {
            return Ok(Privilege::Root);
        }
        if which::which("sudo").is_ok() {
            return Ok(Privilege::Sudo);
        }
        let message = "installing Debian packages needs root or sudo, and neither is here";
        Err(tool(message).hint(format!("as root: {by_hand}")).into())
    }

    pub fn command(self, program: &str) -> Command {
        let mut command = match self {
            Privilege::Root => Command::new(program),
            Privilege::Sudo => sudo(program),
        };
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        command
    }
}

fn sudo(program: &str) -> Command {
    let set = TRANSPORT.iter().copied().filter(|name| std::env::var_os(name).is_some());
    let keep: Vec<&str> = set.chain(["DEBIAN_FRONTEND", "LC_ALL"]).collect();
    let mut command = Command::new("sudo");
    if !std::io::stdin().is_terminal() {
        // Nobody can type a password: fail at once instead of waiting for one.
        command.arg("-n");
    }
    command.arg(format!("--preserve-env={}", keep.join(","))).arg(program);
    command
}

/// # Errors
/// The lock's packages are those of Debian 12 on x86-64; anything else must
/// bring its own tools.
pub fn require_debian_12(packages: &[String]) -> Result<()> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if cfg!(target_arch = "x86_64") && is_debian_12(&release) {
        return Ok(());
    }
    let message = format!("cannot install {}: this is not Debian 12 on x86-64", packages.join(" "));
    let hint = "use a Debian 12 image, or name programs of your own with WASRISC_TOOL_<NAME> \
                (`cargo xtask doctor` lists the tools)";
    Err(tool(message).hint(hint).into())
}

fn is_debian_12(os_release: &str) -> bool {
    let has = |key: &str, value: &str| {
        os_release.lines().any(|line| {
            line.split_once('=').is_some_and(|(k, v)| k == key && v.trim_matches('"') == value)
        })
    };
    has("ID", "debian") && has("VERSION_ID", "12")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_12_is_recognised() {
        let cases = [
            ("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n", true),
            ("VERSION_ID=\"13\"\nID=debian\n", false),
            ("VERSION_ID=\"12\"\nID=other\nID_LIKE=debian\n", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_debian_12(text), expected, "{text}");
        }
    }
}
