// w_000.c
u32 w_machine(u32 l0);

u32 w_machine(u32 l0) {
u32 l1 = 0;
L1:;
switch (l0) {
case 0: goto L3;
default: goto L2;
}
L3:;
l0 = 1u;
goto L2;
L2:;
l0 = 7u;
if (l1) {goto L1;
}
l0 = 0u;
l1 = 1u;
goto L1;
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
