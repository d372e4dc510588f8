# A memory of one page of 65536 bytes, announced, and a stack whose use nobody
# looks at.
        .macro  announce code
        .byte   0x80, 0xb8              # cmpb $0, disp32(%rax)
        .long   0x57415300 + \code
        .byte   0
        .endm
        .globl  _start
_start: lea     memory - 0x57415303, %rax
        announce 3
        lea     memory + 65535 - 0x57415304, %rax
        announce 4
        lea     memory - 0x57415305, %rax
        announce 5
        lea     memory + 4095 - 0x57415306, %rax
        announce 6
        xor     %edi, %edi
        mov     $60, %eax               # exit
        syscall

        .bss
        .balign 4096
memory: .skip   65536
