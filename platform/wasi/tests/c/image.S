/* An image of its own for the tests of C: README.md of the folder above has the
 * format. a.txt ("first"), link -> sub/b.txt, sub/b.txt ("second"). */
    .section .rodata
    .globl wasrisc_files, wasrisc_files_end
    .balign 8
wasrisc_files:
    .ascii "wasrisc files 1\n"
    .long 3, 0
    .quad 0, 1, 3
    .long 4, 5
    .quad name_a - wasrisc_files, first - wasrisc_files, 5
    .long 7, 4
    .quad name_link - wasrisc_files, target - wasrisc_files, 9
    .long 3, 3
    .quad name_sub - wasrisc_files, 4, 1
    .long 4, 5
    .quad name_b - wasrisc_files, second - wasrisc_files, 6
name_a: .ascii "a.txt"
name_link: .ascii "link"
name_sub: .ascii "sub"
name_b: .ascii "b.txt"
first: .ascii "first"
second: .ascii "second"
target: .ascii "sub/b.txt"
wasrisc_files_end:
    .section .note.GNU-stack,"",@progbits
