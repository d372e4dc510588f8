/* The machine of zkVMs whose memory starts low: RAM from 0 on, linear memory at
 * its own addresses, and everything else by the debugger's interface. */
#define LINEAR_LOWEST ((u64)0)
#define LINEAR_BYTES ((u64)2 << 30)
#include "../bare/bare.c"

void write_output(const uint8_t *buf, size_t size) {
    static long file;
    if (!file) file = console_open(CONSOLE_OUTPUT);
    if (!console_write(file, buf, size)) wasrisc_refuse("standard output cannot be written");
}

void wasrisc_diagnostic(const uint8_t *text, size_t size) {
    static long file;
    if (!file) file = console_open(CONSOLE_ERRORS);
    console_write(file, text, size);
}

void wasrisc_machine_exit(int code) {
    static const u64 application_exit = 0x20026;
    const u64 block[] = {application_exit, code};
    for (;;) wasrisc_semihosting(SEMIHOSTING_EXIT_EXTENDED, block);
}
