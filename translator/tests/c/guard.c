// w_000.c
extern wasrisc_memory wmemory0;
u64 w_fields(u32 l0);
u32 w_sums(u32 l0);
u32 w_merges(u32 l0, u32 l1);
f64 w_kept(u32 l0, u64 l1);
u32 w_far(u32 l0);

u64 w_fields(u32 l0) {
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
STORE(u64, (s64)(s32)l0, 1ull);
u32 t0 = wasrisc_memory_grow(&wmemory0, 1u);
wasrisc_memory_bytes = wmemory0.bytes;
STORE(u64, (s64)(s32)l0 + 65000, 2ull);
wasrisc_reached((u64)l0, 65543, wasrisc_memory_bytes);
return LOAD(u64, (s64)(s32)l0 + 65535);
}

u32 w_sums(u32 l0) {
u64 l1 = 0;
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
STORE(u32, (s64)(s32)l0, 1u);
STORE(u32, (s64)(s32)l0 + 16, 2u);
STORE(u32, wasrisc_inside((s64)(s32)(l0 + 4294967280u), wasrisc_memory_bytes), 3u);
l1 = ((u64)l0 + 8ull);
STORE(u32, (s64)(s32)(u32)l1, 4u);
l0 = (l0 - 8u);
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
return LOAD_KEPT(u32, u32, (s64)(s32)l0);
}

u32 w_merges(u32 l0, u32 l1) {
if (!l1) goto L2;
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
STORE(u8, (s64)(s32)l0, 1u);
goto L1;
L2:;
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
STORE(u16, (s64)(s32)l0, 2u);
wasrisc_inside((s64)(s32)l1, wasrisc_memory_bytes);
STORE(u32, (s64)(s32)l1, 3u);
L1:;
STORE(u32, (s64)(s32)l0, 4u);
wasrisc_inside((s64)(s32)l1, wasrisc_memory_bytes);
STORE(u32, (s64)(s32)l1, 5u);
L3:;
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
STORE(u32, (s64)(s32)l0, 6u);
l0 = LOAD(u32, (s64)(s32)l0);
if (l0) {goto L3;
}
wasrisc_inside((s64)(s32)l1, wasrisc_memory_bytes);
return LOAD_KEPT(u32, u32, (s64)(s32)l1);
}

f64 w_kept(u32 l0, u64 l1) {
wasrisc_inside((s64)(s32)l0, wasrisc_memory_bytes);
u64 t0 = LOAD_KEPT(u64, u64, (s64)(s32)l0);
l1 = LOAD_KEPT(u64, s16, (s64)(s32)l0 + 8);
u32 t1 = (u32)LOAD(u8, wasrisc_inside((s64)(s32)(l0 * 3u), wasrisc_memory_bytes));
f32 t2 = f32_bits(LOAD_KEPT(u32, u32, wasrisc_inside((s64)(s32)(l0 * 5u), wasrisc_memory_bytes)));
f64 t3 = f64_bits(LOAD_KEPT(u64, u64, (s64)(s32)l0 + 16));
return ((u32)LOAD(u8, (s64)(s32)l0) ? t3 : LOAD(f64, (s64)(s32)l0 + 1));
}

u32 w_far(u32 l0) {
wasrisc_reached((u64)l0, 100004, wasrisc_memory_bytes);
STORE(u32, (s64)(s32)l0 + 100000, 1u);
return LOAD(u32, (s64)(s32)l0 + 99996);
}
// w_cold_000.c

// w_instance.c

wasrisc_memory wmemory0 = {(u8 *)0, 65536ull, 32767ull, UINT64_MAX};
#define wimage ((const u8 *)0)

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
wasrisc_memory_bytes = wmemory0.bytes;
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
