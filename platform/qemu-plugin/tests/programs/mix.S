# Ten rounds with instructions of every class, compressed ones among them.
# Each round: loads 4, stores 5, atomics 3, multiplications 3, divisions 4,
# branches 3, jumps 4, floating 4, other 3; before and after: other 3 + 3
        .globl _start
_start: li      s0, 10
        lla     s1, data        # two instructions
1:      ld      t0, 0(s1)
        lw      a0, 0(s1)       # compressed
        fld     fa0, 8(s1)      # compressed
        flw     fa1, 8(s1)
        sd      t0, 0(s1)
        sw      a0, 0(s1)       # compressed
        sb      a0, 16(s1)
        fsd     fa0, 8(s1)      # compressed
        fsw     fa1, 8(s1)
        lr.d    a1, (s1)
        sc.d    a2, a1, (s1)
        amoadd.w x0, x0, (s1)
        mul     a1, a1, a1
        mulhu   a2, a1, a1
        mulw    a1, a1, a1
        div     a1, a1, s0
        remu    a1, a1, s0
        divuw   a1, a1, s0
        remw    a1, a1, s0
        fadd.d  fa0, fa0, fa0
        fmv.x.d a3, fa0
        fmadd.d fa0, fa0, fa0, fa0
        feq.d   a3, fa0, fa0
        jal     f
        j       2f              # compressed
2:      lla     a4, 3f          # two instructions
        jr      a4              # compressed
3:      beq     x0, x0, 4f
4:      bnez    x0, 1b          # not taken
        addi    s0, s0, -1
        bnez    s0, 1b          # compressed or not
        li      a0, 0
        li      a7, 93          # exit
        ecall
f:      ret

        .data
        .balign 8
data:   .dword  1, 0, 0
