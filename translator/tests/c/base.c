// w_000.c
extern wasrisc_memory wmemory0;
u64 w_fields(u32 l0);
u32 w_before(u32 l0);
u32 w_cut(u64 l0);
u32 w_constant(void);

u64 w_fields(u32 l0) {
STORE(u64, wasrisc_based((s64)(s32)l0) + 20, 1ull);
return LOAD(u64, wasrisc_based((s64)(s32)l0) + 2147483647);
}

u32 w_before(u32 l0) {
return LOAD(u32, wasrisc_based((s64)(s32)(l0 + 4294967292u)));
}

u32 w_cut(u64 l0) {
return LOAD(u32, wasrisc_based((s64)(s32)(u32)l0) + 24);
}

u32 w_constant(void) {
return LOAD(u32, wasrisc_based(8192ll) + -2048);
}
// w_cold_000.c

// w_instance.c

wasrisc_memory wmemory0 = {(u8 *)0x100000000ull, 65536ull, 32768ull, UINT64_MAX};
#define wimage ((const u8 *)0)

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
