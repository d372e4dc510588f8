//! The lock against an archive that changes: Debian packages and wheels from a
//! server on loopback, installed into a system of the test's own.

mod server;
mod world;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use world::{is_root, sha256, tools_are_here, World, SUDO};

#[test]
fn what_the_archive_has_as_locked_is_installed() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    assert_eq!(world.row("fake")["state"], "missing");
    let told = world.xtask(&["toolchain", "sync", "--locked", "--json"]);
    told.check(0, &["Tools fake, wheel: 1 MB to download", "Installing wr-fake"]);
    let rows: Vec<Value> = serde_json::from_str(&told.stdout).unwrap();
    let states: Vec<_> = rows.iter().map(|row| (&row["tool"], &row["state"])).collect();
    assert_eq!(states, [(&json!("fake"), &json!("ok")), (&json!("wheel"), &json!("ok"))]);
    world.xtask(&["toolchain", "check"]).check(0, &[]);
    let wheel = world.path("served/simple/wr-wheel/wr_wheel-1.0.1-py3-none-any.whl");
    assert_eq!(world.in_cache(), [sha256(&wheel)]);
}

#[test]
fn a_package_that_left_the_archive_is_refused_or_said() {
    if !tools_are_here() {
        return;
    }
    for (package, now) in [
        ("wr-fake", [("wr-fake", "2", "wr-lib"), ("wr-lib", "1", "")]),
        ("wr-lib", [("wr-fake", "1", "wr-lib"), ("wr-lib", "2", "")]),
    ] {
        let world = World::new();
        world.xtask(&["toolchain", "update"]).check(0, &[]);
        world.debian(&now);
        let locked = world.xtask(&["toolchain", "sync", "--locked", "fake"]);
        let message = format!("no longer in Debian's archive as locked: {package} 1 -> 2");
        locked.check(4, &[&message, "`cargo xtask toolchain update fake`", "snapshot"]);
        assert_eq!(world.installed(), []);

        let warning = format!("warning: {package} 1 -> 2: the locked version has left");
        world.xtask(&["toolchain", "sync", "fake"]).check(0, &[&warning]);
        let row = world.row("fake");
        let drift = json!([{ "package": package, "locked": "1", "found": "2" }]);
        assert_eq!((&row["state"], &row["drift"]), (&json!("drift"), &drift));
        let version = if package == "wr-fake" { "2" } else { "1" };
        assert_eq!(row["found"], version);
        world.xtask(&["toolchain", "check"]).check(4, &[]);

        let told = world.xtask(&["toolchain", "update", "fake"]);
        told.check(0, &[]);
        let row = format!("fake  {package:7}  1 -> 2");
        assert!(told.stdout.lines().any(|line| line == row), "{}", told.stdout);
        assert_eq!(world.row("fake")["state"], "ok");
    }
}

#[test]
fn what_the_machine_had_before_is_drift_until_a_locked_sync() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.install("wr-lib", "0.9");
    let warning = "warning: not as locked, which the report says: wr-lib 1 -> 0.9";
    world.xtask(&["toolchain", "sync", "fake"]).check(0, &[warning]);
    assert_eq!(world.row("fake")["state"], "drift");
    world.xtask(&["toolchain", "sync", "fake", "--locked"]).check(0, &["Installing wr-lib"]);
    assert_eq!(world.row("fake")["state"], "ok");

    world.install("wr-lib", "3");
    let newer = ["newer packages than the lock", "--allow-downgrades wr-lib=1"];
    world.xtask(&["toolchain", "sync", "fake", "--locked"]).check(4, &newer);
}

#[test]
fn a_package_with_another_hash_is_refused() {
    if !tools_are_here() {
        return;
    }
    let check = |tamper: fn(&World)| {
        let world = World::new();
        let deb = world.path("served/deb/wr-fake_1_all.deb");
        let expected = sha256(&deb);
        tamper(&world);
        let told = world.xtask(&["toolchain", "sync", "fake"]);
        let found = sha256(&deb);
        assert_ne!(found, expected);
        let refused = "refused wr-fake_1_all.deb from http://127.0.0.1:";
        let hashes = format!("its sha256 is {found}, the lock has {expected}");
        told.check(4, &[refused, &hashes, "nothing was installed"]);
        assert_eq!((world.installed(), world.in_cache()), (vec![], vec![]));
    };
    // The file is another one than the archive itself says.
    check(|world| {
        let deb = world.path("served/deb/wr-fake_1_all.deb");
        let mut bytes = std::fs::read(&deb).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&deb, bytes).unwrap();
    });
    // The archive says what it has; it is not what was locked.
    check(|world| world.debian(&[("wr-fake", "1", "wr-lib, wr-lib"), ("wr-lib", "1", "")]));
}

#[test]
fn a_wheel_with_another_hash_is_refused() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    let file = world.path("served/simple/wr-wheel/wr_wheel-1.0.1-py3-none-any.whl");
    let expected = sha256(&file);
    world.wheel("1.0.1", "another program");
    let told = world.xtask(&["toolchain", "sync", "wheel"]);
    let refused = "refused wr_wheel-1.0.1-py3-none-any.whl from http://127.0.0.1:";
    let hashes = format!("its sha256 is {}, the lock has {expected}", sha256(&file));
    told.check(4, &[refused, &hashes]);
    assert_eq!(world.in_cache(), Vec::<String>::new());
}

#[test]
fn a_wheel_that_left_its_index_is_refused_or_stood_in_for() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.wheel("1.0.2", "a later program");
    let locked = world.xtask(&["toolchain", "sync", "--locked", "wheel"]);
    let gone = "wr-wheel 1.0.1 has left its index, which has 1.0.2";
    locked.check(4, &[gone, "`cargo xtask toolchain update wheel`"]);
    assert_eq!(world.in_cache(), Vec::<String>::new());

    let warning = "warning: wr-wheel 1.0.1 -> 1.0.2: the locked version has left its index";
    world.xtask(&["toolchain", "sync", "wheel"]).check(0, &[warning]);
    let row = world.row("wheel");
    let drift = json!([{ "package": "wr-wheel", "locked": "1.0.1", "found": "1.0.2" }]);
    assert_eq!((&row["found"], &row["drift"]), (&json!("1.0.2"), &drift));

    // It is back: with --locked it is taken, and what stood in is not used.
    world.wheel("1.0.1", "a program");
    world.xtask(&["toolchain", "sync", "--locked", "wheel"]).check(0, &[]);
    assert_eq!(world.row("wheel")["state"], "ok");

    // Another series is no stand-in.
    let world = World::new();
    world.wheel("1.1.0", "a program");
    world.xtask(&["toolchain", "sync", "wheel"]).check(4, &["which has 1.1.0"]);
}

#[test]
fn a_server_that_is_gone_is_named_with_the_log() {
    if !tools_are_here() {
        return;
    }
    let mut world = World::new();
    world.stop();
    for (tool, log) in [("fake", "toolchain-apt.log"), ("wheel", "toolchain-pip-wr-wheel.log")] {
        let told = world.xtask(&["toolchain", "sync", tool]);
        told.check(4, &["Connection refused", "the whole log is ", log]);
        assert!(told.stderr.contains("127.0.0.1"), "{}", told.stderr);
    }
    assert_eq!(world.installed(), []);
}

/// Starts a sync and kills it, and nothing else, when `reached` is there.
fn kill_at(world: &World, args: &[&str], reached: impl Fn() -> bool) {
    let mut child =
        world.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !reached() {
        assert!(started.elapsed() < Duration::from_secs(60), "{args:?} never got there");
        assert!(child.try_wait().unwrap().is_none(), "{args:?} ended before");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_leaves_no_half_wheel() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    let stall = "served/simple/wr-wheel/wr_wheel-1.0.1-py3-none-any.whl.stall";
    world.write(stall, "");
    kill_at(&world, &["toolchain", "sync", "wheel"], || pip_downloads(&world));
    assert_eq!(world.row("wheel")["state"], "missing");
    std::fs::remove_file(world.path(stall)).unwrap();
    world.xtask(&["toolchain", "sync", "wheel"]).check(0, &[]);
    assert_eq!(world.row("wheel")["state"], "ok");
    assert_eq!(world.in_cache().len(), 1);
    assert_eq!(world.names("cache/v2/tmp"), [""; 0], "what was unfinished is gone");
}

#[test]
fn an_installed_wheel_that_was_changed_is_found_and_dropped() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.xtask(&["toolchain", "sync", "wheel"]).check(0, &[]);
    let verify = || world.xtask(&["cache", "verify", "--json"]);
    let verified = |text: &str| serde_json::from_str::<Value>(text).unwrap()["tools"].clone();
    let told = verify();
    told.check(0, &[]);
    assert_eq!(
        (world.row("wheel")["state"].clone(), verified(&told.stdout)),
        (json!("ok"), json!(1))
    );

    let [tree] = world.in_cache().try_into().unwrap();
    world.write(&format!("cache/v2/tools/{tree}/wr_wheel/program"), "a program, and more");
    world.xtask(&["toolchain", "check"]).check(4, &[]);
    let row = world.row("wheel");
    assert_eq!(row["state"], "damaged");
    assert!(row["note"].as_str().unwrap().contains("wr_wheel/program: "), "{row}");
    let told = verify();
    told.check(1, &["damaged tool in the cache, dropped: ", "wr_wheel/program: "]);
    assert_eq!(verified(&told.stdout), 0);
    assert_eq!((world.row("wheel")["state"].clone(), world.in_cache()), (json!("missing"), vec![]));
    world.xtask(&["toolchain", "sync", "wheel"]).check(0, &[]);
    assert_eq!(world.row("wheel")["state"], "ok");
}

/// Whether pip has put something beside its requirements.
fn pip_downloads(world: &World) -> bool {
    let places = world.names("cache/v2/tmp");
    places.iter().any(|name| world.names(&format!("cache/v2/tmp/{name}")).len() > 1)
}

#[test]
fn an_update_is_seen_by_others_and_leaves_nothing() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.wheel("1.0.2", "a later program");
    world.write("served/simple/wr-wheel/wr_wheel-1.0.2-py3-none-any.whl.stall", "");
    let lock = world.read("project/toolchains.lock").replace("\"1.0.1\"", "\"1.0.2\"");
    world.write("project/toolchains.lock", &lock);
    let clear = || {
        let told = world.xtask(&["cache", "clear", "--json"]);
        told.check(0, &[]);
        serde_json::from_str::<Value>(&told.stdout).unwrap()
    };
    let in_use = || {
        let rooms = clear()["rooms"].clone();
        let logs = rooms.as_array().unwrap().iter().find(|r| r["room"] == "logs").cloned();
        logs.is_some_and(|logs| logs["in_use"].as_u64() > Some(0))
    };
    kill_at(&world, &["toolchain", "update", "wheel"], || pip_downloads(&world) && in_use());
    clear();
    assert_eq!(world.in_cache(), [""; 0]);
    assert_eq!(world.names("cache/v2/tmp"), [""; 0]);
}

#[test]
fn an_installation_that_outlives_us_is_waited_for() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.write("apt/stall", "");
    let dpkg_runs = || world.path("apt/started").exists();
    kill_at(&world, &["toolchain", "sync", "fake"], dpkg_runs);
    assert_eq!(world.row("fake")["state"], "missing");
    let mut second = world.command(&["toolchain", "sync", "fake"]);
    let mut second = second.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(second.stderr.take().unwrap()).lines().map(Result::unwrap);
    let waits = lines.find(|line| line.contains("Waiting for another process"));
    std::fs::remove_file(world.path("apt/stall")).unwrap();
    let stderr = lines.collect::<Vec<_>>().join("\n");
    assert!(waits.is_some() && second.wait().unwrap().success(), "{stderr}");
    assert!(!stderr.contains("Installing"), "it was installed meanwhile: {stderr}");
}

#[test]
fn an_interrupted_dpkg_is_finished_first() {
    if !tools_are_here() {
        return;
    }
    let world = World::new();
    world.write("apt/updates/0001", "");
    let told = world.xtask(&["toolchain", "sync", "fake"]);
    told.check(0, &["Finishing an installation that was interrupted"]);
    assert_eq!(world.row("fake")["state"], "ok");
}

#[test]
fn another_user_installs_with_sudo_or_is_told_how() {
    if !tools_are_here() {
        return;
    }
    let mut world = World::new();
    if is_root() {
        let copy = |from: &str, to: &std::path::Path| {
            let done = std::process::Command::new("cp").arg(from).arg(to).status();
            assert!(done.unwrap().success());
        };
        copy(env!("CARGO_BIN_EXE_xtask"), &world.path("bin/xtask"));
        let all = ["-R", "65534:65534"];
        let given = std::process::Command::new("chown").args(all).arg(world.path("")).status();
        assert!(given.unwrap().success());
        world.user = Some(65534);
    } else {
        std::fs::remove_file(world.path("bin/sudo")).unwrap();
    }
    let neither = world.xtask(&["toolchain", "sync", "fake"]);
    let by_hand = "as root: apt-get install --no-install-recommends wr-fake=1";
    neither.check(4, &["needs root or sudo, and neither is here", by_hand]);
    assert_eq!(world.installed(), []);

    world.script("sudo", SUDO);
    world.xtask(&["toolchain", "sync", "fake"]).check(0, &["Installing wr-fake"]);
    assert_eq!(world.row("fake")["state"], "ok");
    assert_eq!(world.in_cache(), Vec::<String>::new());
    let calls = world.read("sudo.log");
    let install = calls.lines().last().unwrap();
    let kept = "-n --preserve-env=APT_CONFIG,DEBIAN_FRONTEND,LC_ALL apt-get";
    assert!(install.starts_with(kept) && install.contains(" install "), "{calls}");
}
