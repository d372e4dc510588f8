/* Contents of files: one run of bytes each. A file of the image is copied when it
 * is first written. */
#include "heap.h"
#include "node.h"

u32 wasi_contents_reserve(struct wasi_node *node, u64 size) {
    if (size <= node->capacity) return WASI_SUCCESS;
    /* An allocation has a power of two of bytes, so that growing is rare. */
    u8 *bytes = wasi_allocate(size < node->size ? node->size : size);
    if (!bytes) return WASI_NOSPC;
    if (node->size > 0) __builtin_memcpy(bytes, node->bytes, node->size);
    if (node->capacity > 0) wasi_free(node->bytes);
    node->bytes = bytes;
    node->capacity = wasi_allocated(bytes);
    return WASI_SUCCESS;
}

u32 wasi_contents_resize(struct wasi_node *node, u64 size) {
    if (size > node->size) {
        WASI_TRY(wasi_contents_reserve(node, size));
        __builtin_memset(node->bytes + node->size, 0, size - node->size);
    } else if (size == 0 && node->capacity > 0) {
        wasi_free(node->bytes);
        node->bytes = NULL;
        node->capacity = 0;
    }
    node->size = size;
    return WASI_SUCCESS;
}
