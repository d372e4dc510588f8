//! What runs an ELF of ours: the command lines of the platforms' READMEs.

use std::path::Path;
use std::process::{Command, Stdio};

pub const PLATFORMS: [&str; 4] = ["linux", "amd64", "virt", "flat"];

/// Of these, what has no operating system.
pub const BARE: [&str; 2] = ["virt", "flat"];

/// RV64IM alone.
const PROCESSOR: &str =
    "rv64,g=off,a=off,f=off,d=off,c=off,h=off,s=off,u=off,zba=off,zbb=off,zbc=off,zbs=off";

/// The same for a process.
const USER_PROCESSOR: &str = "rv64,g=off,a=off,f=off,d=off,c=off,zba=off,zbb=off,zbc=off,zbs=off";

/// What a bare machine is given: platform/bare/README.md, "The boot block". The
/// first argument is the program's name.
pub fn boot_block(arguments: &[&str], environment: &[(&str, &str)], input: &[u8]) -> Vec<u8> {
    let arguments: String = arguments.iter().map(|text| format!("{text}\0")).collect();
    let variables = environment.iter().map(|(name, value)| format!("{name}={value}\0"));
    let environment: String = variables.collect();
    let mut block = b"wasrisc\x01".to_vec();
    for bytes in [arguments.len(), environment.len(), input.len()] {
        block.extend((bytes as u64).to_le_bytes());
    }
    block.extend((arguments + &environment).into_bytes());
    block.resize(block.len().next_multiple_of(8), 0);
    block.extend(input);
    block
}

/// What runs the ELF; `boot` is the file with a bare machine's boot block.
pub fn machine(platform: &str, elf: &Path, boot: &Path) -> Command {
    match platform {
        "amd64" => Command::new(elf),
        "linux" => {
            let mut qemu = Command::new("qemu-riscv64");
            qemu.args(["-B", "0x100000000000", "-cpu", USER_PROCESSOR]).arg(elf);
            qemu
        }
        _ => {
            let mut qemu = Command::new("qemu-system-riscv64");
            let own: &[&str] = match platform {
                "virt" => &["-M", "virt", "-bios", "none", "-serial", "stdio"],
                _ => &["-M", "none", "-serial", "none"],
            };
            qemu.args(own).args(["-m", "4G", "-display", "none", "-monitor", "none"]);
            qemu.args(["-cpu", PROCESSOR, "-semihosting-config", "enable=on,target=native"]);
            qemu.arg("-device").arg(format!("loader,file={},cpu-num=0", elf.display()));
            let loader = format!("loader,file={},addr=0xc0000000,force-raw=on", boot.display());
            qemu.arg("-device").arg(loader);
            qemu.stdin(Stdio::null());
            qemu
        }
    }
}

/// The machine with arguments (after the program's name), environment and input,
/// which are written into the folder `room`.
pub fn command(
    platform: &str,
    elf: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &[u8],
    room: &Path,
) -> Command {
    let file = room.join("input");
    let mut command = machine(platform, elf, &file);
    if BARE.contains(&platform) {
        let named: Vec<&str> = [&["guest"], arguments].concat();
        std::fs::write(&file, boot_block(&named, environment, input)).unwrap();
    } else {
        std::fs::write(&file, input).unwrap();
        command.args(arguments).stdin(std::fs::File::open(&file).unwrap());
        command.env_clear().envs(environment.iter().copied());
    }
    command
}
