/* For functions with more values alive than there are registers. Scheduling that
 * hides latencies keeps more of them alive: up to a third more instructions. clang
 * has no switch for one function, but this machine's model is one by which it
 * hardly moves anything. Such a function takes in no others by itself. */
#if defined __riscv && defined __clang__
#define IN_ORDER __attribute__((noinline, target("tune=mips-p8700")))
#elif defined __riscv
#define IN_ORDER __attribute__((noinline, optimize("no-schedule-insns")))
#else
#define IN_ORDER
#endif
