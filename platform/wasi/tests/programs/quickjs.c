/* Starts QuickJS, which is packed as a library: its exported function takes the
 * arguments of the command. */
#include "w.h"
#include "wasrisc_platform.h"

void wexport__start(void) {
    wexport__initialize();
    u32 size = (u32)wasrisc_arguments.size, count = 0;
    u32 text = wexport_malloc(size), pointers = wexport_malloc(4 * size);
    u8 *at = wmemory0.base + text;
    __builtin_memcpy(at, wasrisc_arguments.bytes, size);
    for (u32 i = 0; i < size; i++)
        if (i == 0 || at[i - 1] == 0) STORE(u32, wmemory0.base + pointers + 4 * count++, text + i);
    if (wexport_qjs_init_argv(count, pointers) != 0) wasrisc_exit(1);
}
