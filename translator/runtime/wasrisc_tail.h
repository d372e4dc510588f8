/* Tail calls by trampoline, where the compiler has no `musttail` for them.
 *
 * A function that makes tail calls is compiled as a step: it takes its
 * arguments from `wasrisc_tail_slots`, and ends by either leaving its results
 * there, or leaving its callee's arguments there and the callee's step in
 * `wasrisc_tail_next`. Its ordinary entry writes the arguments and runs steps
 * until none is left. Slots are read at a step's start and written at its end,
 * never across a call, so nested trampolines share them. */
#ifndef WASRISC_TAIL_H
#define WASRISC_TAIL_H

/* wasm engines, this translator's validator included, limit functions to
 * 1,000 parameters and 1,000 results. */
extern u64 wasrisc_tail_slots[1000];
extern wasrisc_code wasrisc_tail_next;

WASRISC_INLINE void wasrisc_tail_run(wasrisc_code step) {
    do {
        wasrisc_tail_next = 0;
        step();
        step = wasrisc_tail_next;
    } while (step);
}

#define WASRISC_MUSTTAIL __attribute__((musttail))

#endif
