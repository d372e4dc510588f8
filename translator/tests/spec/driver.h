/* The platform of the specification's tests, and their verdicts: one process
 * runs the commands of one script in order. */
#include "wasrisc.h"
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum pattern { BITS32, BITS64, CANONICAL32, CANONICAL64, ARITHMETIC32, ARITHMETIC64, NOT_NULL };

struct expected {
    enum pattern pattern;
    u64 bits;
};

struct command {
    u32 line;
    /* Takes arguments from the slots and leaves results there. */
    void (*run)(u64 *slots);
    /* The code it must trap with, 0 for none. */
    int trap;
    const u64 *arguments;
    u32 argument_count;
    const struct expected *results;
    u32 result_count;
};

static sigjmp_buf on_trap;
uintptr_t wasrisc_stack_limit;

_Noreturn void wasrisc_trap(int code) { siglongjmp(on_trap, code); }

#ifdef GUARD
/* What an access can reach: below by a sign-extended index, above by a
 * zero-extended one and an offset. */
#define GUARD_BELOW (2ull << 30)
#define GUARD_ABOVE (8ull << 30)
static void on_fault(int signal) { wasrisc_trap(WASRISC_TRAP_MEMORY_BOUNDS); }
#else
#define GUARD_BELOW 0
#define GUARD_ABOVE 0
#endif

/* A memory with a base has it by the options. */
int wasrisc_memory_provide(wasrisc_memory *memory) {
    u64 room = memory->max_pages * WASRISC_PAGE;
    if (room > RESERVED_ROOM) room = RESERVED_ROOM;
    if (room < memory->bytes) room = memory->bytes;
    memory->max_pages = room / WASRISC_PAGE;
    if (room == 0) room = WASRISC_PAGE;
    int fixed = FIXED || memory->base;
    u8 *base = mmap(memory->base, GUARD_BELOW + room + GUARD_ABOVE, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED : 0), -1, 0);
    if (base == MAP_FAILED) return 0;
    memory->base = base + GUARD_BELOW;
    return wasrisc_memory_commit(memory, memory->bytes);
}

int wasrisc_memory_commit(wasrisc_memory *memory, u64 bytes) {
    return bytes == 0 || mprotect(memory->base, bytes, PROT_READ | PROT_WRITE) == 0;
}

void **wasrisc_table_allocate(u32 count) { return malloc((size_t)count * sizeof(void *)); }

/* The host module that the scripts import from. */
u32 spectest_global_i32 = 666;
u64 spectest_global_i64 = 666;
f32 spectest_global_f32 = 666.6f;
f64 spectest_global_f64 = 666.6;
static void *spectest_table_elements[20];
wasrisc_table spectest_table = {spectest_table_elements, 10, 20, 20, 20};
wasrisc_memory spectest_memory = {0, WASRISC_PAGE, 2, 2};
void spectest_print(void) {}
void spectest_print_i32(u32 a) {}
void spectest_print_i64(u64 a) {}
void spectest_print_f32(f32 a) {}
void spectest_print_f64(f64 a) {}
void spectest_print_i32_f32(u32 a, f32 b) {}
void spectest_print_f64_f64(f64 a, f64 b) {}

static int matches(struct expected expected, u64 bits) {
    switch (expected.pattern) {
    case BITS32: return (u32)bits == (u32)expected.bits;
    case BITS64: return bits == expected.bits;
    case CANONICAL32: return ((u32)bits & 0x7fffffffu) == 0x7fc00000u;
    case CANONICAL64: return (bits & 0x7fffffffffffffffull) == 0x7ff8000000000000ull;
    case ARITHMETIC32: return ((u32)bits & 0x7fc00000u) == 0x7fc00000u;
    case ARITHMETIC64: return (bits & 0x7ff8000000000000ull) == 0x7ff8000000000000ull;
    case NOT_NULL: return bits != 0;
    }
    return 0;
}

static int run(const struct command *command) {
    static u64 slots[2000];
    for (u32 i = 0; i < command->argument_count; i++) slots[i] = command->arguments[i];
    int code = sigsetjmp(on_trap, 1);
    if (code == 0) command->run(slots);
    if (code != command->trap) {
        printf("line %u: trap %d, expected %d\n", command->line, code, command->trap);
        return 0;
    }
    if (code != 0) return 1;
    for (u32 i = 0; i < command->result_count; i++) {
        if (!matches(command->results[i], slots[i])) {
            printf("line %u: result %u is %#llx, expected %#llx (pattern %d)\n", command->line, i,
                   (unsigned long long)slots[i], (unsigned long long)command->results[i].bits,
                   command->results[i].pattern);
            return 0;
        }
    }
    return 1;
}

static int run_all(const struct command *commands, u32 count) {
    u32 passed = 0;
    /* Half of the usual stack, the rest for functions that call nothing. */
    wasrisc_stack_limit = (uintptr_t)__builtin_frame_address(0) - (4 << 20);
#ifdef GUARD
    signal(SIGSEGV, on_fault);
#endif
    if (!FIXED && !wasrisc_memory_provide(&spectest_memory)) return 2;
    for (u32 i = 0; i < count; i++) passed += (u32)run(&commands[i]);
    printf("passed %u of %u\n", passed, count);
    return passed != count;
}
