# Four threads that never end; main ends them all by exit_group once each has
# written a byte to a pipe.
# main: startup 10 + 4 * 13 + 1 + 4 * 8, exit 4; each thread: at least 6
        .globl _start
_start: lla     a0, pipe        # two instructions
        li      a1, 0
        li      a7, 59          # pipe2
        ecall
        lla     s1, pipe        # two instructions
        li      s0, 4
        lla     s2, stacks      # two instructions
start:  li      t0, 4096
        add     s2, s2, t0
        li      a0, 0x50f00     # two instructions; flags as in threads.S
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
        lla     a1, byte        # two instructions
        li      a2, 1
        li      a7, 63          # read
        ecall
        addi    s0, s0, -1
        bnez    s0, wait
        slti    x0, x0, 0x572
        li      a0, 0
        li      a7, 94          # exit_group
        ecall

thread: lw      a0, 4(s1)
        mv      a1, s1
        li      a2, 1
        li      a7, 64          # write
        ecall
1:      j       1b

        .bss
        .balign 16
pipe:   .skip   8
byte:   .skip   8
        .balign 16
stacks: .skip   4 * 4096
