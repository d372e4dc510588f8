//! Steps that really run, with the shell as their compiler.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::execute::Executor;
use super::memo::Memo;
use super::plan::Plan;
use super::schedule::{run, Budget, Outcome};
use super::step::{Sources, Step};
use super::store::Store;
use crate::cache::Cache;
use crate::toolchain::Toolchain;
use crate::ui::Ui;

/// A project of its own with a cache of its own.
pub(super) struct World {
    dir: PathBuf,
    _owned: Option<tempfile::TempDir>,
    /// Whether a build says what it does and why.
    pub talks: bool,
}

impl World {
    pub(super) fn new() -> World {
        World::of(tempfile::tempdir().unwrap())
    }

    /// On a file system in memory, where the machine has one at the usual
    /// place: waiting for a disk would be most of a long test's time.
    pub(super) fn in_memory() -> World {
        World::of(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn of(owned: tempfile::TempDir) -> World {
        let dir = owned.path().canonicalize().unwrap();
        std::fs::create_dir(dir.join("project")).unwrap();
        World { dir, _owned: Some(owned), talks: false }
    }

    /// The one of another process.
    pub(super) fn at(dir: &Path) -> World {
        World { dir: dir.to_path_buf(), _owned: None, talks: true }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn root(&self) -> PathBuf {
        self.dir.join("project")
    }

    pub(super) fn cache(&self) -> PathBuf {
        self.dir.join("cache")
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root().join(name), text).unwrap();
        // Past the grain of "changed while the step ran".
        std::thread::sleep(std::time::Duration::from_millis(15));
    }

    pub(super) fn run(&self, steps: &[Step], keep_going: bool) -> Outcome {
        self.run_in(&Cache::at(&self.cache()).unwrap(), steps, keep_going)
    }

    /// What is built stays in use as long as `cache` is there.
    pub(super) fn run_in(&self, cache: &Cache, steps: &[Step], keep_going: bool) -> Outcome {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let ui = Ui::new(!self.talks, 0);
        let executor = Executor {
            root: self.root(),
            store: Store::new(cache.clone()),
            memo: Memo::open(cache),
            toolchain: Toolchain::open(project, cache, &ui).unwrap(),
            ui,
            jobs: 2,
            explain: self.talks,
            print_commands: false,
            installing: Mutex::new(None),
        };
        let mut plan = Plan::default();
        steps.iter().for_each(|s| plan.add(s.clone()).unwrap());
        run(&plan, &executor, &[], Budget { jobs: 2, memory: 1 << 30 }, keep_going)
    }

    /// Runs one step; gives its output and whether it ran.
    pub(super) fn one(&self, step: &Step) -> (String, bool) {
        let built = self.run(std::slice::from_ref(step), false).all().unwrap();
        let text = std::fs::read_to_string(built.file(&step.made("o")).unwrap().0).unwrap();
        (text, built.cost(&[&step.name]).steps_run == 1)
    }
}

pub(super) fn shell(name: &str, script: &str) -> Step {
    Step::new(name, "x", name).args(["/bin/sh", "-c", script]).output("o", "o")
}

#[test]
fn a_step_runs_once_until_its_input_changes() {
    let world = World::new();
    world.write("in", "1");
    let step = shell("s", "cat {in:i} > {out:o}").file("i", "in");
    assert_eq!(world.one(&step), ("1".into(), true));
    assert_eq!(world.one(&step), ("1".into(), false));
    world.write("in", "2");
    assert_eq!(world.one(&step), ("2".into(), true));
    world.write("in", "1");
    assert_eq!(world.one(&step), ("1".into(), false), "what was built before is found again");
}

#[test]
fn what_the_compiler_read_decides() {
    let world = World::new();
    world.write("main", "1");
    world.write("other", "1");
    let script = "cat {root}/main > {out:o}; echo \"o: {root}/main\" > {work}/deps";
    let mut step = shell("s", script);
    step.sources = Some(Sources::CargoDepInfo("{work}/deps".into()));
    assert!(world.one(&step).1);
    world.write("other", "2");
    assert_eq!(world.one(&step), ("1".into(), false), "it did not read the other file");
    world.write("main", "2");
    assert_eq!(world.one(&step), ("2".into(), true));
}

#[test]
fn steps_hand_files_on() {
    let world = World::new();
    let first = shell("a", "echo one > {out:o}");
    let second = shell("b", "cat {in:a} {in:a} > {out:o}").input("a", first.made("o").input());
    let built = world.run(&[first, second.clone()], false).all().unwrap();
    let text = std::fs::read_to_string(built.file(&second.made("o")).unwrap().0).unwrap();
    assert_eq!(text, "one\none\n");
}

#[test]
fn a_failure_shows_command_tail_and_log_and_is_not_cached() {
    let world = World::new();
    let step = shell("s", "echo why; test -e {root}/there && echo x > {out:o}");
    let error = world.run(std::slice::from_ref(&step), false).all().err().unwrap().to_string();
    for part in ["step `s` failed with exit code 1", "command: cd ", "    why\n", "whole log: "] {
        assert!(error.contains(part), "{error}");
    }
    let log = error.rsplit_once("whole log: ").unwrap().1;
    assert_eq!(std::fs::read_to_string(log).unwrap(), "why\n", "it is kept");
    world.write("there", "");
    assert_eq!(world.one(&step), ("x\n".into(), true));
}

#[test]
fn going_on_makes_all_that_does_not_stand_on_a_failure() {
    let world = World::new();
    let bad = shell("bad", "exit 1");
    let on_it = shell("on-it", "cat {in:b} > {out:o}").input("b", bad.made("o").input());
    let good = shell("good", "echo x > {out:o}");
    let outcome = world.run(&[bad.clone(), on_it.clone(), good.clone()], true);
    assert!(outcome.built.file(&good.made("o")).is_ok());
    assert!(outcome.built.file(&on_it.made("o")).is_err());
    assert!(outcome.failure(&["good"]).is_none());
    assert!(outcome.failure(&["bad", "on-it"]).is_some());
}

#[test]
fn nothing_of_the_users_environment_reaches_a_step() {
    let world = World::new();
    let step = shell("s", "env > {out:o}").env("MINE", "{root}");
    let (text, _) = world.one(&step);
    let names: Vec<&str> = text.lines().filter_map(|l| l.split_once('=')).map(|(n, _)| n).collect();
    assert!(names.contains(&"MINE") && names.contains(&"PATH"), "{names:?}");
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "set for this test by cargo: {names:?}");
}

/// As a module of the user's own in the text format is.
#[test]
fn a_file_written_just_before_its_step_is_no_change() {
    let world = World::new();
    for text in ["1", "2", "3"] {
        std::fs::write(world.root().join("in"), text).unwrap();
        let step = shell("s", "cat {in:i} > {out:o}").file("i", "in");
        assert_eq!(world.one(&step), (text.into(), true));
    }
}

#[test]
fn a_source_that_changes_under_a_step_is_not_cached() {
    let world = World::new();
    world.write("main", "1");
    let script =
        "sleep 0.05; echo 2 > {root}/main; echo x > {out:o}; echo \"o: {root}/main\" > {work}/deps";
    let mut step = shell("s", script);
    step.sources = Some(Sources::CargoDepInfo("{work}/deps".into()));
    let error = world.run(&[step], false).all().err().unwrap().to_string();
    assert_eq!(error, "main changed while step `s` ran");
}
