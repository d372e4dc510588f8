# Writes its own code, the same bytes, in each of 50 rounds: QEMU translates
# the rounds' code again and again.
# 4 + 50 * (3 + 4) + 3; the 4 behind fence.i are a block of their own
        .globl _start
        .section .rewritten, "awx", @progbits
_start: li      s0, 50
        lla     s1, again       # two instructions
        lw      s2, 0(s1)
1:      nop
        sw      s2, 0(s1)
        fence.i
        .option norvc
again:  nop
        nop
        addi    s0, s0, -1
        bnez    s0, 1b
        li      a0, 0
        li      a7, 93          # exit
        ecall
