// w_000.c
extern wasrisc_memory wmemory0;
extern const wasrisc_entry wtable0[];
extern wasrisc_data wdata2;
void wasrisc_import_host_call_x20me(f64 l0);
void w_f1(void);

void w_f1(void) {
WASRISC_CHECK_STACK();
wasrisc_import_host_call_x20me(f64_bits(0x3ff0000000000000ull));
((void (*)(void))wasrisc_constant_callee(wtable0, 3u, 2u, 2))();
wasrisc_memory_init(&wmemory0, wdata2.start, wdata2.length, 0u, 1u, 2u);
wdata2.length = 0;
return;
}
// w_cold_000.c

// w_instance.c
extern wasrisc_memory wmemory0;
extern u32 wasrisc_import_host_base;
void wasrisc_import_host_call_x20me(f64 l0);
void w_f1(void);

f32 wglobal1 = 0;
u32 wglobal2 = 42u;
const wasrisc_entry wtable0[3] = {
[1] = {(wasrisc_code)wasrisc_import_host_call_x20me, 1},
[2] = {(wasrisc_code)w_f1, 2},
};
wasrisc_memory wmemory0 = {(u8 *)0, 65536ull, 4ull, 4ull};
static const wasrisc_span wspans0[] = {
{16, 11, 5},
{1024, 16, 5},
};
extern const u8 wimage[];
wasrisc_data wdata2;
void wexport_start_x20here(void) { w_f1(); }

void winstantiate(void) {
wglobal1 = f32_bits(0x7fa00000u);
if (!wasrisc_memory_provide(&wmemory0)) wasrisc_trap(WASRISC_TRAP_NO_MEMORY);
wasrisc_place_image(&wmemory0, wimage, wspans0, 2);
wdata2.start = wimage + 0; wdata2.length = 7;
wasrisc_memory_init(&wmemory0, wimage + 7, 4, wasrisc_import_host_base, 0, 4);
}
// w.h
/* Provides memories and tables, places data, runs the start function. Once. */
void winstantiate(void);

extern wasrisc_memory wmemory0;
extern u32 wglobal2;

void wexport_start_x20here(void);
#define wexport_memory wmemory0
#define wexport_sum wglobal2

#endif
