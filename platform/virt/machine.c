/* QEMU's `virt`: output by its UART, the end by its test device, messages by the
 * debugger's interface. Linear memory lies above the first 4 GiB. */
#define LINEAR_LOWEST ((u64)0x100000000)
#define LINEAR_BYTES ((u64)2 << 30)
#include "../bare/bare.c"

/* 16550: the register that sends, and the one that says it may be written. */
#define UART ((volatile uint8_t *)0x10000000)
enum { UART_SEND = 0, UART_STATUS = 5, UART_SEND_EMPTY = 0x20 };

void write_output(const uint8_t *buf, size_t size) {
    for (const uint8_t *end = buf + size; buf != end; buf++) {
        while (!(UART[UART_STATUS] & UART_SEND_EMPTY)) {}
        UART[UART_SEND] = *buf;
    }
}

void wasrisc_diagnostic(const uint8_t *text, size_t size) {
    static long file;
    if (!file) file = console_open(CONSOLE_ERRORS);
    console_write(file, text, size);
}

/* SiFive's test device. */
#define TEST_DEVICE ((volatile u32 *)0x100000)
enum { TEST_PASS = 0x5555, TEST_FAIL = 0x3333 };

void wasrisc_machine_exit(int code) {
    for (;;) *TEST_DEVICE = code ? (u32)code << 16 | TEST_FAIL : TEST_PASS;
}
