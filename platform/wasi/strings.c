/* Arguments and environment: lists of strings that a module copies into its
 * memory. */
#include "wasi.h"

static u32 sizes(const wasrisc_strings *strings, u32 count_at, u32 size_at) {
    u32 count = 0;
    if (strings->size > UINT32_MAX) return WASI_OVERFLOW;
    for (size_t i = 0; i < strings->size; i++) count += strings->bytes[i] == 0;
    WASI_TRY(wasi_store_u32(count_at, count));
    return wasi_store_u32(size_at, (u32)strings->size);
}

static u32 copy(const wasrisc_strings *strings, u32 pointers, u32 buffer) {
    const char *bytes = strings->bytes;
    size_t size = strings->size;
    if (size > UINT32_MAX) return WASI_OVERFLOW;
    if (!wasi_inside(buffer, (u32)size, 1)) return WASI_FAULT;
    u64 place = pointers;
    for (size_t i = 0; i < size; i++) {
        if (i == 0 || bytes[i - 1] == 0) {
            if (place > UINT32_MAX) return WASI_FAULT;
            WASI_TRY(wasi_store_u32((u32)place, buffer + (u32)i));
            place += 4;
        }
    }
    if (size > 0)
        __builtin_memcpy(wasi_at(buffer), bytes, size);
    return WASI_SUCCESS;
}

u32 WASI(args_sizes_get)(u32 argc, u32 argv_buf_size) {
    return sizes(&wasrisc_arguments, argc, argv_buf_size);
}

u32 WASI(args_get)(u32 argv, u32 argv_buf) {
    return copy(&wasrisc_arguments, argv, argv_buf);
}

u32 WASI(environ_sizes_get)(u32 environc, u32 environ_buf_size) {
    return sizes(&wasrisc_environment, environc, environ_buf_size);
}

u32 WASI(environ_get)(u32 environ, u32 environ_buf) {
    return copy(&wasrisc_environment, environ, environ_buf);
}
