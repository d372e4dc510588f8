# A runtime that announces the stack it moves to and a memory that grows. The
# stack pointer goes 96 below the announced stack's top, a store without it 160;
# what is used of the process's own stack before and of the memory is not in it.
# stack 160, memory 2 * 65536
        .globl _start
_start: ld      a0, 0(sp)
        sd      a0, -2048(sp)
        lla     a0, stack
        lla     a1, top
        lbu     x0, 0(a0)       # no announcement
        addi    a2, a0, -0x575
        lbu     x0, 0x575(a2)   # the lowest byte of the stack
        addi    a2, a1, -1 - 0x576
        lbu     x0, 0x576(a2)   # its highest
        mv      sp, a1
        addi    sp, sp, -96
        sd      x0, 8(sp)
        addi    a2, sp, -64
        sd      x0, 0(a2)
        lla     s1, memory
        li      s2, 65536
        addi    a2, s1, -0x573
        lbu     x0, 0x573(a2)   # the first byte of the memory
        add     a3, s1, s2
        addi    a2, a3, -1 - 0x574
        lbu     x0, 0x574(a2)   # its last
        add     a3, a3, s2
        addi    a2, a3, -1 - 0x574
        lbu     x0, 0x574(a2)   # its last, grown
        sd      x0, 0(s1)
        li      a0, 0
        li      a7, 93          # exit
        ecall

        .bss
        .balign 4096
memory: .skip   2 * 65536
stack:  .skip   4096
top:
