/* Tells the instruction counter where linear memory and stack lie, by loads
 * into nowhere of one byte whose displacement says what it is (ARCHITECTURE.md,
 * "Counting"). Without a counter they do nothing. */
#include "machine.h"

#if defined(__riscv)
/* lbu x0, 0x570 + code(address - …) */
#define ANNOUNCE(code, address) \
    __asm__ volatile("lbu zero, %0(%1)" : : "i"(0x570 + (code)), "r"((address) - (0x570 + (code))))
#elif defined(__x86_64__)
/* cmpb $0, 0x57415300 + code(%rax), in bytes because an assembler may choose
 * another form. */
#define ANNOUNCE(code, address)                                                                  \
    __asm__ volatile(".byte 0x80, 0xb8\n.long %c0\n.byte 0" : : "i"(0x57415300 + (code)),        \
                     "a"((address) - (0x57415300 + (code))) : "cc")
#else
#error "announce.c: the instruction counter knows no announcements of this machine"
#endif

void wasrisc_announce_stack(uintptr_t lowest, uintptr_t highest) {
    ANNOUNCE(5, lowest);
    ANNOUNCE(6, highest);
}

void wasrisc_announce_memory(uintptr_t first, uintptr_t last) {
    ANNOUNCE(3, first);
    ANNOUNCE(4, last);
}
