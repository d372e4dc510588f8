//! What QEMU calls: installation, translation, execution, exit.

use crate::api::{self, CbFlags, Id, Info, Insn, Tb, VcpuUdataCb};
use crate::args::{self, Args, Mode};
use crate::counter::{Counters, MarkerAt, Phases};
use crate::decode::decode;
use crate::detail::Stretch;
use crate::marker::{Marker, Target};
use crate::observe::{Observed, Observer};
use crate::output::{self, Counts};
use crate::profile::{Block, Place, Profile};
use std::ffi::{c_char, c_int, c_uint, c_void, CStr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

/// Read by QEMU before anything else.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static qemu_plugin_version: c_int = api::VERSION;

/// Apart from [`PLUGIN`] so that the callback needs no initialised-check.
static COUNTERS: Counters = Counters::new();
static VCPUS: AtomicU64 = AtomicU64::new(0);
static PLUGIN: OnceLock<Plugin> = OnceLock::new();

struct Plugin {
    args: Args,
    target: Target,
    /// The process that was started, as opposed to one that the guest forked.
    process: u32,
    start_code: OnceLock<u64>,
    phases: Mutex<Phases>,
    profile: Profile,
    /// In detail mode.
    observer: Option<Observer>,
}

/// Called by QEMU once, before the guest exists. Non-zero makes QEMU stop.
///
/// # Safety
///
/// `info` and the `argc` strings at `argv` must be as QEMU passes them.
#[no_mangle]
pub unsafe extern "C" fn qemu_plugin_install(
    id: Id,
    info: *const Info,
    argc: c_int,
    argv: *const *const c_char,
) -> c_int {
    let target = CStr::from_ptr((*info).target_name).to_string_lossy();
    let args: Vec<_> =
        (0..argc as usize).map(|i| CStr::from_ptr(*argv.add(i)).to_string_lossy()).collect();
    let plugin = match configure(&target, args.iter().map(|arg| arg.as_ref())) {
        Ok(plugin) => plugin,
        Err(reason) => return refuse(&reason),
    };
    if PLUGIN.set(plugin).is_err() {
        return refuse("loaded twice, load it once");
    }
    api::qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
    api::qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    api::qemu_plugin_register_atexit_cb(id, on_exit, std::ptr::null_mut());
    0
}

fn refuse(reason: &str) -> c_int {
    eprintln!("wasrisc-counter: {reason}");
    1
}

fn configure<'a>(target: &str, args: impl Iterator<Item = &'a str>) -> Result<Plugin, String> {
    let mut args = args::parse(args)?;
    let target = Target::by_name(target)
        .ok_or_else(|| format!("unknown target `{target}`, expected riscv64 or x86_64"))?;
    args.out = output::prepare(&args.out)?;
    let observer = (args.mode == Mode::Detail).then(|| Observer::new(target));
    Ok(Plugin {
        args,
        target,
        process: std::process::id(),
        start_code: OnceLock::new(),
        phases: Mutex::new(Phases::new()),
        profile: Profile::default(),
        observer,
    })
}

extern "C" fn on_vcpu(_: Id, _: c_uint) {
    VCPUS.fetch_add(1, Relaxed);
}

/// One instruction of a block being translated.
struct Instruction<'tb> {
    handle: *mut Insn,
    address: u64,
    bytes: &'tb [u8],
    marker: Option<Marker>,
}

/// The event at which a stretch of instructions is counted.
#[derive(Clone, Copy)]
enum Event {
    Entry(*mut Tb),
    Execution(*mut Insn),
}

impl Event {
    fn call(self, callback: VcpuUdataCb, userdata: *mut c_void) {
        // Safety: the handles come from QEMU in the translation callback that
        // is still running.
        unsafe {
            match self {
                Event::Entry(tb) => api::qemu_plugin_register_vcpu_tb_exec_cb(
                    tb,
                    callback,
                    CbFlags::NoRegs,
                    userdata,
                ),
                Event::Execution(insn) => api::qemu_plugin_register_vcpu_insn_exec_cb(
                    insn,
                    callback,
                    CbFlags::NoRegs,
                    userdata,
                ),
            }
        }
    }
}

extern "C" fn on_translation(_: Id, tb: *mut Tb) {
    let Some(plugin) = PLUGIN.get() else { return };
    // Safety: this thread is translating.
    plugin.start_code.get_or_init(|| unsafe { api::qemu_plugin_start_code() });
    let instructions = instructions(plugin.target, tb);
    let Some(last) = instructions.last() else {
        return;
    };
    // QEMU drops the callback of an instruction that it takes back, so the
    // last one, where it may be, is a stretch of its own.
    let alone = instructions.len() > 1 && plugin.target.may_take_back(last.address);
    let (head, tail) = instructions.split_at(instructions.len() - usize::from(alone));
    plugin.count_block(head, Event::Entry(tb));
    if let [last] = tail {
        plugin.count_block(tail, Event::Execution(last.handle));
    }
}

fn instructions<'tb>(target: Target, tb: *const Tb) -> Vec<Instruction<'tb>> {
    // Safety: QEMU's block, valid during the callback that we are in; the index
    // is below its number of instructions, the slice as long as QEMU says.
    let instruction = |index| unsafe {
        let handle = api::qemu_plugin_tb_get_insn(tb, index);
        let size = api::qemu_plugin_insn_size(handle);
        let data = api::qemu_plugin_insn_data(handle).cast::<u8>();
        let bytes = std::slice::from_raw_parts(data, size);
        let address = api::qemu_plugin_insn_vaddr(handle);
        Instruction { handle, address, bytes, marker: target.marker(bytes) }
    };
    let count = unsafe { api::qemu_plugin_tb_n_insns(tb) };
    (0..count).map(instruction).collect()
}

impl Plugin {
    fn count_block(&self, block: &[Instruction], event: Event) {
        if let Some(observer) = &self.observer {
            return self.observe_block(observer, block, event);
        }
        let profiled = self.args.profile.then(|| self.profiled(block));
        match (self.args.mode, profiled) {
            (Mode::Block | Mode::Detail, None) => count_stretch(block, event),
            (Mode::Block | Mode::Detail, Some(userdata)) => {
                event.call(on_profiled_stretch, userdata);
                count_markers(block);
            }
            (Mode::Exact, profiled) => {
                if let Some(userdata) = profiled {
                    event.call(on_profiled, userdata);
                }
                for one in block.chunks(1) {
                    count_stretch(one, Event::Execution(one[0].handle));
                }
            }
        }
    }

    /// Counts as in block mode, and has told what the instructions access.
    fn observe_block(&self, observer: &Observer, block: &[Instruction], event: Event) {
        let decoded: Vec<_> = block.iter().map(|insn| decode(insn.bytes)).collect();
        let decoded = self.target.decodes().then_some(decoded);
        match &decoded {
            Some(decoded) => {
                let stretch = std::ptr::from_ref(observer.code.stretch(decoded));
                event.call(on_observed_stretch, stretch.cast_mut().cast());
                count_markers(block);
            }
            None => count_stretch(block, event),
        }
        for (index, &Instruction { handle, address, bytes, .. }) in block.iter().enumerate() {
            let decoded = decoded.as_ref().map(|all| all[index]);
            observer.watch(&Observed { handle, address, bytes, decoded });
        }
    }

    fn profiled(&self, block: &[Instruction]) -> *mut c_void {
        let block = self.profile.block(Place {
            pc: block[0].address,
            length: block.len() as u32,
            bytes: block.iter().map(|insn| insn.bytes.len() as u64).sum(),
        });
        std::ptr::from_ref(block).cast_mut().cast()
    }

    fn counts(&self) -> Counts {
        let total = COUNTERS.sum();
        let phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        Counts {
            mode: self.args.mode,
            total,
            vcpus: VCPUS.load(Relaxed),
            start_code: self.start_code.get().copied().unwrap_or(0),
            phases: phases.lengths(total),
            profile: self.args.profile.then(|| self.profile.executions()),
            detail: self.observer.as_ref().map(Observer::detail),
        }
    }
}

/// Has the stretch counted whole at the event.
fn count_stretch(stretch: &[Instruction], event: Event) {
    event.call(on_stretch, std::ptr::without_provenance_mut(stretch.len()));
    count_markers(stretch);
}

/// Registered after the stretch's own callback: where both are on the same
/// instruction, QEMU calls them in order of registration.
fn count_markers(stretch: &[Instruction]) {
    for (index, instruction) in stretch.iter().enumerate() {
        if let Some(marker) = instruction.marker {
            let ahead = (stretch.len() - index) as u32;
            let at = MarkerAt { marker, ahead }.to_bits();
            let userdata = std::ptr::without_provenance_mut(at);
            Event::Execution(instruction.handle).call(on_marker, userdata);
        }
    }
}

/// The one that costs: called at every block.
extern "C" fn on_stretch(vcpu: c_uint, length: *mut c_void) {
    COUNTERS.add(vcpu, length.addr() as u64);
}

extern "C" fn on_profiled_stretch(vcpu: c_uint, block: *mut c_void) {
    // Safety: `profiled` made it of a block that lives as long as the process.
    let block = unsafe { &*block.cast::<Block>() };
    COUNTERS.add(vcpu, block.place.length.into());
    block.executed();
}

extern "C" fn on_observed_stretch(vcpu: c_uint, stretch: *mut c_void) {
    // Safety: `observe_block` made it of a stretch that lives as long as the
    // process.
    let stretch = unsafe { &*stretch.cast::<Stretch>() };
    COUNTERS.add(vcpu, stretch.length.into());
    stretch.executed();
}

extern "C" fn on_profiled(_: c_uint, block: *mut c_void) {
    // Safety: as above.
    unsafe { &*block.cast::<Block>() }.executed();
}

extern "C" fn on_marker(_: c_uint, at: *mut c_void) {
    let Some(plugin) = PLUGIN.get() else { return };
    let at = MarkerAt::from_bits(at.addr());
    let mut phases = plugin.phases.lock().unwrap_or_else(PoisonError::into_inner);
    phases.begin(at.marker, COUNTERS.sum() - u64::from(at.ahead));
}

/// QEMU has stopped the other vCPUs and discarded all translated code before;
/// what they execute from here on is not counted.
extern "C" fn on_exit(_: Id, _: *mut c_void) {
    static WRITTEN: Once = Once::new();
    let Some(plugin) = PLUGIN.get() else { return };
    if plugin.process != std::process::id() {
        return;
    }
    // Two threads may call exit_group at once; the second waits here, as its
    // return would end the process before the first has written.
    WRITTEN.call_once(|| {
        if let Err(reason) = output::write(&plugin.args.out, &plugin.counts().to_json()) {
            eprintln!("wasrisc-counter: {reason}");
        }
    });
}
