//! Child processes: their environment is what is given and nothing else, their
//! output goes to files, they end when we do, and their peak memory is known.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::directories;
use crate::error::{Error, Kind};

/// Set by the first Ctrl-C or SIGTERM.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Process groups of the children that run now.
static CHILDREN: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// Settings of the machine that say how to reach the network.
pub const NETWORK: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
];

/// Settings of the machine that say how to reach a registry, with those of
/// [`NETWORK`]. They pass to the tools and stay outside every key: the
/// registries' contents are pinned by hash, so the way there cannot change an
/// output.
const TRANSPORT: &[&str] = &[
    "HOME",
    "CARGO_HOME",
    "GOPATH",
    "GOMODCACHE",
    "NETRC",
    "TMPDIR",
    "REQUESTS_CA_BUNDLE",
    "GOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
    "GONOPROXY",
    "GOPRIVATE",
    "GOINSECURE",
    "GOAUTH",
];
const TRANSPORT_PREFIXES: &[&str] =
    &["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRY_", "CARGO_REGISTRIES_", "CARGO_SOURCE_", "PIP_"];

/// What a child may use before it is killed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    pub time: Option<Duration>,
    /// Resident bytes of the child itself.
    pub memory: Option<u64>,
    /// Bytes of its stack (`RLIMIT_STACK`); where there are none it is ours.
    pub stack: Option<u64>,
}

/// A child to be run.
pub struct Child {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// The whole environment.
    pub environment: BTreeMap<String, OsString>,
    pub directory: PathBuf,
    pub stdin: Option<File>,
    pub stdout: File,
    pub stderr: File,
    pub limits: Limits,
}

/// How it ended.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub seconds: f64,
    /// Largest resident set of the child or one of its own children, bytes.
    pub peak_bytes: u64,
    /// The limit that ended it.
    pub exceeded: Option<String>,
}

impl Finished {
    /// `exit code 3` or `signal 9`.
    pub fn describe(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no exit status".to_string(),
        }
    }
}

/// The machine's transport settings as they are now. Go keeps its own in a file
/// (`go help env`); the rest of that file must not reach a command, so Go is run
/// without it.
pub fn transport() -> BTreeMap<String, OsString> {
    let go = directories::config().and_then(|dir| std::fs::read_to_string(dir.join("go/env")).ok());
    let of_go = go.unwrap_or_default();
    let of_go = of_go.lines().filter_map(|line| line.split_once('='));
    of_go
        .map(|(name, value)| (name.to_string(), OsString::from(value)))
        .chain(std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v))))
        .filter(|(name, _)| {
            NETWORK.contains(&name.as_str())
                || TRANSPORT.contains(&name.as_str())
                || TRANSPORT_PREFIXES.iter().any(|p| name.starts_with(p))
        })
        .collect()
}

/// Ends every child and makes each later wait return an error.
pub fn install_interrupt_handler() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        for group in CHILDREN.lock().unwrap_or_else(|e| e.into_inner()).iter() {
            // SAFETY: a plain system call; a group that is gone is an error we may ignore.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
    })
    .context("cannot install the Ctrl-C handler")
}

/// An error once Ctrl-C was pressed.
pub fn check_interrupted() -> Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Error::new(Kind::Interrupted, "interrupted; what was finished is kept").into());
    }
    Ok(())
}

/// Runs a child to its end.
pub fn run(child: Child) -> Result<Finished> {
    run_holding(child, &[])
}

/// The same; the child and its own children inherit the locks of `held`. What
/// is left of them when we are killed keeps others from where it writes.
pub fn run_holding(child: Child, held: &[BorrowedFd]) -> Result<Finished> {
    check_interrupted()?;
    let held: Vec<i32> = held.iter().map(AsRawFd::as_raw_fd).collect();
    let stack = child.limits.stack.map(stack_limit).transpose()?;
    let us = std::process::id() as i32;
    let mut command = Command::new(&child.program);
    command
        .args(&child.args)
        .env_clear()
        .envs(&child.environment)
        .current_dir(&child.directory)
        .stdin(child.stdin.map_or_else(Stdio::null, Stdio::from))
        .stdout(child.stdout)
        .stderr(child.stderr)
        .process_group(0);
    // SAFETY: these calls are async-signal-safe. They make the child die with
    // the thread that waits for it, should we be killed; when that was before
    // the call, it has another parent already.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if libc::getppid() != us {
                return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
            }
            for descriptor in &held {
                libc::fcntl(*descriptor, libc::F_SETFD, 0);
            }
            match &stack {
                Some(limit) if libc::setrlimit(libc::RLIMIT_STACK, limit) != 0 => {
                    Err(std::io::Error::last_os_error())
                }
                _ => Ok(()),
            }
        });
    }
    let started = Instant::now();
    let spawned =
        command.spawn().with_context(|| format!("cannot run {}", child.program.display()))?;
    let group = spawned.id() as i32;
    CHILDREN.lock().unwrap_or_else(|e| e.into_inner()).push(group);
    let finished = wait(group, started, child.limits);
    CHILDREN.lock().unwrap_or_else(|e| e.into_inner()).retain(|g| *g != group);
    let finished = finished?;
    check_interrupted()?;
    Ok(finished)
}

/// The limit of a stack of so many bytes.
fn stack_limit(bytes: u64) -> Result<libc::rlimit> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a local.
    if unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } != 0 {
        return Err(std::io::Error::last_os_error()).context("cannot read the limit of stacks");
    }
    if limit.rlim_max < bytes {
        let (wanted, most) = (bytes >> 10, limit.rlim_max >> 10);
        let message = format!("a stack of {wanted} KiB is above this machine's limit of {most}");
        let hint = format!("raise the hard limit, for example by `ulimit -Hs {wanted}` as root");
        return Err(Error::new(Kind::Limit, message).hint(hint).into());
    }
    Ok(libc::rlimit { rlim_cur: bytes, ..limit })
}

/// Waits for `pid`, polling so that limits and Ctrl-C are seen.
fn wait(pid: i32, started: Instant, limits: Limits) -> Result<Finished> {
    let mut pause = Duration::from_micros(200);
    let mut exceeded = None;
    loop {
        let mut status = 0;
        // SAFETY: rusage is plain data, the pointers are to locals.
        let (reaped, usage) = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            (libc::wait4(pid, &mut status, libc::WNOHANG, &mut usage), usage)
        };
        if reaped == pid {
            return Ok(Finished {
                status: ExitStatus::from_raw(status),
                seconds: started.elapsed().as_secs_f64(),
                peak_bytes: usage.ru_maxrss as u64 * 1024,
                exceeded,
            });
        }
        if reaped < 0 {
            let cause = std::io::Error::last_os_error();
            if cause.kind() != std::io::ErrorKind::Interrupted {
                return Err(cause).context("cannot wait for a child process");
            }
        }
        if exceeded.is_none() {
            exceeded = over_limit(pid, started, limits);
        }
        if exceeded.is_some() || INTERRUPTED.load(Ordering::SeqCst) {
            // SAFETY: a plain system call on our own child's group.
            unsafe { libc::kill(-pid, libc::SIGKILL) };
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn over_limit(pid: i32, started: Instant, limits: Limits) -> Option<String> {
    if let Some(time) = limits.time.filter(|t| started.elapsed() > *t) {
        return Some(format!("ran longer than its time limit of {} s", time.as_secs()));
    }
    let cap = limits.memory?;
    let resident = resident_bytes(pid)?;
    (resident > cap).then(|| format!("used more than its memory cap of {} MiB", cap >> 20))
}

/// Resident set from `/proc/PID/statm` (proc(5)), bytes.
fn resident_bytes(pid: i32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    // SAFETY: sysconf has no preconditions.
    Some(pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64)
}

/// As much of a log's end as a message may need, bytes.
const TAIL: u64 = 64 << 10;

/// The last lines of a log, for an error message. Of a line that is longer than
/// any message only the end.
pub fn tail(log: &Path, lines: usize) -> String {
    let bytes = File::open(log).and_then(|file| end_of(file, TAIL)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].iter().map(|l| format!("    {l}\n")).collect()
}

/// The last bytes of a file; a log may be larger than memory.
fn end_of(mut file: File, most: u64) -> std::io::Result<Vec<u8>> {
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    // No more of one that still grows.
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limits: Limits) -> Finished {
        let out = tempfile::tempfile().unwrap();
        run(Child {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            environment: BTreeMap::new(),
            directory: "/".into(),
            stdin: None,
            stdout: out.try_clone().unwrap(),
            stderr: out,
            limits,
        })
        .unwrap()
    }

    #[test]
    fn the_exit_code_is_reported() {
        assert_eq!(shell("exit 3", Limits::default()).describe(), "exit code 3");
        assert_eq!(shell("kill -9 $$", Limits::default()).describe(), "signal 9");
    }

    #[test]
    fn nothing_of_our_environment_reaches_a_child() {
        let finished = shell("test -z \"$HOME$CARGO\"", Limits::default());
        assert!(finished.status.success());
    }

    #[test]
    fn a_time_limit_ends_a_child_and_its_children() {
        let limits = Limits { time: Some(Duration::from_millis(50)), ..Limits::default() };
        let finished = shell("sleep 30 & sleep 30", limits);
        assert!(finished.exceeded.unwrap().contains("time limit"));
        assert!(finished.seconds < 10.0);
    }

    #[test]
    fn a_memory_cap_ends_a_child() {
        let limits = Limits { memory: Some(1 << 16), ..Limits::default() };
        let finished = shell("sleep 30; true", limits);
        assert!(finished.exceeded.unwrap().contains("memory cap"));
    }

    #[test]
    fn the_tail_of_a_log_is_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let check = |bytes: &[u8], lines: usize, expected: &str| {
            std::fs::write(&log, bytes).unwrap();
            assert_eq!(tail(&log, lines), expected);
        };
        check(b"a\nb\nc\n", 2, "    b\n    c\n");
        check(b"a", 2, "    a\n");
        check(b"", 2, "");
        let long = [vec![b'x'; 1 << 20], b"\nend".to_vec()].concat();
        check(&long, 1, "    end\n");
        // More than a machine has memory for, and no block of it on the disk.
        File::create(&log).unwrap().set_len(1 << 35).unwrap();
        assert_eq!(tail(&log, 1).len(), TAIL as usize + "    \n".len());
        assert_eq!(tail(&dir.path().join("absent"), 1), "");
    }

    #[test]
    fn a_child_has_the_stack_it_is_given() {
        let limits = Limits { stack: Some(3 << 20), ..Limits::default() };
        assert!(shell("test $(ulimit -s) = 3072", limits).status.success());
        assert!(!shell("test $(ulimit -s) = 3072", Limits::default()).status.success());
    }

    #[test]
    fn peak_memory_is_that_of_the_child() {
        let finished = shell("head -c 64M /dev/zero | tail -c 48M >/dev/null", Limits::default());
        assert!(finished.peak_bytes > 40 << 20, "{}", finished.peak_bytes);
    }
}
