# A counted loop and nothing else.
# 1 + 2 * 1000 + 3 instructions
        .globl _start
_start: li      t0, 1000
1:      addi    t0, t0, -1
        bnez    t0, 1b
        li      a0, 0
        li      a7, 93          # exit
        ecall
