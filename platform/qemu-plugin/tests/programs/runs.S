# 100 runs, run k (from 1) with k rounds of work.
# startup 2, run k: 2 + 2 * k + 2, exit 4
        .globl _start
_start: li      s0, 100
        li      s1, 1
1:      slti    x0, x0, 0x571
        mv      t0, s1
2:      addi    t0, t0, -1
        bnez    t0, 2b
        addi    s1, s1, 1
        ble     s1, s0, 1b
        slti    x0, x0, 0x572
        li      a0, 0
        li      a7, 93          # exit
        ecall
