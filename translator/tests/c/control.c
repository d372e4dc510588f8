// w_000.c
#ifndef WASRISC_RESULTS_ii
#define WASRISC_RESULTS_ii
typedef struct { u32 r0; u32 r1; } wasrisc_results_ii;
#endif
u32 w_plain(u32 l0);
u32 w_choice(u32 l0);
u32 w_count(u32 l0);
u32 w_switch(u32 l0);
wasrisc_results_ii w_swap(u32 l0, u32 l1);

u32 w_plain(u32 l0) {
return (l0 + 1u);
}

u32 w_choice(u32 l0) {
u32 t0;
if (!((s32)l0 < (s32)0u)) goto L2;
t0 = 10u;
goto L1;
L2:;
t0 = 20u;
L1:;
return t0;
}

u32 w_count(u32 l0) {
u32 l1 = 0;
L1:;
l1 = (l1 + l0);
l0 = (l0 - 1u);
if (l0) {goto L1;
}
return l1;
}

u32 w_switch(u32 l0) {
switch (l0) {
case 3: goto L3;
case 1: case 2: goto L2;
default: goto L1;
}
L3:;
return 3u;
L2:;
return 2u;
L1:;
return 1u;
}

wasrisc_results_ii w_swap(u32 l0, u32 l1) {
u32 t2;
u32 t3;
u32 t0 = l0;
u32 t1 = l1;
u32 t4 = t0;
u32 t5 = t1;
t2 = t4;
t3 = t5;
L1:;
l0 = t3;
l1 = t2;
u32 t6 = l0;
u32 t7 = l1;
if ((l0 < l1)) {u32 t8 = t6;
u32 t9 = t7;
t2 = t8;
t3 = t9;
goto L1;
}
return (wasrisc_results_ii){t6, t7};
}
// w_cold_000.c

// w_instance.c

#define wimage ((const u8 *)0)

void winstantiate(void) {
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);



#endif
