# Instructions across and up to a page boundary in straight-line code. QEMU
# takes the first of them back from the block and begins the next block with it.
# startup 2 + 10 * 4 + 2, run 1, exit 4
        .macro  marker code
        .byte   0x0f, 0x1f, 0x80        # nopl disp32(%rax)
        .long   0x57415300 + \code
        .endm
        .globl  _start
        .text
        .balign 4096
_start: mov     $10, %ecx
        jmp     1f
        .skip   4096 - 5 - 5 - 4, 0x90
1:      nop
        .byte   0x48, 0x8d, 0x80        # lea 0x12345678(%rax), %rax: 3 bytes here,
        .long   0x12345678              # 4 on the next page
        dec     %ecx
        jnz     1b
        jmp     2f
        .balign 4096
        .skip   4096 - 8, 0x90
2:      nop
        marker  1                       # ends with the page
        marker  2
        xor     %edi, %edi
        mov     $60, %eax               # exit
        syscall
