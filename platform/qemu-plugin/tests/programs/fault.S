# A load from page zero in the middle of a block; the handler exits.
# Executed: startup 7 up to and including rt_sigaction, run 3 up to and
# including the load, and 3 in the handler. The block of the load goes on for 5.
        .globl _start
_start: li      a0, 11          # SIGSEGV
        lla     a1, action      # two instructions
        li      a2, 0
        li      a3, 8
        li      a7, 134         # rt_sigaction
        ecall
        slti    x0, x0, 0x571
        nop
        ld      t0, 0(x0)
        nop
        nop
        nop
        li      a7, 93
        ecall
handler:
        li      a0, 0
        li      a7, 93          # exit
        ecall
        .data
        .balign 8
action: .dword  handler, 0, 0
