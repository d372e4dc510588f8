//! A process with a file system of its own, for tests of full and read-only
//! disks. Root may mount; anybody else may in a user namespace, where the
//! machine allows it.

use std::ffi::{CStr, CString};
use std::io::{Error, Result, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

/// What a container that forbids it has to be given.
const WANTED: &str =
    "give the container `--cap-add SYS_ADMIN --security-opt apparmor=unconfined`, \
                      or as another user than root `--security-opt seccomp=unconfined \
                      --security-opt apparmor=unconfined`";

/// Runs a command that has an empty file system of this size at `place`. None,
/// with the reason printed, where it cannot be had: no tool that is installed
/// gives the right to, and in a chroot not even root can keep what it mounts
/// from the outside.
///
/// # Panics
/// It cannot be had, and `WASRISC_REQUIRE_MOUNTS` says that it must.
pub(super) fn run(command: impl Fn() -> Command, place: &Path, bytes: u64) -> Option<Output> {
    let mut refusals = Vec::new();
    for (by, namespaces) in
        [("", libc::CLONE_NEWNS), (" in a user namespace", libc::CLONE_NEWNS | libc::CLONE_NEWUSER)]
    {
        let mount = Mount::new(place, bytes, namespaces);
        let mut command = command();
        // SAFETY: `make` calls nothing but the system, with what was made before.
        unsafe { command.pre_exec(move || mount.make()) };
        match command.output() {
            Ok(output) => return Some(output),
            Err(cause) => refusals.push(format!("cannot mount{by}: {cause}")),
        }
    }
    let message = format!("{}; {WANTED}", refusals.join("; "));
    assert!(std::env::var_os("WASRISC_REQUIRE_MOUNTS").is_none(), "{message}");
    // Past the test harness, which keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {message}");
    None
}

/// All that a process needs between fork and exec, where it may not allocate.
struct Mount {
    namespaces: i32,
    place: CString,
    options: CString,
    /// Files of the process, and what to write into them: it is root in its
    /// user namespace.
    identity: [(&'static CStr, String); 3],
}

impl Mount {
    fn new(place: &Path, bytes: u64, namespaces: i32) -> Mount {
        // SAFETY: neither has preconditions.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        Mount {
            namespaces,
            place: c_string(place),
            options: CString::new(format!("size={bytes},mode=755")).unwrap(),
            identity: [
                (c"/proc/self/setgroups", "deny".to_string()),
                (c"/proc/self/uid_map", format!("0 {user} 1")),
                (c"/proc/self/gid_map", format!("0 {group} 1")),
            ],
        }
    }

    fn make(&self) -> Result<()> {
        // SAFETY: a constant.
        done(unsafe { libc::unshare(self.namespaces) })?;
        if self.namespaces & libc::CLONE_NEWUSER != 0 {
            for (file, text) in &self.identity {
                // SAFETY: a C string, and a pointer with its length.
                let written = unsafe {
                    let file = libc::open(file.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
                    libc::write(file, text.as_ptr().cast(), text.len())
                };
                done(if written < 0 { -1 } else { 0 })?;
            }
        }
        let private = libc::MS_REC | libc::MS_PRIVATE;
        mount(c"none", c"/", private, c"")?;
        mount(c"tmpfs", &self.place, 0, &self.options)
    }
}

/// For a process that `run` started.
pub(super) fn set_read_only(place: &Path, read_only: bool) {
    let flags = libc::MS_REMOUNT | if read_only { libc::MS_RDONLY } else { 0 };
    mount(c"tmpfs", &c_string(place), flags, c"").expect("what one mounted one may mount anew");
}

fn mount(kind: &CStr, place: &CStr, flags: u64, options: &CStr) -> Result<()> {
    // SAFETY: C strings.
    done(unsafe {
        libc::mount(kind.as_ptr(), place.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast())
    })
}

fn done(result: i32) -> Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(Error::last_os_error())
    }
}

fn c_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}
