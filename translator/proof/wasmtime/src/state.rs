//! The folder of a run: one file for each batch that is done, with the record's
//! lines, and a folder for each seed that differs.

use crate::Difference;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use wasrisc_proof::fuzz::{Settings, BATCH};

pub struct State {
    folder: PathBuf,
    progress: Mutex<Progress>,
}

/// Of this run alone.
struct Progress {
    began: Instant,
    said: Instant,
    seeds: usize,
}

const SAY_EVERY: Duration = Duration::from_secs(30);

impl State {
    pub fn open(folder: &Path) -> Result<State> {
        for part in ["batches", "differ"] {
            let path = folder.join(part);
            std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        let now = Instant::now();
        let progress = Mutex::new(Progress { began: now, said: now, seeds: 0 });
        Ok(State { folder: folder.to_path_buf(), progress })
    }

    /// A batch that was cut short by --count is called after its length.
    fn batch(&self, seeds: &[u64]) -> PathBuf {
        self.folder.join(format!("batches/{:010}-{}", seeds[0], seeds.len()))
    }

    pub fn is_done(&self, seeds: &[u64]) -> bool {
        self.batch(seeds).exists()
    }

    /// Written beside and renamed, so that a batch is done or not.
    pub fn done(&self, seeds: &[u64], differences: &[Difference], record: &str) -> Result<()> {
        for difference in differences {
            self.keep(difference)?;
        }
        let path = self.batch(seeds);
        let beside = path.with_extension("new");
        std::fs::write(&beside, record).with_context(|| beside.display().to_string())?;
        std::fs::rename(&beside, &path).with_context(|| path.display().to_string())?;
        let mut progress = self.progress.lock().expect("no thread panics");
        progress.seeds += seeds.len();
        if progress.said.elapsed() > SAY_EVERY {
            progress.said = Instant::now();
            eprintln!("{}", progress.rate());
        }
        Ok(())
    }

    fn keep(&self, difference: &Difference) -> Result<()> {
        let seed = difference.case.seed;
        eprintln!("seed {seed} differs");
        let folder = self.folder.join(format!("differ/{seed}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("module.wasm"), &difference.case.wasm)?;
        std::fs::write(folder.join("wasmtime.txt"), difference.expected.join("\n"))?;
        std::fs::write(folder.join("translated.txt"), difference.found.join("\n"))?;
        std::fs::write(folder.join("settings.txt"), Settings::of(seed / BATCH).to_string())?;
        Ok(())
    }

    /// A batch that does not compile, or a module that wasmtime refuses.
    pub fn broken(&self, seeds: &[u64], why: &anyhow::Error) -> Result<()> {
        eprintln!("seeds from {} on: {why:#}", seeds[0]);
        let folder = self.folder.join(format!("differ/{}", seeds[0]));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("broken.txt"), format!("{why:#}"))?;
        Ok(())
    }

    /// The record's lines of these batches, in their order.
    pub fn record(&self, batches: &[Vec<u64>]) -> Result<String> {
        let read = |seeds: &Vec<u64>| std::fs::read_to_string(self.batch(seeds));
        Ok(batches.iter().map(read).collect::<std::io::Result<Vec<_>>>()?.concat())
    }

    /// Says how many ran; gives how many differ, in this run or an earlier one.
    pub fn report(&self, batches: &[Vec<u64>]) -> Result<usize> {
        let done = batches.iter().filter(|seeds| self.is_done(seeds)).map(Vec::len);
        let differing = std::fs::read_dir(self.folder.join("differ"))?.count();
        let progress = self.progress.lock().expect("no thread panics");
        println!("{} seeds done, {differing} differ; now {}", done.sum::<usize>(), progress.rate());
        Ok(differing)
    }
}

impl Progress {
    fn rate(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        format!("{} in {seconds:.0} s, {:.1} a second", self.seeds, self.seeds as f64 / seconds)
    }
}
