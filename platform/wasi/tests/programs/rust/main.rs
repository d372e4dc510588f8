//! Uses the file system, clocks and the environment as Rust programs do, and
//! prints what it found.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

fn files(directory: &Path) -> io::Result<()> {
    let path = directory.join("file");
    let mut file = File::create_new(&path)?;
    file.write_all(b"Hello, world!")?;
    file.seek(SeekFrom::Start(7))?;
    file.write_all(b"W")?;
    drop(file);
    let mut file = File::open(&path)?;
    file.seek(SeekFrom::End(-6))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("from the end: {text}");
    OpenOptions::new().write(true).open(&path)?.set_len(5)?;
    OpenOptions::new().append(true).open(&path)?.write_all(b".")?;
    println!("appended: {}", fs::read_to_string(&path)?);
    println!("again: {:?}", File::create_new(&path).map(drop).map_err(|e| e.kind()));
    println!(
        "none: {}",
        fs::read(directory.join("none")).unwrap_err().kind() == ErrorKind::NotFound
    );
    let metadata = fs::metadata(&path)?;
    let age = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    println!("stat: {} {} {}", metadata.len(), metadata.is_file(), age.as_secs());
    Ok(())
}

fn directories(directory: &Path) -> io::Result<()> {
    for i in 0..120 {
        fs::write(directory.join(format!("{i:03}")), "")?;
    }
    println!("entries: {}", fs::read_dir(directory)?.count());
    fs::create_dir_all(directory.join("a/b/c"))?;
    fs::rename(directory.join("file"), directory.join("a/b/moved"))?;
    fs::copy(directory.join("a/b/moved"), directory.join("a/copy"))?;
    let mut names: Vec<_> = fs::read_dir(directory.join("a"))?
        .map(|entry| entry.map(|e| e.file_name().into_string().unwrap()))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("names: {}", names.join(" "));
    println!("not empty: {:?}", fs::remove_dir(directory.join("a")).map_err(|e| e.raw_os_error()));
    fs::remove_dir_all(directory)?;
    println!("removed: {}", !directory.exists());
    Ok(())
}

fn main() -> io::Result<()> {
    println!("given: {}", fs::read_to_string("/given/file.txt")?);
    let directory = Path::new("/tmp/files");
    fs::create_dir(directory)?;
    files(directory)?;
    directories(directory)?;
    let start = Instant::now();
    std::thread::sleep(Duration::from_secs(3));
    let slept = start.elapsed();
    println!("slept: {}", slept >= Duration::from_secs(3) && slept < Duration::from_millis(3100));
    println!("input: {}", io::read_to_string(io::stdin())?);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("arguments: {arguments:?} {:?}", std::env::var("GREETING"));
    std::process::exit(7)
}
