/* Runs the commands of one script, and its verdicts. It takes the place of a
 * translated module: the platform's runtime starts it, and its first argument
 * is which of `scripts` it shall run. */
#include "driver.h"
#include "wasrisc_platform.h"

/* jump.S */
typedef u64 place[16];
__attribute__((returns_twice)) int mark(place place);
_Noreturn void leave(place place, int code);

static place before_command;

/* Linked with --wrap=wasrisc_trap. */
_Noreturn void __wrap_wasrisc_trap(int code) { leave(before_command, code); }

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

static void say(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    write_output((const u8 *)text, length);
}

static void say_number(u64 number, u64 radix) {
    char text[24], *at = text + sizeof text;
    *--at = 0;
    do *--at = "0123456789abcdef"[number % radix];
    while (number /= radix);
    say(at);
}

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

static void wrong_result(const struct command *command, u32 i, u64 found) {
    const struct expected *expected = &command->results[i];
    say("line "), say_number(command->line, 10);
    say(": result "), say_number(i, 10);
    say(" is 0x"), say_number(found, 16);
    say(", expected 0x"), say_number(expected->bits, 16);
    say(" by pattern "), say_number(expected->pattern, 10);
    say("\n");
}

static void wrong_trap(const struct command *command, int code) {
    say("line "), say_number(command->line, 10);
    say(": trap "), say_number(code, 10);
    say(", expected "), say_number(command->trap, 10);
    say("\n");
}

static int run(const struct command *command) {
    static u64 slots[2000];
    for (u32 i = 0; i < command->argument_count; i++) slots[i] = command->arguments[i];
    int code = mark(before_command);
    if (code == 0) command->run(slots);
    if (code != command->trap) {
        wrong_trap(command, code);
        return 0;
    }
    if (code != 0) return 1;
    for (u32 i = 0; i < command->result_count; i++) {
        if (!matches(command->results[i], slots[i])) {
            wrong_result(command, i, slots[i]);
            return 0;
        }
    }
    return 1;
}

static u32 chosen(void) {
    u32 number = 0;
    const char *at = wasrisc_arguments.bytes;
    while (*at) at++;
    for (at++; *at; at++) number = number * 10 + (u32)(*at - '0');
    return number;
}

void winstantiate(void) {
    /* Under a policy with a fixed base that place is the modules' own. */
    if (!FIXED_BASE && !wasrisc_memory_provide(&spectest_memory)) say("no memory for spectest\n");
}

void wexport__start(void) {
    const struct script *script = scripts[chosen()];
    u32 passed = 0;
    for (u32 i = 0; i < script->count; i++) passed += (u32)run(&script->commands[i]);
    say("passed "), say_number(passed, 10);
    say(" of "), say_number(script->count, 10);
    say("\n");
}
