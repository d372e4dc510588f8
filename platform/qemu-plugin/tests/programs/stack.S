# The process's own stack: 100 nested frames of 48 bytes, below them a frame of
# 272 bytes whose lowest is written, not by way of the stack pointer.
# peak 100 * 48 + 272
        .globl _start
_start: ld      a0, 0(sp)       # the number of arguments
        li      s1, 100
        jal     nest
        li      a0, 0
        li      a7, 93          # exit
        ecall

nest:   addi    sp, sp, -48
        sd      ra, 40(sp)
        addi    s1, s1, -1
        beqz    s1, 1f
        jal     nest
        j       2f
1:      addi    sp, sp, -272
        mv      a0, sp
        sd      x0, 0(a0)
        addi    sp, sp, 272
2:      ld      ra, 40(sp)
        addi    sp, sp, 48
        ret
