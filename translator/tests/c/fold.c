// w_000.c
extern wasrisc_memory wmemory0;
extern u32 wglobal0;
u32 w_one_expression(u32 l0, u32 l1);
u64 w_frame(void);
u32 w_load_before_store(u32 l0);
u32 w_read_before_set(u32 l0);
u32 w_not_changed(u32 l0, u32 l1);

u32 w_one_expression(u32 l0, u32 l1) {
return ((l0 * 3u) + LOAD(u32, (s64)(s32)(l1 << 2) + 8));
}

u64 w_frame(void) {
u32 l0 = 0;
l0 = (wglobal0 - 16u);
wglobal0 = l0;
STORE(u8, (s64)(s32)l0 + 3, 18446744073709551615ull);
return (u64)LOAD(s32, (s64)(s32)l0);
}

u32 w_load_before_store(u32 l0) {
u32 t0 = LOAD(u32, (s64)(s32)l0);
STORE(u32, (s64)(s32)l0, 7u);
return t0;
}

u32 w_read_before_set(u32 l0) {
u32 t0 = l0;
l0 = 5u;
return (t0 + l0);
}

u32 w_not_changed(u32 l0, u32 l1) {
l1 = 5u;
return l0;
}
// w_cold_000.c

// w_instance.c

u32 wglobal0 = 65536u;
wasrisc_memory wmemory0 = {(u8 *)0, 65536ull, 32768ull, UINT64_MAX};
#define wimage ((const u8 *)0)

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
