//! gdb on QEMU's stub. Functions go by their names in the ELF's symbol table,
//! direct programs by their lines where they have DWARF.

use std::io::IsTerminal;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::artifacts::{Files, Target};
use crate::platform::Isa;
use crate::session::Session;

const TOOL: &str = "gdb";

/// How long QEMU may take to listen: gdb tries again for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A debugger that is about to ask at a port.
pub struct Debugger {
    pub port: u16,
}

impl Debugger {
    /// Starts gdb where it has a terminal, or says how to.
    pub fn start(session: &Session, target: &Target, files: &Files) -> Result<Debugger> {
        let port = free_port()?;
        let gdb = match std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            true => {
                session.toolchain().ensure(&[TOOL])?;
                Some(session.toolchain().program(TOOL, "gdb")?)
            }
            false => None,
        };
        let arguments = arguments(target, &files.elf_path, port);
        match gdb {
            Some(gdb) => {
                let mut command = Command::new(&gdb);
                command.args(&arguments);
                let failed = move || format!("cannot run {}", gdb.display());
                let mut child = command.spawn().with_context(failed)?;
                std::thread::spawn(move || child.wait());
            }
            None => {
                let words: Vec<String> = arguments.iter().map(|a| format!("'{a}'")).collect();
                session.ui.status("Waiting", &format!("for gdb-multiarch {}", words.join(" ")));
            }
        }
        Ok(Debugger { port })
    }
}

fn arguments(target: &Target, elf: &Path, port: u16) -> Vec<String> {
    let architecture = match target.platform.machine.isa {
        Isa::Rv64im => "riscv:rv64",
        Isa::X86_64 => "i386:x86-64",
    };
    let commands = [
        format!("set architecture {architecture}"),
        format!("set tcp connect-timeout {}", PATIENCE.as_secs()),
        format!("target remote 127.0.0.1:{port}"),
    ];
    let mut arguments = vec!["-q".to_string(), elf.display().to_string()];
    arguments.extend(commands.into_iter().flat_map(|command| ["-ex".to_string(), command]));
    arguments
}

/// A port of loopback that nobody listens at.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot find a free port")?;
    Ok(listener.local_addr()?.port())
}
