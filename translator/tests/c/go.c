// w_000.c
extern wasrisc_memory wmemory0;
extern u32 wglobal0;
register u64 wglobal2 __asm__("s11");
u32 w_leaf(u32 l0);
u32 w_throw(u32 l0);
u32 w_gives_up(u32 l0);
u32 w_spills(u32 l0);
u32 w_caller(u32 l0);
u32 w_converts(u32 l0);
void wfast_leaf(WASRISC_GO_FRAME);
WASRISC_GO_COLD void wfast_throw(WASRISC_GO_FRAME);
WASRISC_GO_COLD void wfast_gives_up(WASRISC_GO_FRAME);
void wfast_spills(WASRISC_GO_FRAME);
void wfast_caller(WASRISC_GO_FRAME);
void wfast_converts(WASRISC_GO_FRAME);
WASRISC_GO_COLD u32 wresume_caller(u32 l0);
extern const wasrisc_go_code wfasttable[];

u32 w_leaf(u32 l0) {
if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_leaf);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_leaf(WASRISC_GO_OWN_FRAME) {
goto L1;
L1:;
STORE(u64, sp + 16, LOAD(u64, LOAD(u64, sp + 8) + 24));
return;
}

u32 w_throw(u32 l0) {
if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_throw);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_throw(WASRISC_GO_OWN_FRAME) {
wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
}

u32 w_gives_up(u32 l0) {
if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_gives_up);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_gives_up(WASRISC_GO_OWN_FRAME) {
goto L3;
L3:;
WASRISC_GO_STORE(sp - 8, 268566529ull);
return wfast_throw(sp - 8);
L2:;
wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
}

u32 w_spills(u32 l0) {
if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_spills);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_spills(WASRISC_GO_OWN_FRAME) {
u32 slot8 = 0;
goto L3;
L3:;
slot8 = LOAD(u64, sp + 8);
if (!(!((u64)(s32)slot8))) goto L5;
STORE(u64, sp - 16, 7ull);
WASRISC_GO_STORE(sp - 24, 268632065ull);
return wfast_throw(sp - 24);
L5:;
STORE(u64, sp + 16, ((u64)(s32)slot8));
return;
L2:;
wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
}

u32 w_caller(u32 l0) {
if (l0) return wresume_caller(l0);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_caller);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_caller(WASRISC_GO_OWN_FRAME) {
u64 l2 = 0;
L2:;
goto L6;
L6:;
if (!((sp) <= WASRISC_GO_GUARD("s11", 16, wglobal2))) goto L8;
WASRISC_GO_STORE(sp - 8, 268697600ull);
return wfast_throw(sp - 8);
L8:;
STORE(u64, sp - 24, LOAD(u64, sp + 8));
WASRISC_GO_STORE(sp - 32, 268697601ull);
wfast_leaf(sp - 32);
L5:;
l2 = LOAD(u64, sp - 16);
if (!(!l2)) goto L10;
goto L4;
L10:;
goto L5;
L4:;
u64 t1 = LOAD(u64, l2);
WASRISC_GO_STORE(sp - 32, 268697603ull);
u64 t2 = t1;
WASRISC_GO_CODE(wfasttable, t2)(sp - 32);
L3:;
return;
}

u32 w_converts(u32 l0) {
if (l0) wasrisc_trap(WASRISC_TRAP_UNREACHABLE);
u8 *sp = (u8 *)(u64)wglobal0;
u32 t0 = wasrisc_go_catch(sp, wfast_converts);
sp += 8;
if (!t0) wglobal0 = (u32)(u64)(sp);
return t0;
}

void wfast_converts(WASRISC_GO_OWN_FRAME) {
u64 slot64 = 0;
u64 slot32 = 0;
slot64 = 5ull;
slot32 = ((u64)(u64)slot64);
STORE(f64, 8ll, (f64)(s64)((u64)(u64)slot32));
return;
}
// w_cold_000.c
extern wasrisc_memory wmemory0;
extern const wasrisc_entry wtable0[];
extern u32 wglobal0;
register u64 wglobal2 __asm__("s11");
u32 w_leaf(u32 l0);
u32 w_throw(u32 l0);
u32 w_caller(u32 l0);

u32 wresume_caller(u32 l0) {
u32 l1 = 0;
u64 l2 = 0;
l1 = wglobal0;
L2:;
switch (l0) {
case 0: goto L6;
case 1: goto L5;
case 2: goto L4;
default: goto L3;
}
L6:;
if (!(l1 <= LOAD(u32, (s64)(s32)(u32)wglobal2 + 16))) goto L8;
l1 = (l1 - 8u);
wglobal0 = l1;
STORE(u64, (s64)(s32)l1, 268697600ull);
u32 t0 = w_throw(0u);
l1 = wglobal0;
if (t0) {goto L1;
}
L8:;
l1 = (l1 - 24u);
wglobal0 = l1;
STORE(u64, (s64)(s32)l1, LOAD(u64, (s64)(s32)l1 + 32));
l1 = (l1 - 8u);
wglobal0 = l1;
STORE(u64, (s64)(s32)l1, 268697601ull);
u32 t1 = w_leaf(0u);
l1 = wglobal0;
if (t1) {goto L1;
}
L5:;
l2 = LOAD(u64, (s64)(s32)l1 + 8);
if (!(!l2)) goto L10;
l0 = 2u;
goto L4;
L10:;
l0 = 1u;
goto L5;
L4:;
l1 = (l1 - 8u);
wglobal0 = l1;
u64 t2 = LOAD(u64, (s64)(s32)(u32)l2);
STORE(u64, (s64)(s32)l1, 268697603ull);
l0 = (u32)(t2 >> 16);
u32 t3 = ((u32 (*)(u32))wasrisc_constant_callee(wtable0, 4102u, l0, 1))(0u);
l1 = wglobal0;
if (t3) {goto L1;
}
L3:;
l1 = (l1 + 24u);
wglobal0 = l1;
l1 = (l1 + 8u);
wglobal0 = l1;
return 0u;
L1:;
return 1u;
}
// w_instance.c
u32 w_leaf(u32 l0);
u32 w_throw(u32 l0);
u32 w_gives_up(u32 l0);
u32 w_spills(u32 l0);
u32 w_caller(u32 l0);
u32 w_converts(u32 l0);
void wfast_leaf(WASRISC_GO_FRAME);
WASRISC_GO_COLD void wfast_throw(WASRISC_GO_FRAME);
WASRISC_GO_COLD void wfast_gives_up(WASRISC_GO_FRAME);
void wfast_spills(WASRISC_GO_FRAME);
void wfast_caller(WASRISC_GO_FRAME);
void wfast_converts(WASRISC_GO_FRAME);

u32 wglobal0 = 0u;
u64 wglobal1 = 0ull;
u64 wglobal3 = 0ull;
u64 wglobal4 = 0ull;
u64 wglobal5 = 0ull;
u64 wglobal6 = 0ull;
u32 wglobal7 = 0u;
const wasrisc_entry wtable0[4102] = {
[4096] = {(wasrisc_code)w_leaf, 1},
[4097] = {(wasrisc_code)w_throw, 1},
[4098] = {(wasrisc_code)w_gives_up, 1},
[4099] = {(wasrisc_code)w_spills, 1},
[4100] = {(wasrisc_code)w_caller, 1},
[4101] = {(wasrisc_code)w_converts, 1},
};
wasrisc_memory wmemory0 = {(u8 *)0, 131072ull, 32768ull, UINT64_MAX};
#define wimage ((const u8 *)0)
const wasrisc_go_code wfasttable[4102] = {
[4096] = wfast_leaf,
[4097] = wfast_throw,
[4098] = wfast_gives_up,
[4099] = wfast_spills,
[4100] = wfast_caller,
[4101] = wfast_converts,
};
WASRISC_GO_UNWINDING_BUT("s11")

void winstantiate(void) {
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
