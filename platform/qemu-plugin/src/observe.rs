//! What QEMU calls in detail mode, beyond what it calls in block mode.

use crate::announce::{Announced, Announcements};
use crate::api::{self, CbFlags, Insn, MemRw, VcpuMemCb};
use crate::decode::{Access, Decoded};
use crate::detail::{Code, Place};
use crate::marker::Target;
use crate::output::Detail;
use crate::stack::Stack;
use std::ffi::{c_uint, c_void};

/// Apart from [`Observer`] so that the callbacks need no initialised-check.
static STACK: Stack = Stack::new();
static ANNOUNCEMENTS: Announcements = Announcements::new();

/// Collects the detail of one process.
pub struct Observer {
    pub code: Code,
    target: Target,
}

/// An instruction that has to be observed.
pub struct Observed<'a> {
    pub handle: *mut Insn,
    pub address: u64,
    pub bytes: &'a [u8],
    /// None on a target whose instructions are not decoded.
    pub decoded: Option<Decoded>,
}

impl Observer {
    pub fn new(target: Target) -> Observer {
        STACK.limit(process_stack_bytes());
        Observer { code: Code::default(), target }
    }

    /// Has the accesses of an instruction that is being translated told.
    pub fn watch(&self, instruction: &Observed) {
        if let Some(announced) = self.target.announced(instruction.bytes) {
            let code = std::ptr::without_provenance_mut(announced.code());
            register(instruction.handle, on_announcement, code);
        }
        let Some(access) = instruction.decoded.and_then(|decoded| decoded.access) else { return };
        let callback: VcpuMemCb = match access {
            Access { from_sp: Some(_), .. } => on_stack_access,
            Access { store: true, .. } => on_store,
            // Never misaligned.
            Access { bytes: 1, .. } => return,
            _ => on_load,
        };
        let place = std::ptr::from_ref(self.code.place(instruction.address, access));
        register(instruction.handle, callback, place.cast_mut().cast());
    }

    /// All that was observed.
    pub fn detail(&self) -> Detail {
        let decoded = self.target.decodes();
        Detail {
            mix: decoded.then(|| self.code.mix()),
            misaligned: decoded.then(|| self.code.misaligned()),
            linear_memory: ANNOUNCEMENTS.linear_memory(),
            // Nobody has told what was used of a stack that was announced.
            stack: STACK.peak().filter(|_| decoded),
        }
    }
}

fn register(insn: *mut Insn, callback: VcpuMemCb, userdata: *mut c_void) {
    // Safety: the handle comes from QEMU in the translation callback that is
    // still running.
    unsafe {
        api::qemu_plugin_register_vcpu_mem_cb(
            insn,
            callback,
            CbFlags::NoRegs,
            MemRw::ReadsAndWrites,
            userdata,
        );
    }
}

/// Bytes that QEMU's user mode gives the stack of a process: RLIMIT_STACK, but
/// no less than 8 MiB, and that where there is no limit (linux-user/main.c).
fn process_stack_bytes() -> u64 {
    const LEAST: u64 = 8 << 20;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // Safety: the structure is of the type that the call fills.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } != 0;
    if failed || limit.rlim_cur == libc::RLIM_INFINITY {
        return LEAST;
    }
    limit.rlim_cur.max(LEAST)
}

extern "C" fn on_announcement(_: c_uint, _: u32, address: u64, code: *mut c_void) {
    if let Some(announced) = Announced::by_code(code.addr()) {
        ANNOUNCEMENTS.hear(announced, address, &STACK);
    }
}

extern "C" fn on_load(_: c_uint, _: u32, address: u64, place: *mut c_void) {
    // Safety: `watch` made it of a place that lives as long as the process.
    unsafe { &*place.cast::<Place>() }.accessed(address);
}

extern "C" fn on_store(_: c_uint, _: u32, address: u64, place: *mut c_void) {
    // Safety: as above.
    unsafe { &*place.cast::<Place>() }.accessed(address);
    STACK.used(address);
}

extern "C" fn on_stack_access(_: c_uint, _: u32, address: u64, place: *mut c_void) {
    // Safety: as above.
    let place = unsafe { &*place.cast::<Place>() };
    place.accessed(address);
    let distance = i64::from(place.access.from_sp.unwrap_or(0));
    STACK.pointed(address.wrapping_add_signed(-distance), place.access);
    if place.access.store {
        STACK.used(address);
    }
}
