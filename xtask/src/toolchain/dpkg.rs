//! What dpkg says is installed: its status file, read without a process.

use std::collections::BTreeMap;
use std::path::Path;

/// Installed packages of this machine's architecture, name to version. A
/// machine without dpkg has none.
#[derive(Debug, Default)]
pub struct Status {
    versions: BTreeMap<String, String>,
}

impl Status {
    pub fn read(path: &Path) -> Status {
        std::fs::read_to_string(path).map(|text| Status::parse(&text)).unwrap_or_default()
    }

    pub fn parse(text: &str) -> Status {
        let mut versions = BTreeMap::new();
        for stanza in text.split("\n\n") {
            let (mut name, mut version, mut installed, mut native) = ("", "", false, true);
            // Continuation lines start with a space, so no value looks like a key.
            // Most lines are of no interest: look at their first letter only.
            for line in stanza.split('\n').filter(|line| line.starts_with(['P', 'S', 'V', 'A'])) {
                match line.split_once(": ") {
                    Some(("Package", value)) => name = value,
                    Some(("Version", value)) => version = value,
                    Some(("Status", value)) => installed = value.ends_with(" ok installed"),
                    Some(("Architecture", value)) => native = value == "amd64" || value == "all",
                    _ => {}
                }
            }
            if installed && native && !name.is_empty() {
                versions.insert(name.to_string(), version.to_string());
            }
        }
        Status { versions }
    }

    pub fn version(&self, package: &str) -> Option<&str> {
        self.versions.get(package).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lists_what_is_installed_here() {
        let status = Status::parse(
            "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n\
             Version: 2.36-9\nDescription: C library\n Version: not this one\n\n\
             Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\n\
             Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n\n\
             Package: half\nStatus: install ok half-installed\nArchitecture: all\nVersion: 1\n\n\
             Package: tzdata\nStatus: hold ok installed\nArchitecture: all\nVersion: 2025b\n",
        );
        let cases = [
            ("libc6", Some("2.36-9")),
            ("gone", None),
            ("half", None),
            ("tzdata", Some("2025b")),
            ("never", None),
        ];
        for (package, version) in cases {
            assert_eq!(status.version(package), version, "{package}");
        }
    }
}
