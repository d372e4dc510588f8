/* Runs random modules, from the one whose number is the first argument on, and
 * writes down all that can be seen of them, line by line (transcript.rs). */
#include "harness.h"
#include "wasrisc_platform.h"

/* jump.S */
typedef u64 place[16];
__attribute__((returns_twice)) int mark(place place);
_Noreturn void leave(place place, int code);

static place before_call;
static u64 slots[2000];
static u64 host_digest;

/* Linked with --wrap=wasrisc_trap. */
_Noreturn void __wrap_wasrisc_trap(int code) { leave(before_call, code); }

static char line[16384];
static u32 length;

static void say(const char *text) {
    while (*text && length < sizeof line) line[length++] = *text++;
}

static void say_number(u64 number, u64 radix) {
    char text[24], *at = text + sizeof text;
    *--at = 0;
    do *--at = "0123456789abcdef"[number % radix];
    while (number /= radix);
    say(radix == 16 ? " 0x" : " ");
    say(at);
}

static void end_line(void) {
    say("\n");
    write_output((const u8 *)line, length);
    length = 0;
}

static u64 digest(u64 state, u64 value) {
    state = (state ^ value) * 0x9e3779b97f4a7c15ull;
    return state ^ state >> 32;
}

void host_called(u64 value) { host_digest = digest(host_digest, value); }

u64 host_result(void) {
    host_called(1);
    return host_digest;
}

static void say_values(const char *types) {
    for (u32 i = 0; types[i]; i++) {
        if (types[i] == 'r') say(slots[i] ? " ref" : " null");
        else say_number(slots[i], 16);
    }
}

/* 1 if it came back by itself. */
static int attempt(const char *what, thunk run, const char *results) {
    int code = mark(before_call);
    if (code == 0) run(slots);
    /* An index outside of a table is one trap to wasmtime. */
    if (code == WASRISC_TRAP_UNDEFINED_ELEMENT) code = WASRISC_TRAP_TABLE_BOUNDS;
    say(what);
    if (code == 0) say_values(results);
    else say(" trap"), say_number((u64)code, 10);
    end_line();
    return code == 0;
}

static void state(const struct module *module) {
    module->globals(slots);
    say("globals"), say_values(module->global_types), end_line();
    for (u32 i = 0; i < module->memory_count; i++) {
        const wasrisc_memory *memory = module->memories[i];
        u64 sum = 0;
        for (u64 at = 0; at < memory->bytes; at += 8)
            sum = digest(sum, *(const u64 *)(memory->base + at));
        say("memory"), say_number(memory->bytes / WASRISC_PAGE, 10), say_number(sum, 16), end_line();
    }
    for (u32 i = 0; i < module->table_count; i++) {
        const wasrisc_table *table = module->tables[i];
        u64 sum = 0;
        for (u32 at = 0; at < table->size; at++) sum = digest(sum, table->elements[at] != 0);
        say("table"), say_number(table->size, 10), say_number(sum, 16), end_line();
    }
}

static void run(const struct module *module) {
    host_digest = 0;
    if (attempt("start", module->start, "")) {
        for (u32 i = 0; i < module->call_count; i++) {
            const struct call *call = &module->calls[i];
            for (u32 k = 0; k < call->argument_count; k++) slots[k] = call->arguments[k];
            attempt("call", call->run, call->results);
        }
        state(module);
    }
    say("host"), say_number(host_digest, 16), end_line();
}

static u32 chosen(void) {
    u32 number = 0;
    const char *at = wasrisc_arguments.bytes;
    while (*at) at++;
    for (at++; *at; at++) number = number * 10 + (u32)(*at - '0');
    return number;
}

void winstantiate(void) {}

void wexport__start(void) {
    u32 first = chosen();
    for (u32 i = first; i < module_count && (i == first || !FIXED_BASE); i++) {
        say("module"), say_number(i, 10), end_line();
        run(modules[i]);
        say("end"), end_line();
    }
}
