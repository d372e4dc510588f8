# Main starts four threads, thread i (from 1) with i * 250,000 rounds, and
# waits until each has written a byte to a pipe. All end by exit, not
# exit_group, so each instruction is executed whoever ends last.
# main: startup 8, run 3 + 4 * 14 + 1 + 4 * 8, exit 4
# thread i: 9 + 2 * i * 250,000 in the run, then 3 in the run or in the exit
        .globl _start
_start: lla     a0, pipe        # two instructions
        li      a1, 0
        li      a7, 59          # pipe2
        ecall
        lla     s1, pipe        # two instructions
        li      s0, 0
        slti    x0, x0, 0x571
        lla     s2, stacks      # two instructions
start:  li      t0, 4096
        addi    s0, s0, 1
        add     s2, s2, t0
        # CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
        li      a0, 0x50f00     # two instructions
        mv      a1, s2
        li      a2, 0
        li      a3, 0
        li      a4, 0
        li      a7, 220         # clone
        ecall
        beqz    a0, thread
        li      t0, 4
        blt     s0, t0, start
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
        li      a7, 93          # exit
        ecall

thread: li      t0, 250000     # two instructions
        mul     t0, t0, s0
1:      addi    t0, t0, -1
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
