/* The entry of an x86-64 process: leaves the kernel's stack for the guest's. */
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    movq %rsp, %rdi
    leaq wasrisc_stack_end(%rip), %rsp
    xorl %ebp, %ebp
    call wasrisc_machine_start
    .size _start, . - _start
