//! The guest's files as an object of its ELF (platform/wasi, "The file system").

use anyhow::Result;

use super::{compile, Target};
use crate::cargo_step;
use crate::graph::plan::Plan;
use crate::graph::step::{Made, Step};
use crate::guest::files::Files;
use crate::guest::manifest::Guest;

/// Adds the steps from the folder to an object; a guest without `files` has none.
pub fn add(plan: &mut Plan, target: &Target) -> Result<Option<Made>> {
    let Some(files) = &target.guest.files else { return Ok(None) };
    let (guest, compiler, isa) =
        (&target.guest.name, target.row.compiler, target.platform.machine.isa);
    let packed = pack(plan, target.guest, files)?;
    let kind = format!("{}-{}", compiler.name(), isa.name());
    let to = format!("{guest}.files.{kind}.o");
    let name = format!("{guest}/wasrisc-files-{kind}");
    let step =
        compile::assembler(Step::new(name, format!("{guest}.files.bin"), &to), compiler, isa)
            .input("assembly", packed.assembly.input())
            .input("image", packed.image.input())
            .args(["-Wa,-I{dir:image}", "-c", "{in:assembly}", "-o", "{out:object}"])
            .output("object", "files.o");
    let object = step.made("object");
    plan.add(step)?;
    Ok(Some(object))
}

/// An image, and the assembly that includes it.
struct Packed {
    image: Made,
    assembly: Made,
}

fn pack(plan: &mut Plan, guest: &Guest, files: &Files) -> Result<Packed> {
    let packer = cargo_step::tool(plan, "wasrisc-pack-files", "wasrisc-wasi", "platform/wasi")?;
    let name = &guest.name;
    let (from, image) = (format!("guests/{name}"), format!("{name}.files.bin"));
    let mut step = Step::new(format!("{name}/wasrisc-pack-files"), from, image)
        .input("packer", packer.input())
        .args(["{in:packer}", "--output", "{out:image}"])
        .output("image", "files.bin")
        .output("assembly", "files.bin.s");
    for (file, path) in files.entries(&guest.dir)? {
        let input = format!("files/{file}");
        step = step.args(["--file", &file, &format!("{{in:{input}}}")]).file(&input, path);
    }
    let packed = Packed { image: step.made("image"), assembly: step.made("assembly") };
    plan.add(step)?;
    Ok(packed)
}
