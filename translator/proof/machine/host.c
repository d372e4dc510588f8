/* The machine that the host is, by its libc: what platform/ supplies for
 * RISC-V, guard regions, and guard bytes behind a memory's end. */
#include "wasrisc.h"
#include "wasrisc_platform.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uintptr_t wasrisc_stack_limit;
wasrisc_strings wasrisc_arguments;
_Noreturn void __wrap_wasrisc_trap(int code);
void winstantiate(void);
void wexport__start(void);

/* An access reaches below by a sign-extended index, above by a zero-extended
 * one and an offset. */
#if GUARD
#define GUARD_BELOW (2ull << 30)
#define GUARD_ABOVE (8ull << 30)
#else
#define GUARD_BELOW 0
#define GUARD_ABOVE GUARD_BEHIND
#endif
#define MOST_ROOM (1ull << 31)

static const wasrisc_memory *memories[256];
static int memory_count;

/* A fault where no memory lets it is a crash. */
static void on_fault(int signal, siginfo_t *information, void *context) {
    u64 at = (uintptr_t)information->si_addr;
    for (int i = 0; i < memory_count; i++) {
        u64 base = (uintptr_t)memories[i]->base, end = base + memories[i]->bytes;
        if (at >= end ? at < end + GUARD_BEHIND || GUARD && at < base + GUARD_ABOVE
                      : at < base && at >= base - GUARD_BELOW)
            __wrap_wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS);
    }
    _exit(3);
}

int wasrisc_memory_provide(wasrisc_memory *memory) {
    u64 room = memory->max_pages * WASRISC_PAGE;
    if (room > MOST_ROOM) room = MOST_ROOM;
    if (room < memory->bytes) room = memory->bytes;
    memory->max_pages = room / WASRISC_PAGE;
    if (room == 0) room = WASRISC_PAGE;
    /* Under the policies with a fixed base the first memory has it, and 0 is one. */
    static int provided;
    int fixed = memory->base || (FIXED_BASE && !provided);
    provided = 1;
    u8 *base = mmap(memory->base, GUARD_BELOW + room + GUARD_ABOVE, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED : 0), -1, 0);
    if (base == MAP_FAILED) return 0;
    memory->base = base + GUARD_BELOW;
    if (memory_count == sizeof memories / sizeof *memories) return 0;
    memories[memory_count++] = memory;
    return wasrisc_memory_commit(memory, memory->bytes);
}

int wasrisc_memory_commit(wasrisc_memory *memory, u64 bytes) {
    return bytes == 0 || mprotect(memory->base, bytes, PROT_READ | PROT_WRITE) == 0;
}

void **wasrisc_table_allocate(u32 count) { return malloc((size_t)count * sizeof(void *)); }

/* At once: what was written before a crash counts. */
void write_output(const uint8_t *bytes, size_t size) {
    if (write(1, bytes, size) != (ssize_t)size) _exit(2);
}

int main(int count, char **arguments) {
    char text[32];
    if (count != 2 || strlen(arguments[1]) > 20) return 2;
    memcpy(text, "guest", 6);
    strcpy(text + 6, arguments[1]);
    wasrisc_arguments = (wasrisc_strings){text, 6 + strlen(arguments[1]) + 1};
    /* Half of the usual stack, the rest for functions that call nothing. */
    wasrisc_stack_limit = (uintptr_t)__builtin_frame_address(0) - (4 << 20);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_NODEFER | SA_SIGINFO};
    if (GUARD || GUARD_BEHIND) sigaction(SIGSEGV, &action, 0);
    winstantiate();
    wexport__start();
    return 0;
}
