// w_000.c
extern wasrisc_memory wmemory0;
void w_multi3_clang(u32 l0, u64 l1, u64 l2, u64 l3, u64 l4);
void w_ashlti3_rust(u32 l0, u64 l1, u64 l2, u32 l3);
void w_f2(u32 l0, u64 l1, u64 l2);
u64 w_f3(u64 l0, u32 l1);
u64 w_f4(u32 l0, u64 l1, u32 l2);
void w_other(u32 l0, u64 l1, u64 l2, u32 l3);
void w_f6(void);

void w_multi3_clang(u32 l0, u64 l1, u64 l2, u64 l3, u64 l4) {
u8 *const m0 = wmemory0.base;
const u64 n0 = 65536;
u64 l5 = 0;
u64 t0 = ((l4 * l1) + (l2 * l3));
l2 = (l3 >> 32);
l4 = (l1 >> 32);
l3 = (l3 & 4294967295ull);
l1 = (l1 & 4294967295ull);
l5 = (l3 * l1);
l3 = ((l5 >> 32) + (l3 * l4));
l1 = ((l3 & 4294967295ull) + (l2 * l1));
wasrisc_bounded((s64)(s32)l0, n0 - 16);
STORE(u64, m0 + (s64)(s32)l0 + 8, (((t0 + (l2 * l4)) + (l3 >> 32)) + (l1 >> 32)));
STORE(u64, m0 + (s64)(s32)l0, ((l1 << 32) | (l5 & 4294967295ull)));
return;
}

void w_ashlti3_rust(u32 l0, u64 l1, u64 l2, u32 l3) {
u8 *const m0 = wmemory0.base;
const u64 n0 = 65536;
u64 l4 = 0;
if ((l3 & 64u)) {goto L2;
}
if ((!l3)) {goto L1;
}
l4 = (u64)l3;
l2 = ((l2 << (l4 & 63)) | (l1 >> ((u64)(0u - l3) & 63)));
l1 = (l1 << (l4 & 63));
goto L1;
L2:;
l2 = (l1 << ((u64)l3 & 63));
l1 = 0ull;
L1:;
wasrisc_bounded((s64)(s32)l0, n0 - 8);
STORE(u64, m0 + (s64)(s32)l0, l1);
wasrisc_bounded((s64)(s32)l0, n0 - 16);
STORE(u64, m0 + (s64)(s32)l0 + 8, l2);
return;
}

void w_f2(u32 l0, u64 l1, u64 l2) {
WASRISC_CHECK_STACK();
u8 *const m0 = wmemory0.base;
const u64 n0 = 65536;
u128 t0 = wasrisc_multi3(l1, 0ull, l2, 0ull);
STORE(u64, m0 + wasrisc_bounded((s64)(s32)(l0 + 16u), n0 - 16) + 8, (u64)(t0 >> 64));
STORE(u64, m0 + wasrisc_bounded((s64)(s32)(l0 + 16u), n0 - 8), (u64)t0);
return;
}

u64 w_f3(u64 l0, u32 l1) {
WASRISC_CHECK_STACK();
u8 *const m0 = wmemory0.base;
u128 t0 = wasrisc_ashlti3(l0, LOAD(u64, m0 + 32ll), l1);
STORE(u64, m0 + 16ll, (u64)t0);
STORE(u64, m0 + 16ll + 8, (u64)(t0 >> 64));
return LOAD(u64, m0 + 24ll);
}

u64 w_f4(u32 l0, u64 l1, u32 l2) {
WASRISC_CHECK_STACK();
u8 *const m0 = wmemory0.base;
const u64 n0 = 65536;
u128 t0 = wasrisc_ashlti3(l1, 0ull, l2);
STORE(u64, m0 + wasrisc_bounded((s64)(s32)(l0 + 16u), n0 - 8), (u64)t0);
STORE(u64, m0 + wasrisc_bounded((s64)(s32)(l0 + 16u), n0 - 16) + 8, (u64)(t0 >> 64));
wasrisc_bounded((s64)(s32)l0, n0 - 24);
wasrisc_bounded((s64)(s32)l0, n0 - 32);
return (LOAD(u64, m0 + (s64)(s32)l0 + 16) | LOAD(u64, m0 + (s64)(s32)l0 + 24));
}

void w_other(u32 l0, u64 l1, u64 l2, u32 l3) {
u8 *const m0 = wmemory0.base;
const u64 n0 = 65536;
u64 l4 = 0;
if ((l3 & 32u)) {goto L2;
}
if ((!l3)) {goto L1;
}
l4 = (u64)l3;
l2 = ((l2 << (l4 & 63)) | (l1 >> ((u64)(0u - l3) & 63)));
l1 = (l1 << (l4 & 63));
goto L1;
L2:;
l2 = (l1 << ((u64)l3 & 63));
l1 = 0ull;
L1:;
wasrisc_bounded((s64)(s32)l0, n0 - 8);
STORE(u64, m0 + (s64)(s32)l0, l1);
wasrisc_bounded((s64)(s32)l0, n0 - 16);
STORE(u64, m0 + (s64)(s32)l0 + 8, l2);
return;
}

void w_f6(void) {
WASRISC_CHECK_STACK();
w_other(16u, 1ull, 2ull, 3u);
return;
}
// w_cold_000.c

// w_instance.c
void w_f2(u32 l0, u64 l1, u64 l2);
u64 w_f3(u64 l0, u32 l1);
u64 w_f4(u32 l0, u64 l1, u32 l2);
void w_f6(void);

wasrisc_memory wmemory0 = {(u8 *)0, 65536ull, 32768ull, UINT64_MAX};
#define wimage ((const u8 *)0)
void wexport_product(u32 l0, u64 l1, u64 l2) { w_f2(l0, l1, l2); }
u64 wexport_shift(u64 l0, u32 l1) { return w_f3(l0, l1); }
u64 wexport_shift_in_frame(u32 l0, u64 l1, u32 l2) { return w_f4(l0, l1, l2); }
void wexport_call(void) { w_f6(); }

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);


void wexport_product(u32 l0, u64 l1, u64 l2);
u64 wexport_shift(u64 l0, u32 l1);
u64 wexport_shift_in_frame(u32 l0, u64 l1, u32 l2);
void wexport_call(void);

#endif
