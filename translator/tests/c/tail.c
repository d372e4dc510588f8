// w_000.c
extern wasrisc_table wtable0;
u32 w_even(u32 l0);
u32 w_odd(u32 l0);
u32 w_other(u64 l0);
u32 w_call(u32 l0, u32 l1);
void wstep_other(void);

u32 w_even(u32 l0) {
WASRISC_CHECK_STACK();
if (!(!l0)) goto L2;
return 1u;
L2:;
WASRISC_MUSTTAIL return w_odd((l0 - 1u));
}

u32 w_odd(u32 l0) {
WASRISC_CHECK_STACK();
if (!(!l0)) goto L2;
return 0u;
L2:;
WASRISC_MUSTTAIL return w_even((l0 - 1u));
}

u32 w_other(u64 l0) {
wasrisc_tail_slots[0] = l0;
wasrisc_tail_run(wstep_other);
return (u32)wasrisc_tail_slots[0];
}
void wstep_other(void) {
u64 l0 = wasrisc_tail_slots[0];
WASRISC_CHECK_STACK();
u32 t0 = w_even((u32)l0);
wasrisc_tail_slots[0] = t0; return;
}

u32 w_call(u32 l0, u32 l1) {
WASRISC_CHECK_STACK();
u32 t0 = ((u32 (*)(u32))wasrisc_callee(&wtable0, l1, 1)->code)(l0);
return t0;
}
// w_cold_000.c

// w_instance.c
extern wasrisc_table wtable0;
u32 w_even(u32 l0);
u32 w_odd(u32 l0);
extern const wasrisc_function wref_even;
extern const wasrisc_function wref_odd;

const wasrisc_function wref_even = {(wasrisc_code)w_even, 1, 0};
const wasrisc_function wref_odd = {(wasrisc_code)w_odd, 1, 0};
static void *wtable0_elements[2];
wasrisc_table wtable0 = {wtable0_elements, 2, 2, 4294967295ull, UINT64_MAX};
static const void *const welement0_items[2] = {&wref_even,
&wref_odd};
#define wimage ((const u8 *)0)

void winstantiate(void) {
wasrisc_table_init(&wtable0, welement0_items, 2, 0u, 0, 2);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
