# Markers at the start, in the middle and at the end of straight-line code: one
# block of QEMU's, several phases.
# startup 3, run 1, run 2, run 4, exit 5 (the markers are in what they begin)
        .globl _start
_start: nop
        nop
        nop
        slti    x0, x0, 0x571
        slti    x0, x0, 0x571
        nop
        slti    x0, x0, 0x571
        nop
        nop
        nop
        slti    x0, x0, 0x572
        slti    x0, x0, 0x571   # exit lasts to the end
        li      a0, 0
        li      a7, 93          # exit
        ecall
