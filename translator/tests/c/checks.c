// w_000.c
extern wasrisc_memory wmemory0;
u32 w_certain(void);
u32 w_within(u32 l0);
u32 w_reached(u32 l0);
u32 w_grown(u32 l0);
void w_trap_before_store(u32 l0, u32 l1);
u32 w_quotient(u32 l0);

u32 w_certain(void) {
u8 *const m0 = wmemory0.base;
return LOAD(u32, m0 + 65528ll + 4);
}

u32 w_within(u32 l0) {
u8 *const m0 = wmemory0.base;
u64 n0 = wmemory0.bytes;
wasrisc_bounded((s64)(s32)l0, n0 - 8);
return LOAD(u32, m0 + (s64)(s32)l0 + 4);
}

u32 w_reached(u32 l0) {
u8 *const m0 = wmemory0.base;
u64 n0 = wmemory0.bytes;
wasrisc_reached((u64)l0, 65540, n0);
return LOAD(u32, m0 + (s64)(s32)l0 + 65536);
}

u32 w_grown(u32 l0) {
u8 *const m0 = wmemory0.base;
u64 n0 = wmemory0.bytes;
u32 t0 = wasrisc_memory_grow(&wmemory0, 1u);
n0 = wmemory0.bytes;
wasrisc_bounded((s64)(s32)l0, n0 - 1);
return (u32)LOAD(u8, m0 + (s64)(s32)l0);
}

void w_trap_before_store(u32 l0, u32 l1) {
u8 *const m0 = wmemory0.base;
u64 n0 = wmemory0.bytes;
u32 t0 = i32_div_u(1u, l1);
wasrisc_bounded((s64)(s32)l0, n0 - 4);
STORE(u32, m0 + (s64)(s32)l0, t0);
return;
}

u32 w_quotient(u32 l0) {
return (l0 / 10u);
}
// w_cold_000.c

// w_instance.c

wasrisc_memory wmemory0 = {(u8 *)0, 65536ull, 32768ull, UINT64_MAX};
#define wimage ((const u8 *)0)

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
