//! What this machine allows: is it the one the lock was resolved for, and may
//! we install packages on it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::error::tool;
use crate::process::NETWORK;

const DPKG_STATUS: &str = "/var/lib/dpkg/status";
/// For other hosts than the lock's.
pub const IMAGE: &str = "use the project's image: docker/run cargo xtask ...";

/// The machine as it is found once per process.
#[derive(Debug, Clone)]
pub struct Host {
    /// The lock's packages are those of Debian 12 on x86-64.
    pub debian_12: bool,
    pub root: bool,
    pub sudo: Option<PathBuf>,
    /// Where dpkg keeps what is installed.
    pub dpkg_status: PathBuf,
}

/// How to become root for one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege<'a> {
    Root,
    /// This sudo.
    Sudo(&'a Path),
}

impl Host {
    pub fn here() -> Host {
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        Host {
            debian_12: cfg!(target_arch = "x86_64") && is_debian_12(&release),
            // SAFETY: geteuid has no preconditions and cannot fail.
            root: unsafe { libc::geteuid() } == 0,
            sudo: which::which("sudo").ok(),
            dpkg_status: dpkg_status(),
        }
    }

    /// # Errors
    /// This is another host than the lock's: the user must use the image or
    /// bring tools of their own.
    pub fn require_debian_12(&self, packages: &[String]) -> Result<()> {
        if self.debian_12 {
            return Ok(());
        }
        let packages = packages.join(" ");
        let message = format!("cannot install {packages}: this is not Debian 12 on x86-64");
        let hint = format!(
            "{IMAGE}, or name programs of your own with WASRISC_TOOL_<NAME> (`cargo xtask doctor` \
             lists the tools)"
        );
        Err(tool(message).hint(hint).into())
    }

    /// The way to get Debian packages on this machine.
    pub fn how_to_get(&self, tool: &str, packages: &str) -> String {
        if self.debian_12 {
            let by_hand = format!("apt-get install --no-install-recommends {packages}");
            return format!("cargo xtask toolchain sync {tool} (or {by_hand})");
        }
        format!("{IMAGE} (or {}=PROGRAM)", super::external::setting(tool))
    }

    /// # Errors
    /// Neither root nor a sudo that lets us: the message has `by_hand`, the
    /// command that somebody who may can type instead.
    pub fn privilege(&self, by_hand: &str) -> Result<Privilege<'_>> {
        let by_hand = format!("as root: {by_hand}");
        if self.root {
            return Ok(Privilege::Root);
        }
        let Some(sudo) = &self.sudo else {
            let message = "installing Debian packages needs root or sudo, and neither is here";
            return Err(tool(message).hint(by_hand).into());
        };
        let privilege = Privilege::Sudo(sudo);
        // Asks for a password now, while no progress is drawn over the question.
        let mut command = privilege.command("apt-get");
        command.arg("--version").stdin(Stdio::inherit()).stdout(Stdio::null());
        let output = command
            .output()
            .map_err(|e| tool(format!("cannot run {}: {e}", sudo.display())).hint(&*by_hand))?;
        if output.status.success() {
            return Ok(privilege);
        }
        let mut message = "sudo does not let us install Debian packages".to_string();
        if let Some(why) = String::from_utf8_lossy(&output.stderr).lines().last() {
            message.push_str(&format!(": {why}"));
        }
        Err(tool(message).hint(by_hand).into())
    }
}

impl Privilege<'_> {
    pub fn command(self, program: &str) -> Command {
        let mut command = match self {
            Privilege::Root => Command::new(program),
            Privilege::Sudo(path) => sudo(path, program),
        };
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        command
    }
}

fn sudo(path: &Path, program: &str) -> Command {
    // What sudo would otherwise drop: how this machine reaches its archive.
    let names = NETWORK.iter().copied().chain(["APT_CONFIG"]);
    let set = names.filter(|name| std::env::var_os(name).is_some());
    let keep: Vec<&str> = set.chain(["DEBIAN_FRONTEND", "LC_ALL"]).collect();
    let mut command = Command::new(path);
    if !std::io::stdin().is_terminal() {
        // Nobody can type a password: fail at once instead of waiting for one.
        command.arg("-n");
    }
    command.arg(format!("--preserve-env={}", keep.join(","))).arg(program);
    command
}

/// An apt configuration of the user's own may be for another system's database.
fn dpkg_status() -> PathBuf {
    let asked = std::env::var_os("APT_CONFIG").and_then(|_| {
        let mut command = Command::new("apt-config");
        let output = command.args(["shell", "STATUS", "Dir::State::status/f"]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let path = text.trim().strip_prefix("STATUS='")?.strip_suffix('\'')?;
        Some(PathBuf::from(path))
    });
    asked.unwrap_or_else(|| PathBuf::from(DPKG_STATUS))
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
    use crate::error::Error;

    fn host() -> Host {
        Host { debian_12: true, root: false, sudo: None, dpkg_status: PathBuf::new() }
    }

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

    #[test]
    fn another_host_is_told_to_use_the_image() {
        let packages = ["gcc".to_string()];
        host().require_debian_12(&packages).unwrap();
        let other = Host { debian_12: false, ..host() };
        let error = other.require_debian_12(&packages).unwrap_err().downcast::<Error>().unwrap();
        assert_eq!(error.message, "cannot install gcc: this is not Debian 12 on x86-64");
        assert!(error.hint.unwrap().contains("docker/run cargo xtask"));
        let how =
            "use the project's image: docker/run cargo xtask ... (or WASRISC_TOOL_GCC=PROGRAM)";
        assert_eq!(other.how_to_get("gcc", "gcc"), how);
        assert!(host().how_to_get("gcc", "gcc").starts_with("cargo xtask toolchain sync gcc (or "));
    }

    #[test]
    fn without_root_or_a_sudo_that_lets_us_the_command_is_told() {
        let check = |host: Host, expected: Result<(), &str>| {
            let got = host.privilege("apt-get install x");
            let got = got.map(drop).map_err(|e| e.downcast::<Error>().unwrap());
            let hint = got.as_ref().err().and_then(|e| e.hint.as_deref());
            assert_eq!(hint, expected.err().map(|_| "as root: apt-get install x"));
            assert_eq!(got.map_err(|e| e.message), expected.map_err(str::to_string));
        };
        let sudo = |path: &str| Host { sudo: Some(PathBuf::from(path)), ..host() };
        check(Host { root: true, ..host() }, Ok(()));
        let neither = "installing Debian packages needs root or sudo, and neither is here";
        check(host(), Err(neither));
        check(sudo("/bin/true"), Ok(()));
        check(sudo("/bin/false"), Err("sudo does not let us install Debian packages"));
    }
}
