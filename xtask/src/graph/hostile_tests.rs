//! The cache at hostile moments: builds that are killed, many at once, damage,
//! a full disk, a directory that cannot be written. Steps are small shell
//! scripts; processes are this test binary, started again.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

use super::mounts;
use super::schedule::Built;
use super::step::{Sources, Step};
use super::tests::{shell, World};
use crate::artifacts::publish;
use crate::cache::{set_mode, Cache, Limits};
use crate::error;
use crate::random::Random;
use crate::toolchain;
use crate::ui::Ui;

/// Names the world that a worker process builds in.
const PLACE: &str = "WASRISC_TEST_WORLD";

/// Tells a worker process to build the lingering steps.
const LINGERING: &str = "WASRISC_TEST_LINGERING";

/// Also the body of every worker process.
#[test]
fn worker() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let world = World::at(Path::new(&place));
    if std::env::var_os(LINGERING).is_some() {
        drop(world.run(&lingering_steps(), false));
        return;
    }
    check_built(&world, &world.run(&steps(), false).all().unwrap());
}

fn start_worker(world: &World) -> Command {
    start("worker", world)
}

/// One test of this file in a process of its own.
fn start(test: &str, world: &World) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(format!("graph::hostile_tests::{test}"));
    command.args(["--exact", "--nocapture", "--test-threads=1"]);
    command.env(PLACE, world.dir()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn work(world: &World) -> Output {
    start_worker(world).output().unwrap()
}

/// A world whose steps read two files.
fn world() -> World {
    let world = World::in_memory();
    set(&world, 0);
    world
}

fn set(world: &World, n: u64) {
    std::fs::write(world.root().join("in"), format!("{n}\n")).unwrap();
    world.write("main", &format!("main {n}\n"));
}

/// Steps of each kind: one after another and side by side, with a scratch
/// directory that must hold the state of one execution only, with sources.
/// Each leaves its name in `count`.
fn steps() -> [Step; 5] {
    let script = |name: &str, script: &str| {
        shell(name, &format!("set -e; echo {name} >> {{root}}/count; {script}"))
    };
    let slow = script("slow", "cat {in:i}; sleep 0.01; cat {in:i}").file("i", "in");
    let slow = with_output(slow);
    // The state is written by a grandchild, which lives on when we are killed.
    let state = "(sleep 0.01; cat {in:s} > {scratch}/state); cat {scratch}/state";
    let mut state = with_output(script("state", state).input("s", slow.made("o").input()));
    state.scratch = Some("shared".to_string());
    let read = "echo \"o: {root}/main\" > {work}/deps; cat {root}/main";
    let mut read = with_output(script("read", read));
    read.sources = Some(Sources::CargoDepInfo("{work}/deps".into()));
    let large = with_output(script("large", "head -c 40000 /dev/zero; cat {in:i}").file("i", "in"));
    let all = script("all", "cat {in:s} {in:r}; tail -c 8 {in:l}")
        .input("s", state.made("o").input())
        .input("r", read.made("o").input())
        .input("l", large.made("o").input());
    [slow, state, read, large, with_output(all)]
}

/// What the script says goes to the output, piece by piece.
fn with_output(mut step: Step) -> Step {
    step.argv[2] = format!("exec > {{out:o}}; {}", step.argv[2]);
    step
}

/// The files are what they must be, also under the name a person finds.
fn check_built(world: &World, built: &Built) {
    let n = std::fs::read_to_string(world.root().join("in")).unwrap();
    let [.., all] = steps();
    let path = built.file(&all.made("o")).unwrap().0;
    publish(&world.root(), "target/wasrisc/all", &path).unwrap();
    let got = std::fs::read(world.root().join("target/wasrisc/all")).unwrap();
    let large = [&vec![0; 8][n.len()..], n.as_bytes()].concat();
    let want = [format!("{n}{n}main {n}").into_bytes(), large].concat();
    assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&want));
}

fn names(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect()
}

/// Other moments in each run, from a seed that is printed.
fn random() -> Random {
    let given = std::env::var("WASRISC_TEST_SEED").ok().map(|s| s.parse().unwrap());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = given.unwrap_or(now.as_nanos() as u64 | 1);
    println!("WASRISC_TEST_SEED={seed}");
    Random::new(seed)
}

#[test]
fn a_kill_at_any_moment_harms_nothing() {
    let world = world();
    let mut random = random();
    let started = Instant::now();
    assert!(work(&world).status.success());
    let mut length = started.elapsed();
    let (mut killed, mut n) = (0, 0);
    while killed < 100 {
        n += 1;
        set(&world, n);
        let mut worker = start_worker(&world);
        let mut child = worker.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(length.mul_f64(random.below(1 << 20) as f64 / f64::from(1 << 20)));
        child.kill().unwrap();
        // How long a build takes varies with what else the machine does.
        if child.wait().unwrap().success() {
            length = length.mul_f64(0.8);
        } else {
            killed += 1;
            length = length.mul_f64(1.02);
        }
        check_built(&world, &world.run(&steps(), false).all().unwrap());
        let left = names(&world.cache().join("v2/tmp"));
        assert!(left.len() <= 8, "what is left is swept: {left:?}");
        assert!(n < 300, "only {killed} of {n} builds were killed before their end");
    }
    // What was left by the last of them goes with the next build.
    std::thread::sleep(Duration::from_millis(50));
    set(&world, n + 1);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
    assert_eq!(names(&world.cache().join("v2/tmp")), Vec::<PathBuf>::new());
    let mut locks = names(&world.cache().join("v2/locks"));
    locks.sort();
    let want = ["keys", "staging", "uses"].map(|name| world.cache().join("v2/locks").join(name));
    assert_eq!(locks, want, "locks do not grow");
    println!("{n} builds, {killed} of them killed, {:.1} s", started.elapsed().as_secs_f64());
}

#[test]
fn eight_processes_run_each_step_once() {
    let world = world();
    let eight_at_once = || {
        let children: Vec<_> = (0..8).map(|_| start_worker(&world).spawn().unwrap()).collect();
        let outputs = children.into_iter().map(|child| child.wait_with_output().unwrap());
        let said = |output: Output| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}");
            said
        };
        outputs.map(said).collect::<String>()
    };
    eight_at_once();
    assert_eq!(ran(&world), ["all", "large", "read", "slow", "state"]);
    let built = world.run(&steps(), false).all().unwrap();
    change(&file_of(&built, "large"), |bytes| bytes[7] ^= 1);
    let said = eight_at_once();
    assert_eq!(ran(&world), ["large"]);
    assert_eq!(said.matches("is damaged in the cache and built again").count(), 1, "{said}");
}

#[test]
fn collecting_beside_a_build_takes_nothing_in_use() {
    let world = world();
    let mut removed = 0;
    std::thread::scope(|scope| {
        let builds = scope.spawn(|| {
            for n in 0..20 {
                set(&world, n);
                let cache = Cache::at(&world.cache()).unwrap();
                check_built(&world, &world.run_in(&cache, &steps(), false).all().unwrap());
            }
        });
        let cache = Cache::at(&world.cache()).unwrap();
        while !builds.is_finished() {
            removed += cache.clear(false, false).unwrap().iter().map(|r| r.items).sum::<usize>();
        }
        builds.join().unwrap();
    });
    assert!(removed > 20, "only {removed} things were collected");
}

/// A step that writes into its scratch directory after a delay, which is its
/// input, and reads from it later.
fn lingering_steps() -> [Step; 2] {
    let delay = with_output(shell("delay", "cat {in:i}").file("i", "in"));
    let script = "d=$(cat {in:d}); echo >> {root}/started; \
                  (sleep $d; echo $d > {scratch}/state); sleep 0.6; cat {scratch}/state";
    let mut state = with_output(shell("state", script).input("d", delay.made("o").input()));
    state.scratch = Some("shared".to_string());
    [delay, state]
}

/// What a killed build started goes on for a while: it keeps its scratch
/// directory and its place in `tmp`, and the next build waits for it.
#[test]
fn children_of_a_killed_build_harm_nothing() {
    let world = World::in_memory();
    world.write("in", "0.5");
    let (cache, started) = (Cache::at(&world.cache()).unwrap(), world.root().join("started"));
    let tmp = || names(&cache.room("tmp")).len();

    let mut worker = start_worker(&world);
    let mut child = worker.env(LINGERING, "").spawn().unwrap();
    while !started.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    cache.sweep().unwrap();
    assert_eq!(tmp(), 1, "the place of a live process stays");
    world.write("in", "0.1");
    let built = world.run(&lingering_steps(), false).all().unwrap();
    assert_eq!(std::fs::read_to_string(file_of(&built, "state")).unwrap(), "0.1\n");
    assert_eq!(std::fs::read_to_string(&started).unwrap().len(), 2);
    cache.sweep().unwrap();
    assert_eq!(tmp(), 0);
}

/// The steps that ran since the last call.
fn ran(world: &World) -> Vec<String> {
    let path = world.root().join("count");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::remove_file(&path).ok();
    let mut names: Vec<String> = text.lines().map(str::to_string).collect();
    names.sort();
    names
}

/// Harm done to a built cache is said, with why the step runs, and mended by
/// running `again`.
fn check_mended(harm: impl Fn(&World, &Built), says: &[&str], again: &[&str]) {
    let world = world();
    let built = world.run(&steps(), false).all().unwrap();
    ran(&world);
    harm(&world, &built);
    let output = work(&world);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for part in says {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert_eq!(ran(&world), again);
    let output = work(&world);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing is left to say");
    assert_eq!(ran(&world), [""; 0]);
}

fn file_of(built: &Built, step: &str) -> PathBuf {
    built.outputs(step).next().expect("a step has an output").0
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    set_mode(path, 0o644).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn records(world: &World, room: &str) -> Vec<PathBuf> {
    names(&world.cache().join("v2").join(room))
}

#[test]
fn a_damaged_file_is_named_dropped_and_built_again() {
    let warning = "warning: step `large` is damaged in the cache and built again: ";
    let explained = "Explain large: damaged in the cache: ";
    let flip = |_: &World, built: &Built| change(&file_of(built, "large"), |b| b[20_000] ^= 1);
    // Its bytes are the same again, so nothing that stands on it runs.
    check_mended(flip, &[warning, explained, "/o: ", " → "], &["large"]);
    let cut = |_: &World, built: &Built| change(&file_of(built, "large"), |b| b.truncate(1000));
    check_mended(cut, &[warning, explained], &["large"]);
    let remove = |_: &World, built: &Built| std::fs::remove_file(file_of(built, "large")).unwrap();
    check_mended(remove, &[warning, explained, " → gone"], &["large"]);
    let entry = |built: &Built| file_of(built, "read").with_file_name("entry.json");
    let cut = |_: &World, built: &Built| change(&entry(built), |b| b.truncate(b.len() / 2));
    check_mended(cut, &["step `read` is damaged", "entry.json: JSON of ours → EOF"], &["read"]);
    let remove = |_: &World, built: &Built| std::fs::remove_file(entry(built)).unwrap();
    check_mended(remove, &["entry.json: entry → gone"], &["read"]);
}

#[test]
fn a_damaged_record_is_dropped() {
    let sources = |world: &World, _: &Built| {
        records(world, "sources").iter().for_each(|path| change(path, |b| b.truncate(9)));
    };
    check_mended(sources, &["step `read` is damaged in the cache", "/sources/"], &["read"]);
    let last = |world: &World, _: &Built| {
        records(world, "last").iter().for_each(|path| change(path, |b| b[0] = b'?'));
    };
    check_mended(last, &["damaged in the cache, written again: ", "/last/"], &[]);
    let memo = |world: &World, _: &Built| {
        std::fs::write(world.cache().join("v2/memo.json"), "{\"").unwrap();
    };
    check_mended(memo, &[], &[]);
}

#[test]
fn what_was_removed_is_said() {
    let remove = |_: &World, built: &Built| {
        std::fs::remove_dir_all(file_of(built, "slow").parent().unwrap()).unwrap();
    };
    check_mended(remove, &["Explain slow: was in the cache, was removed"], &["slow"]);
    let all = |world: &World, _: &Built| std::fs::remove_dir_all(world.cache()).unwrap();
    let ran = ["all", "large", "read", "slow", "state"];
    check_mended(all, &["Explain slow: not built before"], &ran);
}

/// The world of a test that has a small file system of its own as its cache. It
/// is there in a process of its own: the first call runs that and gives none.
fn mounted(test: &str) -> Option<World> {
    if let Some(place) = std::env::var_os(PLACE) {
        let mut world = World::at(Path::new(&place));
        world.talks = false;
        return Some(world);
    }
    let world = World::in_memory();
    std::fs::create_dir(world.cache()).unwrap();
    let output = mounts::run(|| start(test, &world), &world.cache(), 4 << 20)?;
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    None
}

/// Fails with all of these parts in its text, and a hint.
fn check_fails<T>(outcome: Result<T>, parts: &[&str], hint: &str) {
    let error = outcome.err().expect("nothing can be written");
    let text = format!("{error:#}");
    for part in parts {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    let hinted = error::ours(&error).and_then(|e| e.hint.clone()).unwrap_or_default();
    assert!(hinted.contains(hint), "{text}: {hinted}");
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let Some(world) = mounted("a_full_disk_is_said_and_nothing_is_lost") else { return };
    set(&world, 0);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
    ran(&world);
    let filler = world.cache().join("filler");
    let full = std::io::copy(&mut std::io::repeat(0), &mut std::fs::File::create(&filler).unwrap());
    assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
    assert_eq!(ran(&world), [""; 0], "what is there is used");

    let big = with_output(shell("big", "head -c 500000 /dev/zero || exit 3"));
    let big = std::slice::from_ref(&big);
    let space = "No space left on device";
    check_fails(
        world.run(big, false).all(),
        &["step `big` failed with exit code 3", "whole log: "],
        "cache gc",
    );
    let elsewhere = shell("copied", "head -c 500000 /dev/zero > {root}/big");
    let mut elsewhere = elsewhere;
    elsewhere.outputs[0].from = Some("{root}/big".to_string());
    let cache = world.cache().display().to_string();
    check_fails(
        world.run(&[elsewhere], false).all(),
        &["cannot write ", &cache, space],
        "cache gc",
    );

    check_fails(update_of_a_wheel(&world), &["cannot write ", &cache, space], "cache gc");

    std::fs::remove_file(&filler).unwrap();
    let built = world.run(big, false).all().unwrap();
    assert_eq!(file_of(&built, "big").metadata().unwrap().len(), 500_000);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
    assert_eq!(ran(&world), [""; 0], "nothing was lost");
}

/// Resolves a tool that pip provides, with a Python that would succeed.
fn update_of_a_wheel(world: &World) -> Result<Vec<toolchain::Change>> {
    let lock = "version = 1\n[tool.python]\nprovider = \"external\"\n\
                programs = { python3 = \"true\" }\n[tool.x]\nprovider = \"pip\"\n\
                package = \"x\"\nversion = \"1\"\nneeds = [\"python\"]\n\
                programs = { x = \"x\" }\n";
    world.write("toolchains.lock", lock);
    let cache = Cache::at(&world.cache()).unwrap();
    toolchain::update(&world.root(), &cache, &Ui::new(true, 0), &[])
}

#[test]
fn a_read_only_cache_serves_what_it_has() {
    let Some(world) = mounted("a_read_only_cache_serves_what_it_has") else { return };
    set(&world, 0);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
    ran(&world);
    mounts::set_read_only(&world.cache(), true);
    let output = work(&world);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let root = world.cache().join("v2").display().to_string();
    let warning = format!("warning: {root} cannot be written: only what is there is used\n");
    assert_eq!(said, warning, "once, and nothing else");
    assert_eq!(ran(&world), [""; 0]);

    let cache = Cache::at(&world.cache()).unwrap();
    let nothing = Limits { age: Duration::ZERO, bytes: 0 };
    let would = cache.collect(nothing, true).unwrap();
    assert!(would.iter().map(|r| r.items).sum::<usize>() > 5, "{would:?}");
    check_fails(cache.collect(nothing, false), &["cannot be written"], "WASRISC_CACHE_DIR");
    check_fails(cache.lock("any", || {}), &["cannot lock ", &root], "WASRISC_CACHE_DIR");
    let log = ["cannot write ", "/logs/toolchain-pip-x-resolve.log", "Read-only file system"];
    check_fails(update_of_a_wheel(&world), &log, "WASRISC_CACHE_DIR");
    drop(cache);

    set(&world, 1);
    let parts = ["step `large` is not in the cache, and ", &root, " cannot be written"];
    check_fails(world.run(&steps()[3..4], false).all(), &parts, "WASRISC_CACHE_DIR");
    mounts::set_read_only(&world.cache(), false);
    check_built(&world, &world.run(&steps(), false).all().unwrap());
}
