/* What a machine promises (wasrisc_platform.h), tried from inside. It takes the
 * place of a module; whoever starts it gives the input and the strings and looks
 * at the output and the code (xtask/tests/machines.rs). */
#include "machine.h"

static u8 large_bss[100000];
static u8 data[] = {1, 2, 3};

static void expect(int holds, const char *what) {
    if (!holds) wasrisc_refuse(what);
}

static int equal(wasrisc_strings strings, const char *expected, size_t size) {
    if (strings.size != size) return 0;
    for (size_t i = 0; i < size; i++)
        if (strings.bytes[i] != expected[i]) return 0;
    return 1;
}

static void strings(void) {
    static const char arguments[] = "guest\0one\0two words", environment[] = "NAME=value";
    expect(equal(wasrisc_arguments, arguments, sizeof arguments), "the arguments are others");
    expect(equal(wasrisc_environment, environment, sizeof environment), "the environment is another");
}

/* Byte i of the input is 7 * i. */
static void input(void) {
    const uint8_t *first, *second;
    size_t first_size, second_size;
    read_input(&first, &first_size);
    read_input(&second, &second_size);
    expect(first == second && first_size == second_size, "the second read_input gives another input");
    expect(first_size == 100000, "the input has another size");
    expect(((uintptr_t)first & 7) == 0, "the input is not aligned to 8");
    for (size_t i = 0; i < first_size; i++) expect(first[i] == (u8)(7 * i), "the input has another byte");
}

static void memory(void) {
    for (size_t i = 0; i < sizeof large_bss; i++) expect(large_bss[i] == 0, ".bss is not zero");
    expect(data[0] == 1 && data[2] == 3, ".data is not there");
    expect((uintptr_t)_heap_end - (uintptr_t)_heap_start >= 1 << 20, "the heap has less than 1 MiB");
    uintptr_t lowest = (uintptr_t)_heap_start, end = (uintptr_t)_heap_end;
    expect(lowest >= (uintptr_t)wasrisc_stack_end || end <= (uintptr_t)wasrisc_guard_lowest,
           "the heap is in the stack");
    u8 *last = (u8 *)(end - 1);
    expect(*_heap_start == 0 && *last == 0, "the heap is not zero");
    *_heap_start = *last = 1;
    u8 *upper = wasrisc_heap_take(1), *lower = wasrisc_heap_take(100);
    expect(lower && upper == lower + 112 && ((uintptr_t)upper & 15) == 0, "the heap gives something else");
    expect(!wasrisc_heap_take(_heap_end - _heap_start), "the heap gives what it has not");
    expect(!wasrisc_heap_take(UINT64_MAX), "the heap gives everything");
    u8 on_the_stack;
    expect(&on_the_stack >= wasrisc_stack_lowest && &on_the_stack < wasrisc_stack_end, "another stack");
}

/* The first memory is where translated code of this machine has it, MEMORY_BASE;
 * a further one lies elsewhere. */
static void memories(void) {
    static wasrisc_memory one = {
        .base = (u8 *)MEMORY_BASE, .bytes = WASRISC_PAGE, .max_pages = 16, .declared_max = UINT64_MAX};
    static wasrisc_memory two = {.bytes = 2 * WASRISC_PAGE, .max_pages = 32768, .declared_max = UINT64_MAX};
    expect(wasrisc_memory_provide(&one) && wasrisc_memory_provide(&two), "no memories");
    expect(one.base == (u8 *)MEMORY_BASE, "the first memory lies elsewhere");
    expect(two.base && (two.base >= one.base + 16 * WASRISC_PAGE || two.base + two.bytes <= one.base),
           "two memories lie in one place");
    expect(two.max_pages >= 64, "the second memory cannot grow");
    expect(two.base[0] == 0 && two.base[two.bytes - 1] == 0, "a memory is not zero");
    expect(wasrisc_memory_grow(&two, 62) == 2, "the second memory does not grow");
    two.base[64 * WASRISC_PAGE - 1] = 1;
    expect(wasrisc_memory_grow(&one, 15) == 1 && wasrisc_memory_grow(&one, 1) == UINT32_MAX,
           "a memory grows past its maximum");
    one.base[16 * WASRISC_PAGE - 1] = 1;
}

void winstantiate(void) {}

/* Ends with a code that does not fit. */
void wexport__start(void) {
    strings();
    input();
    memory();
    memories();
    write_output((const uint8_t *)"out", 3);
    write_output((const uint8_t *)"", 0);
    write_output((const uint8_t *)"put\n", 4);
    wasrisc_diagnostic((const uint8_t *)"message\n", 8);
    wasrisc_exit(0x100);
}
