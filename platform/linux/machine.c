/* The machine that a Linux process is: standard streams, mapped memory, and
 * signals for what it may not do. */
#include "../runtime/machine.h"
#include "system.h"

#ifndef ELF_LIES_LOW
#define ELF_LIES_LOW 0
#endif

#define CALL(number, ...) CALL_6(number, __VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL_6(number, a, b, c, d, e, f, ...) \
    system_call(SYSTEM_##number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* ---- Memory --------------------------------------------------------------- */

static long map(u64 at, u64 bytes, int protection, int flags, int file) {
    return CALL(MMAP, at, bytes, protection, MAP_PRIVATE | flags, file, 0);
}

/* What lies there is replaced; the linker script keeps the ELF away from it. */
static int reserve_at(u64 at, u64 bytes) {
    return map(at, bytes, PROTECT_NONE, MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1) == (long)at;
}

/* The lowest pages are often kept from processes (vm.mmap_min_addr): 4 KiB, or
 * 64 KiB. A module that needs them faults and says so. */
static int reserve_identity(u64 bytes) {
    static const u64 missing[] = {0, 4096, 65536};
    for (unsigned i = 0; i < sizeof missing / sizeof *missing && missing[i] < bytes; i++) {
        wasrisc_missing_bytes = missing[i];
        if (reserve_at(missing[i], bytes - missing[i])) return 1;
    }
    return 0;
}

/* Behind a memory at its maximum so many bytes fault too: the translator's
 * --guard-bytes. */
enum { GUARD_BYTES = 65536 };

int wasrisc_machine_reserve(u8 **base, u64 bytes, int first) {
    if (bytes == 0) return 1;
    bytes += GUARD_BYTES;
    if (*base) return reserve_at((uintptr_t)*base, bytes);
    if (first && !ELF_LIES_LOW) return reserve_identity(bytes);
    long got = map(0, bytes, PROTECT_NONE, MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (system_failed(got)) return 0;
    *base = (u8 *)got;
    return 1;
}

int wasrisc_machine_commit(u8 *from, u64 bytes) {
    u64 start = (uintptr_t)from, end = start + bytes;
    if (start < wasrisc_missing_bytes) start = wasrisc_missing_bytes;
    if (start >= end) return 1;
    return CALL(MPROTECT, start, end - start, PROTECT_READ | PROTECT_WRITE) == 0;
}

/* ---- Input and output ------------------------------------------------------ */

static const uint8_t *input;
static size_t input_bytes;
static int input_known;

/* What is no file (a pipe, a terminal) is read into address space that costs
 * nothing until it is used. */
#define STREAM_ROOM ((u64)4 << 30)

static void read_stream(void) {
    long at = map(0, STREAM_ROOM, PROTECT_READ | PROTECT_WRITE, MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (system_failed(at)) wasrisc_refuse("no memory for the input");
    input = (const uint8_t *)at;
    for (;;) {
        /* To read nothing would look like the end. */
        if (input_bytes == STREAM_ROOM) wasrisc_refuse("a standard input that is no file reaches 4 GiB");
        long got = CALL(READ, 0, at + input_bytes, STREAM_ROOM - input_bytes);
        if (got == -ERRNO_INTR) continue;
        if (got < 0) wasrisc_refuse("standard input cannot be read");
        if (got == 0) return;
        input_bytes += got;
    }
}

static int map_file(void) {
    u64 stat[32];
    if (CALL(FSTAT, 0, stat) != 0) return 1;
    u32 mode = *(u32 *)((u8 *)stat + STAT_MODE);
    u64 size = *(u64 *)((u8 *)stat + STAT_SIZE);
    if ((mode & MODE_TYPE) != MODE_REGULAR || CALL(LSEEK, 0, 0, SEEK_CURRENT) != 0) return 0;
    if (size == 0) return 1;
    long at = map(0, size, PROTECT_READ, 0, 0);
    if (system_failed(at)) return 0;
    input = (const uint8_t *)at;
    input_bytes = size;
    return 1;
}

void read_input(const uint8_t **buf, size_t *size) {
    if (!input_known) {
        input_known = 1;
        if (!map_file()) read_stream();
    }
    *buf = input;
    *size = input_bytes;
}

static void write_all(int file, const uint8_t *bytes, size_t size) {
    while (size) {
        long done = CALL(WRITE, file, bytes, size);
        if (done == -ERRNO_INTR) continue;
        if (done <= 0) {
            if (file == 1) wasrisc_refuse("standard output cannot be written");
            return;
        }
        bytes += done;
        size -= done;
    }
}

void write_output(const uint8_t *buf, size_t size) { write_all(1, buf, size); }

void wasrisc_diagnostic(const uint8_t *text, size_t size) { write_all(2, text, size); }

/* ---- Start and end --------------------------------------------------------- */

void wasrisc_machine_exit(int code) {
    for (;;) CALL(EXIT_GROUP, code);
}

static u8 signal_stack[16384] __attribute__((aligned(16)));

static void stopped(int signal, void *information, void *context) {
    u64 pc = *(u64 *)((u8 *)context + CONTEXT_PC);
    u64 address = *(u64 *)((u8 *)information + FAULT_ADDRESS);
    int access = signal == SIGSEGV || signal == SIGBUS;
    wasrisc_fault(access ? WASRISC_FAULT_ACCESS : WASRISC_FAULT_INSTRUCTION, pc, address);
}

/* The guard is made one, and faults get a stack that works when the guest's is
 * used up. */
static void watch(void) {
    u64 guard_bytes = wasrisc_stack_lowest - wasrisc_guard_lowest;
    if (CALL(MPROTECT, wasrisc_guard_lowest, guard_bytes, PROTECT_NONE) != 0)
        wasrisc_refuse("the stack cannot be guarded");
    struct kernel_stack stack = {signal_stack, 0, sizeof signal_stack};
    if (CALL(SIGALTSTACK, &stack, 0) != 0) wasrisc_refuse("faults get no stack of their own");
    struct kernel_action action = KERNEL_ACTION(stopped, SA_SIGINFO | SA_ONSTACK);
    static const u8 signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
    for (unsigned i = 0; i < sizeof signals; i++)
        if (CALL(SIGACTION, signals[i], &action, 0, sizeof action.mask) != 0)
            wasrisc_refuse("faults cannot be caught");
}

/* From the first string's start to the last one's end: the kernel puts them one
 * after the other. */
static wasrisc_strings between(const char *first, const char *last) {
    while (*last) last++;
    return (wasrisc_strings){first, (size_t)(last + 1 - first)};
}

/* The program's name would be a path of this machine, and its length a part of
 * the measurement: it is "guest", here as everywhere. */
static void set_arguments(char **argument, long count) {
    static const char name[] = "guest";
    wasrisc_arguments = (wasrisc_strings){name, sizeof name};
    if (count < 2) return;
    wasrisc_strings given = between(argument[1], argument[count - 1]);
    char *all = wasrisc_heap_take(sizeof name + given.size);
    if (!all) wasrisc_refuse("no memory for the arguments");
    __builtin_memcpy(all, name, sizeof name);
    __builtin_memcpy(all + sizeof name, given.bytes, given.size);
    wasrisc_arguments = (wasrisc_strings){all, sizeof name + given.size};
}

/* start.S calls it with what the kernel put on the process's stack. */
_Noreturn void wasrisc_machine_start(long *process) {
    long count = process[0];
    char **argument = (char **)(process + 1), **variable = argument + count + 1, **end = variable;
    while (*end) end++;
    watch();
    set_arguments(argument, count);
    if (end != variable) wasrisc_environment = between(variable[0], end[-1]);
    wasrisc_main();
}
