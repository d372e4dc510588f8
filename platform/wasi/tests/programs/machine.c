/* The host as a machine, to run a translated module natively while sanitizers
 * watch WASI. */
#include "w.h"
#include "wasrisc_platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uintptr_t wasrisc_stack_limit;
wasrisc_strings wasrisc_arguments, wasrisc_environment;

static uint8_t input[1 << 20];
static size_t input_bytes;

void read_input(const uint8_t **buf, size_t *size) {
    *buf = input;
    *size = input_bytes;
}

void write_output(const uint8_t *buf, size_t size) {
    fwrite(buf, 1, size, stdout);
}

void wasrisc_diagnostic(const uint8_t *text, size_t size) {
    fwrite(text, 1, size, stderr);
}

void wasrisc_exit(int code) {
    fflush(stdout);
    _exit(code);
}

void wasrisc_trap(int code) {
    fprintf(stderr, "trap %d\n", code);
    wasrisc_exit(134);
}

void *wasrisc_heap_take(uint64_t bytes) {
    return aligned_alloc(16, bytes);
}

int wasrisc_memory_provide(wasrisc_memory *memory) {
    int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    memory->base = mmap(NULL, memory->max_pages * WASRISC_PAGE, PROT_READ | PROT_WRITE, how, -1, 0);
    return memory->base != MAP_FAILED;
}

int wasrisc_memory_commit(wasrisc_memory *memory, u64 bytes) {
    (void)memory, (void)bytes;
    return 1;
}

void **wasrisc_table_allocate(u32 count) {
    return calloc(count, sizeof(void *));
}

static wasrisc_strings joined(char **strings) {
    static char bytes[2][1 << 16];
    static int used;
    char *start = bytes[used++], *at = start;
    for (; *strings; strings++) at = stpcpy(at, *strings) + 1;
    return (wasrisc_strings){start, (size_t)(at - start)};
}

int main(int count, char **arguments, char **environment) {
    (void)count;
    wasrisc_arguments = joined(arguments);
    wasrisc_environment = joined(environment);
    input_bytes = fread(input, 1, sizeof input, stdin);
    wasrisc_stack_limit = (uintptr_t)__builtin_frame_address(0) - (6 << 20);
    winstantiate();
    wexport__start();
    wasrisc_exit(0);
}
