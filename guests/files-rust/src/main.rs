//! Reads the files it was built with, writes others, reads those.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

fn main() {
    wasrisc_guest::run(|input| work(input).map_err(|error| error.to_string()))
}

/// What lies in /notes, by name and content, with the input at its end, all of it
/// by way of a file in /tmp.
fn work(input: &[u8]) -> io::Result<String> {
    let entries = fs::read_dir("/notes")?;
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().into_string().expect("UTF-8")))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    fs::create_dir("/tmp/room")?;
    let mut all = File::create("/tmp/room/new")?;
    writeln!(all, "{}", names.join(" "))?;
    for name in &names {
        all.write_all(&fs::read(format!("/notes/{name}"))?)?;
    }
    drop(all);
    fs::rename("/tmp/room/new", "/tmp/all")?;
    OpenOptions::new().append(true).open("/tmp/all")?.write_all(input)?;
    let mut text = String::new();
    let mut all = File::open("/tmp/all")?;
    all.seek(SeekFrom::End(0))?;
    all.rewind()?;
    all.read_to_string(&mut text)?;
    // What it was built with can be written too, until it ends.
    fs::write("/notes/first.txt", fs::read("/notes/first.txt")?)?;
    fs::remove_file("/tmp/all")?;
    fs::remove_dir("/tmp/room")?;
    match fs::metadata("/tmp/all") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(text),
        _ => Err(io::Error::other("a removed file is still there")),
    }
}
