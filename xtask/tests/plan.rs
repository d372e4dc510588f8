//! The plan of the whole matrix, without a toolchain: what would be made from
//! what, for every guest, pipeline and platform.
//!
//! After a change that is meant: `WASRISC_BLESS=1 cargo test -p xtask --test plan`.

mod support;

use support::{project, xtask};

#[test]
fn the_plan_of_the_whole_matrix_is_as_written() {
    let mut plan = String::new();
    for platform in ["linux", "amd64", "virt", "flat"] {
        let mut guests: Vec<String> = std::fs::read_dir(project().join("guests"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.join("guest.toml").is_file())
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        guests.sort();
        if ["virt", "flat"].contains(&platform) {
            // Nothing of these depends on the guest.
            guests.retain(|guest| guest.starts_with("hello_world"));
        }
        let cache = tempfile::tempdir().unwrap();
        let output = xtask()
            .env("WASRISC_CACHE_DIR", cache.path())
            .env("PATH", "")
            .args(["build", "--dry-run", "-p", "all", "--platform", platform])
            .args(&guests)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        plan += &format!("# {platform}\n{}", String::from_utf8(output.stdout).unwrap());
    }
    let path = project().join("xtask/tests/plan.txt");
    if std::env::var_os("WASRISC_BLESS").is_some() {
        std::fs::write(&path, &plan).unwrap();
    }
    assert_eq!(plan, std::fs::read_to_string(&path).unwrap_or_default());
}
