//! The part of QEMU's TCG plugin interface that the counter uses, version 1 as
//! QEMU 7.2 has it.
//!
//! No header is packaged, so the prototypes are declared here after the
//! interface's description: `include/qemu/qemu-plugin.h` (the comments of each
//! function) and `docs/devel/tcg-plugins.rst` of QEMU 7.2. The functions stay
//! undefined in the library and are found in the QEMU that loads it.

use std::ffi::{c_char, c_int, c_uint, c_void};

/// The version of the interface that `qemu_plugin_version` announces.
pub const VERSION: c_int = 1;

/// `enum qemu_plugin_mem_rw`: which accesses of an instruction are told.
#[repr(C)]
pub enum MemRw {
    /// `QEMU_PLUGIN_MEM_RW`: all.
    ReadsAndWrites = 3,
}

/// `qemu_plugin_id_t`: QEMU's name for one loaded plugin.
pub type Id = u64;

/// `struct qemu_plugin_tb`: a block being translated, valid during the callback.
#[repr(C)]
pub struct Tb {
    opaque: [u8; 0],
}

/// `struct qemu_plugin_insn`: one instruction of a [`Tb`], valid as long.
#[repr(C)]
pub struct Insn {
    opaque: [u8; 0],
}

/// The head of `qemu_info_t`, as far as the counter reads it.
#[repr(C)]
pub struct Info {
    /// Architecture of the guest, such as `riscv64`.
    pub target_name: *const c_char,
    pub version_min: c_int,
    pub version_cur: c_int,
    pub system_emulation: bool,
}

/// `enum qemu_plugin_cb_flags`: what a callback does with guest registers.
#[repr(C)]
pub enum CbFlags {
    /// `QEMU_PLUGIN_CB_NO_REGS`: neither reads nor writes them.
    NoRegs = 0,
}

/// `qemu_plugin_udata_cb_t`
pub type UdataCb = extern "C" fn(id: Id, userdata: *mut c_void);
/// `qemu_plugin_vcpu_simple_cb_t`
pub type VcpuSimpleCb = extern "C" fn(id: Id, vcpu_index: c_uint);
/// `qemu_plugin_vcpu_udata_cb_t`
pub type VcpuUdataCb = extern "C" fn(vcpu_index: c_uint, userdata: *mut c_void);
/// `qemu_plugin_vcpu_tb_trans_cb_t`
pub type TbTransCb = extern "C" fn(id: Id, tb: *mut Tb);
/// `qemu_plugin_vcpu_mem_cb_t`; `info` is a `qemu_plugin_meminfo_t`.
pub type VcpuMemCb =
    extern "C" fn(vcpu_index: c_uint, info: u32, vaddr: u64, userdata: *mut c_void);

extern "C" {
    pub fn qemu_plugin_register_vcpu_init_cb(id: Id, cb: VcpuSimpleCb);
    pub fn qemu_plugin_register_vcpu_tb_trans_cb(id: Id, cb: TbTransCb);
    pub fn qemu_plugin_register_atexit_cb(id: Id, cb: UdataCb, userdata: *mut c_void);

    /// Calls `cb` each time the block is entered, before its first instruction.
    pub fn qemu_plugin_register_vcpu_tb_exec_cb(
        tb: *mut Tb,
        cb: VcpuUdataCb,
        flags: CbFlags,
        userdata: *mut c_void,
    );
    /// Calls `cb` each time the instruction is about to execute.
    pub fn qemu_plugin_register_vcpu_insn_exec_cb(
        insn: *mut Insn,
        cb: VcpuUdataCb,
        flags: CbFlags,
        userdata: *mut c_void,
    );
    /// Calls `cb` after each access of the instruction to memory, with the
    /// address.
    pub fn qemu_plugin_register_vcpu_mem_cb(
        insn: *mut Insn,
        cb: VcpuMemCb,
        flags: CbFlags,
        rw: MemRw,
        userdata: *mut c_void,
    );

    pub fn qemu_plugin_tb_n_insns(tb: *const Tb) -> usize;
    pub fn qemu_plugin_tb_get_insn(tb: *const Tb, index: usize) -> *mut Insn;
    /// The instruction's bytes in memory order, [`qemu_plugin_insn_size`] of them.
    pub fn qemu_plugin_insn_data(insn: *const Insn) -> *const c_void;
    pub fn qemu_plugin_insn_size(insn: *const Insn) -> usize;
    pub fn qemu_plugin_insn_vaddr(insn: *const Insn) -> u64;

    /// Where the executable's code was loaded (0 for a whole machine). Only to
    /// be called on a thread that is translating or executing guest code.
    pub fn qemu_plugin_start_code() -> u64;
}
