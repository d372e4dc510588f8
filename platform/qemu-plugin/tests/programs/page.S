# A four-byte instruction across a page boundary, a marker right after it.
# startup 10 * (2045 + 1 + 1) + 1, exit 4
        .option norelax
        .globl _start
        .text
        .balign 4096
        # 4094 bytes of compressed instructions, two short of a page.
_start: .option rvc
        li      t0, 10
1:      .rept 2045
        c.nop
        .endr
        c.addi  t0, -1
        .option norvc
        bnez    t0, 1b          # its second half is on the next page
        slti    x0, x0, 0x572
        li      a0, 0
        li      a7, 93          # exit
        ecall
