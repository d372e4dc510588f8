# Ten rounds of accesses on and off their alignment.
# Misaligned in each round: loads of 2, 4 and 8 bytes 1, 3 and 4 times, stores
# 2, 1 and 2 times
        .globl _start
_start: lla     s1, data        # two instructions, aligned to 16
        mv      sp, s1
        li      s0, 10
1:      lbu     t0, 1(s1)       # never
        lh      t0, 1(s1)       # 2
        lhu     t0, 2(s1)
        lw      t0, 2(s1)       # 4
        lwu     t0, 1(s1)       # 4
        lw      t0, 2(sp)       # 4
        lw      a0, 4(s1)
        ld      t0, 4(s1)       # 8
        fld     fa0, 1(s1)      # 8
        fld     fa0, 8(s1)
        ld      t0, 7(sp)       # 8
        addi    a1, s1, 2
        ld      a0, 8(a1)       # 8, compressed
        ld      a0, 8(s1)
        sb      t0, 3(s1)       # never
        sh      t0, 1(s1)       # 2
        sh      t0, 3(sp)       # 2
        sh      t0, 2(s1)
        sw      a0, 4(a1)       # 4, compressed
        sw      a0, 4(s1)
        sd      a0, 8(a1)       # 8, compressed
        fsd     fa0, 4(s1)      # 8
        sd      t0, 8(sp)
        addi    s0, s0, -1
        bnez    s0, 1b
        li      a0, 0
        li      a7, 93          # exit
        ecall

        .bss
        .balign 16
data:   .skip   32
