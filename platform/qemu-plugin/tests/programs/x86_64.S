# Markers in straight-line code, a loop, and a rep instruction.
# startup 4 + (5 + 1), run 1 + 1 + 2 * 1000, run 3, exit 4
        .macro  marker code
        .byte   0x0f, 0x1f, 0x80        # nopl disp32(%rax)
        .long   0x57415300 + \code
        .endm
        .globl  _start
_start: nop
        mov     $5, %ecx
        lea     buffer(%rip), %rdi
        xor     %eax, %eax
        rep     stosb                   # 5 rounds and the test that ends them
        marker  1
        mov     $1000, %ecx
1:      dec     %ecx
        jnz     1b
        marker  1
        nop
        nop
        marker  2
        xor     %edi, %edi
        mov     $60, %eax               # exit
        syscall

        .bss
buffer: .skip   5
