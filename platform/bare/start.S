/* The entry of a bare RISC-V machine in M-mode, and where it goes at a fault.
 * Everything beyond RV64IM is in this file: CSRs, and the ebreak that calls the
 * debugger. RAM is zero at reset, so .bss is. */
    .option arch, +zicsr
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, wasrisc_stack_end
#ifdef LINEAR_BASE
    li tp, LINEAR_BASE
#endif
    la t0, faulted
    csrw mtvec, t0
    /* The guard below the stack, [pmpaddr0, pmpaddr1): no access, M-mode
     * included, until the next reset. */
    la t0, wasrisc_guard_lowest
    srli t0, t0, 2
    csrw pmpaddr0, t0
    la t0, wasrisc_stack_lowest
    srli t0, t0, 2
    csrw pmpaddr1, t0
    /* The guard below virt's linear memory, [0xff000000, 0x100000000): a stack
     * that a module has at its memory's start ends there. */
    li t0, 0x3fdfffff
    csrw pmpaddr2, t0
    li t0, 0x988800
    csrw pmpcfg0, t0
    /* QEMU takes entries 8 to 15 for the byte at address 0 until they have been
     * written, and refuses wider accesses there. */
    csrw pmpcfg2, zero
    tail wasrisc_machine_start
    .size _start, . - _start

    .type faulted, @function
    .balign 4
faulted:
    la sp, wasrisc_fault_stack_end
    la t0, faulted_again
    csrw mtvec, t0
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    tail wasrisc_machine_faulted
    .size faulted, . - faulted

    /* Something is wrong that no message can be given about. */
    .type faulted_again, @function
    .balign 4
faulted_again:
    la sp, wasrisc_fault_stack_end
    li a0, 134
    tail wasrisc_machine_exit
    .size faulted_again, . - faulted_again

    /* long wasrisc_semihosting(long operation, const void *block): an ebreak
     * between two NOPs that say so, all three in one page. */
    .globl wasrisc_semihosting
    .type wasrisc_semihosting, @function
    .balign 16
wasrisc_semihosting:
    slli zero, zero, 0x1f
    ebreak
    srai zero, zero, 7
    ret
    .size wasrisc_semihosting, . - wasrisc_semihosting

    .section .bss.fault_stack, "aw", @nobits
    .balign 16
    .skip 4096
wasrisc_fault_stack_end:
