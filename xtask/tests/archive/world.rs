//! A project, a cache, a Debian system and an archive, all in one temporary
//! directory: nothing of the machine is changed.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::server::Server;

const HEAD: &str = r#"version = 1

[tool.fake]
provider = "apt"
packages = ["wr-fake"]
programs = { fake = "WORLD/bin/sh" }

[tool.python]
provider = "external"
programs = { python3 = "python3" }

[tool.wheel]
provider = "pip"
package = "wr-wheel"
version = "1.0.1"
needs = ["python"]
programs = { program = "wr_wheel/program" }
"#;

/// apt reads its configuration from here instead of /etc.
const APT: &str = r#"
Dir "WORLD/apt";
Dir::State "state";
Dir::State::status "WORLD/apt/status";
Dir::Cache "cache";
Dir::Log "log";
Dir::Etc::sourcelist "WORLD/apt/sources.list";
Dir::Etc::sourceparts "WORLD/apt/none";
Dir::Bin::dpkg "WORLD/bin/dpkg";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::http::Proxy "DIRECT";
"#;

/// Runs what it is given, as who calls it, and notes that in `sudo.log`.
pub const SUDO: &str = include_str!("sudo.sh");

/// What the tests call besides `dpkg` and `sudo`, which stand in for the real.
const PROGRAMS: [&str; 5] = ["apt-get", "apt-cache", "apt-config", "python3", "sh"];

/// The lock of the first archive.
static RESOLVED: OnceLock<String> = OnceLock::new();

pub struct World {
    dir: tempfile::TempDir,
    server: Option<Server>,
    pub environment: BTreeMap<String, String>,
    /// Runs everything as this user.
    pub user: Option<u32>,
}

/// What a command of xtask's came to.
pub struct Told {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Whether apt and pip are here; prints why not.
pub fn tools_are_here() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let runs = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output();
        output.is_ok_and(|o| o.status.success())
    };
    let missing = if !release.contains("VERSION_ID=\"12\"") || !release.contains("ID=debian") {
        "this is not Debian 12"
    } else if !runs("/usr/bin/python3", &["-m", "pip", "--version"]) {
        "/usr/bin/python3 has no pip"
    } else if !runs("/usr/bin/dpkg-deb", &["--version"]) {
        "dpkg-deb is not here"
    } else {
        return true;
    };
    assert!(std::env::var_os("WASRISC_REQUIRE_TOOLS").is_none(), "{missing}");
    // Past the test harness, which keeps what a passing test prints.
    let _ = writeln!(std::io::stderr(), "skipped: {missing}");
    false
}

impl World {
    /// An empty system, and an archive with `wr-fake` 1, which needs `wr-lib`
    /// 1, and the wheel `wr-wheel` 1.0.1; the lock is as they are.
    pub fn new() -> World {
        let dir = tempfile::Builder::new().prefix("wasrisc-archive-").tempdir().unwrap();
        let mut world = World { dir, server: None, environment: BTreeMap::new(), user: None };
        for folder in [
            "project/guests",
            "cache",
            "home",
            "bin",
            "served/simple/wr-wheel",
            "apt/installed",
            "apt/updates",
            "apt/etc/apt/preferences.d",
            "apt/state/lists/partial",
            "apt/cache/archives/partial",
            "apt/log",
            "apt/etc/apt/apt.conf.d",
        ] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        for program in PROGRAMS {
            std::os::unix::fs::symlink(
                format!("/usr/bin/{program}"),
                world.path("bin").join(program),
            )
            .unwrap();
        }
        world.script("dpkg", include_str!("dpkg.sh"));
        if !is_root() {
            world.script("sudo", SUDO);
        }
        world.write("apt.conf", APT);
        world.write("apt/status", "");
        world.start();
        world.debian(&[("wr-fake", "1", "wr-lib"), ("wr-lib", "1", "")]);
        world.wheel("1.0.1", "a program");
        world.write("project/toolchains.lock", HEAD);
        // The archive is the same each time, and so is what it resolves to.
        let text = RESOLVED.get_or_init(|| {
            world.xtask(&["toolchain", "update"]).check(0, &[]);
            world.read("project/toolchains.lock").replace(&world.root(), "WORLD")
        });
        world.write("project/toolchains.lock", text);
        world
    }

    fn root(&self) -> String {
        let root = self.dir.path().canonicalize().unwrap();
        root.into_os_string().into_string().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.root()).join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Writes a file in which WORLD stands for the directory of all this.
    pub fn write(&self, name: &str, text: &str) {
        let text = text.replace("WORLD", &self.root());
        fs::write(self.path(name), text).unwrap();
    }

    /// A program. It is written by a process of its own: while one of ours
    /// forks, a file that we have open for writing could not be started.
    pub fn script(&self, name: &str, text: &str) {
        self.write("script", text);
        let installed = Command::new("install")
            .args(["-m", "755"])
            .args([self.path("script"), self.path("bin").join(name)])
            .status();
        assert!(installed.unwrap().success());
    }

    /// Starts the server, at a new address if there was one.
    pub fn start(&mut self) {
        let server = Server::start(&self.path("served"));
        self.write("apt/sources.list", &format!("deb [trusted=yes] {}/deb ./\n", server.url()));
        let index = format!("{}/simple/", server.url());
        let path = |name: &str| self.path(name).to_str().unwrap().to_string();
        self.environment = BTreeMap::from([
            ("PATH".to_string(), path("bin")),
            ("HOME".to_string(), path("home")),
            ("WASRISC_CACHE_DIR".to_string(), path("cache")),
            ("APT_CONFIG".to_string(), path("apt.conf")),
            ("PIP_CONFIG_FILE".to_string(), "/dev/null".to_string()),
            ("PIP_INDEX_URL".to_string(), index),
            ("PIP_RETRIES".to_string(), "1".to_string()),
        ]);
        self.server = Some(server);
    }

    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Makes the archive have these packages (name, version, dependency).
    pub fn debian(&self, packages: &[(&str, &str, &str)]) {
        let served = self.path("served/deb");
        let _ = fs::remove_dir_all(&served);
        fs::create_dir_all(&served).unwrap();
        let mut index = String::new();
        for (name, version, needs) in packages {
            let depends =
                if needs.is_empty() { String::new() } else { format!("Depends: {needs}\n") };
            let control = format!(
                "Package: {name}\nVersion: {version}\nArchitecture: all\n\
                 Maintainer: nobody <nobody@localhost>\n{depends}Description: a test\n"
            );
            let file = format!("{name}_{version}_all.deb");
            self.deb(&control, &served.join(&file));
            index.push_str(&self.index_entry(&control, &file));
        }
        fs::write(served.join("Packages"), index).unwrap();
    }

    fn deb(&self, control: &str, file: &Path) {
        let tree = self.path("tree");
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        fs::write(tree.join("DEBIAN/control"), control).unwrap();
        let built = Command::new("/usr/bin/dpkg-deb")
            .env("SOURCE_DATE_EPOCH", "0")
            .args(["--root-owner-group", "-Zgzip", "--build"])
            .args([&tree, file])
            .output()
            .unwrap();
        assert!(built.status.success(), "{built:?}");
    }

    fn index_entry(&self, control: &str, file: &str) -> String {
        let path = self.path("served/deb").join(file);
        let (size, sha256) = (path.metadata().unwrap().len(), sha256(&path));
        format!("{control}Filename: ./{file}\nSize: {size}\nSHA256: {sha256}\n\n")
    }

    /// Makes the index have this wheel and no other.
    pub fn wheel(&self, version: &str, content: &str) {
        let folder = self.path("served/simple/wr-wheel");
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        self.write("wheel.py", include_str!("wheel.py"));
        let made = Command::new("/usr/bin/python3")
            .arg(self.path("wheel.py"))
            .arg(&folder)
            .args(["wr_wheel", version, content])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let file = format!("wr_wheel-{version}-py3-none-any.whl");
        let page = format!("<!DOCTYPE html><a href=\"{file}\">{file}</a>");
        fs::write(folder.join("index.html"), page).unwrap();
    }

    /// `cargo xtask`, in the project.
    pub fn command(&self, args: &[&str]) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = match self.user {
            None => Command::new(env!("CARGO_BIN_EXE_xtask")),
            // Where the build is, another user may not be allowed to look.
            Some(_) => Command::new(self.path("bin/xtask")),
        };
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command.args(args).current_dir(self.path("project")).env_clear().envs(&self.environment);
        command
    }

    pub fn xtask(&self, args: &[&str]) -> Told {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Told { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// The row of `toolchain check` for a tool.
    pub fn row(&self, tool: &str) -> Value {
        let told = self.xtask(&["toolchain", "check", "--json"]);
        let rows: Vec<Value> = serde_json::from_str(&told.stdout).unwrap();
        rows.into_iter().find(|row| row["tool"] == tool).unwrap()
    }

    /// Packages and versions that are installed.
    pub fn installed(&self) -> Vec<(String, String)> {
        let status = self.read("apt/status");
        let value = |stanza: &str, key: &str| {
            let line = stanza.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            line.unwrap_or_default().to_string()
        };
        let stanzas = status.split("\n\n").filter(|stanza| !stanza.trim().is_empty());
        stanzas.map(|stanza| (value(stanza, "Package"), value(stanza, "Version"))).collect()
    }

    /// Makes the system have this package.
    pub fn install(&self, name: &str, version: &str) {
        let stanza = format!(
            "Package: {name}\nStatus: install ok installed\nVersion: {version}\n\
             Architecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a test\n\n"
        );
        fs::write(self.path("apt/installed").join(name), stanza).unwrap();
        let all = fs::read_dir(self.path("apt/installed")).unwrap().flatten();
        let status: String = all.map(|e| fs::read_to_string(e.path()).unwrap()).collect();
        fs::write(self.path("apt/status"), status).unwrap();
    }

    /// What is in the cache of what was installed: trees, and what should not
    /// be there.
    pub fn in_cache(&self) -> Vec<String> {
        let mut names = self.names("cache/v2/tools");
        names.retain(|name| name != "external");
        names
    }

    /// What lies in a directory, sorted; nothing where it is absent.
    pub fn names(&self, dir: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(dir)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

pub fn is_root() -> bool {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

pub fn sha256(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_string()
}

impl Told {
    /// Fails the test unless the command ended with `code` and every one of
    /// `texts` is in what it said.
    pub fn check(&self, code: i32, texts: &[&str]) {
        let Told { code: got, stdout, stderr } = self;
        assert_eq!(*got, Some(code), "{stdout}\n{stderr}");
        for text in texts {
            assert!(stderr.contains(text), "no `{text}` in:\n{stderr}");
        }
    }
}
