# Main starts four threads, each with 250,000 loads off their alignment of the
# same instruction, and waits until each has written a byte to a pipe.
        .globl _start
_start: lla     a0, pipe
        li      a1, 0
        li      a7, 59          # pipe2
        ecall
        lla     s1, pipe
        li      s0, 4
        lla     s2, stacks
start:  li      t0, 4096
        add     s2, s2, t0
        li      a0, 0x50f00     # flags as in threads.S
        mv      a1, s2
        li      a2, 0
        li      a3, 0
        li      a4, 0
        li      a7, 220         # clone
        ecall
        beqz    a0, thread
        addi    s0, s0, -1
        bnez    s0, start
        li      s0, 4
wait:   lw      a0, 0(s1)
        lla     a1, byte
        li      a2, 1
        li      a7, 63          # read
        ecall
        addi    s0, s0, -1
        bnez    s0, wait
        li      a0, 0
        li      a7, 93          # exit
        ecall

thread: li      t0, 250000
1:      lw      t1, 1(s1)
        addi    t0, t0, -1
        bnez    t0, 1b
        lw      a0, 4(s1)
        mv      a1, s1
        li      a2, 1
        li      a7, 64          # write
        ecall
        li      a0, 0
        li      a7, 93          # exit
        ecall

        .bss
        .balign 16
pipe:   .skip   8
byte:   .skip   8
        .balign 16
stacks: .skip   4 * 4096
