/* What the C of a script is written against: its commands, and the host module
 * that scripts import from. */
#ifndef DRIVER_H
#define DRIVER_H

#include "wasrisc.h"

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

/* What one process runs: commands of one script, in order. */
struct script {
    const struct command *commands;
    u32 count;
};
extern const struct script *const scripts[];

extern u32 spectest_global_i32;
extern u64 spectest_global_i64;
extern f32 spectest_global_f32;
extern f64 spectest_global_f64;
extern wasrisc_table spectest_table;
extern wasrisc_memory spectest_memory;
void spectest_print(void);
void spectest_print_i32(u32 a);
void spectest_print_i64(u64 a);
void spectest_print_f32(f32 a);
void spectest_print_f64(f64 a);
void spectest_print_i32_f32(u32 a, f32 b);
void spectest_print_f64_f64(f64 a, f64 b);

#endif
