//! What has to be true of the file around the code.

use crate::code::is_code;
use object::elf::{
    FileHeader64, EM_RISCV, ET_EXEC, PF_W, PF_X, PT_DYNAMIC, PT_GNU_STACK, PT_INTERP, PT_LOAD,
    SHT_DYNAMIC,
};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::LittleEndian;
use std::ops::Range;
use std::path::Path;

type Header = FileHeader64<LittleEndian>;
const LE: LittleEndian = LittleEndian;

/// What is wrong with headers, segments and sections.
///
/// # Errors
///
/// Headers that lead out of the file.
pub fn findings(header: &Header, bytes: &[u8]) -> object::read::Result<Vec<String>> {
    let mut findings = Vec::new();
    if header.e_machine(LE) != EM_RISCV {
        findings.push(format!("the machine is {}, not RISC-V", header.e_machine(LE)));
    }
    if header.e_type(LE) != ET_EXEC {
        findings.push("it is not a program at fixed addresses (ET_EXEC)".to_string());
    }
    if header.e_flags(LE) != 0 {
        findings.push(format!("its flags are {}, not none (LP64)", flags(header.e_flags(LE))));
    }
    for segment in header.program_headers(LE, bytes)? {
        let (executable, writable) =
            (segment.p_flags(LE) & PF_X != 0, segment.p_flags(LE) & PF_W != 0);
        match segment.p_type(LE) {
            PT_DYNAMIC | PT_INTERP => findings.push("it is linked dynamically".to_string()),
            PT_GNU_STACK if executable => findings.push("its stack is executable".to_string()),
            PT_LOAD if executable && writable => findings.push(format!(
                "the segment at {:#x} is writable and executable",
                segment.p_vaddr(LE)
            )),
            PT_LOAD if executable => {
                let code = code_ranges(header, bytes)?;
                findings.extend(uncovered(segment.p_vaddr(LE), segment.data(LE, bytes), &code));
            }
            _ => {}
        }
    }
    for section in header.sections(LE, bytes)?.iter() {
        if section.sh_type(LE) == SHT_DYNAMIC {
            findings.push("it has a dynamic section".to_string());
        }
    }
    Ok(findings)
}

/// By the psABI, "File Header".
fn flags(flags: u32) -> String {
    let float = ["", "single-precision ABI", "double-precision ABI", "quad-precision ABI"];
    let mut names = vec![];
    if flags & 1 != 0 {
        names.push("RVC");
    }
    if flags & 6 != 0 {
        names.push(float[(flags >> 1 & 3) as usize]);
    }
    if flags & 8 != 0 {
        names.push("RVE");
    }
    if flags & 16 != 0 {
        names.push("TSO");
    }
    format!("{flags:#x} ({})", names.join(", "))
}

fn code_ranges(header: &Header, bytes: &[u8]) -> object::read::Result<Vec<Range<u64>>> {
    let sections = header.sections(LE, bytes)?;
    let code = sections.iter().filter(|section| is_code(section));
    Ok(code
        .map(|section| {
            let start = section.sh_addr(LE);
            start..start.saturating_add(section.sh_size(LE))
        })
        .collect())
}

/// Bytes of an executable segment that are in no section of code: nobody looks
/// at them, and a jump could reach them. Zeros are no instruction.
fn uncovered(address: u64, data: Result<&[u8], ()>, code: &[Range<u64>]) -> Option<String> {
    let data = data.unwrap_or_default();
    let mut at = 0;
    while at < data.len() {
        let place = address.wrapping_add(at as u64);
        if let Some(range) = code.iter().find(|range| range.contains(&place)) {
            at = range.end.wrapping_sub(address).try_into().unwrap_or(data.len());
        } else if data[at] != 0 {
            return Some(format!("{place:#x} is executable and in no section of code"));
        } else {
            at += 1;
        }
    }
    None
}

/// The places that lie below one of `directories` by a string in the file: a
/// directory of the machine that built it.
pub fn paths(bytes: &[u8], directories: &[impl AsRef<Path>]) -> Vec<String> {
    let mut findings = Vec::new();
    for directory in directories {
        let name = directory.as_ref().to_string_lossy();
        let below = format!("{}/", name.trim_end_matches('/'));
        if below == "/" {
            continue;
        }
        let found = bytes.windows(below.len()).position(|w| w == below.as_bytes());
        if let Some(offset) = found {
            let text = bytes[offset..].split(|b| !(0x20..0x7f).contains(b)).next();
            let text: String =
                String::from_utf8_lossy(text.unwrap_or_default()).chars().take(120).collect();
            findings.push(format!("a path of this machine is at offset {offset:#x}: {text}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_outside_of_code_are_found() {
        let code = [0x1000..0x1010, 0x1020..0x1030];
        let check = |data: &[u8], found: Option<&str>| {
            assert_eq!(uncovered(0x1000, Ok(data), &code).as_deref(), found, "{data:?}");
        };
        check(&[1; 16], None);
        check(&[[1; 16], [0; 16], [1; 16]].concat(), None);
        check(
            &[&[1; 16][..], &[0, 0, 7]].concat(),
            Some("0x1012 is executable and in no section of code"),
        );
        check(&[1; 17], Some("0x1010 is executable and in no section of code"));
    }

    #[test]
    fn paths_are_whole_directories() {
        let check = |text: &str, directories: &[&str], found: usize| {
            assert_eq!(paths(text.as_bytes(), directories).len(), found, "{text} {directories:?}");
        };
        check("x\0/home/a/src/main.c\0", &["/home/a"], 1);
        check("x\0/home/a/src/main.c\0", &["/home/a/"], 1);
        check("x\0/home/ab/src/main.c\0", &["/home/a"], 0);
        check("x\0/home/a\0", &["/home/a"], 0);
        check("x\0/home/a/b\0", &["/home/a", "/home/a/b", "/home"], 2);
        check("/usr/lib", &["/"], 0);
    }

    #[test]
    fn flags_have_names() {
        assert_eq!(flags(5), "0x5 (RVC, double-precision ABI)");
        assert_eq!(flags(0x18), "0x18 (RVE, TSO)");
    }
}
