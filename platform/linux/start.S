/* The entry of a RISC-V process: leaves the kernel's stack for the guest's. */
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    mv a0, sp
    la sp, wasrisc_stack_end
    tail wasrisc_machine_start
    .size _start, . - _start
