/* Puts the precompiled module into the executable as it is, so that nothing is
   copied at start-up and a pc means the same byte of it in every run. The file
   is looked for in the directories given by -Wa,-I. The section is executable
   because the module is an ELF file with code inside; the runtime neither writes
   to it nor changes its protection. */
    .section .wasrisc.module, "ax", %progbits
    .balign 4096
    .globl wasrisc_module_start
    .type wasrisc_module_start, %object
wasrisc_module_start:
    .incbin "module.cwasm"
    .globl wasrisc_module_end
    .type wasrisc_module_end, %object
wasrisc_module_end:
    .section .note.GNU-stack, "", %progbits
