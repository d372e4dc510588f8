/* The entry of a RISC-V process: leaves the kernel's stack for the guest's. */
    .globl _start
    .section .text.start, "ax"
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    mv a0, sp
    la sp, wasrisc_stack_end
    tail wasrisc_machine_start
