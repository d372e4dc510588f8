/* What files have beside their bytes: a position, a size, being on a disk. */
#include "descriptor.h"

enum { WHENCE_SET = 0, WHENCE_CUR = 1, WHENCE_END = 2 };

enum { LAST_ADVICE = 5 };

u32 WASI(fd_seek)(u32 fd, u64 offset, u32 whence, u32 position) {
    struct wasi_descriptor *descriptor;
    bool asks = offset == 0 && whence == WHENCE_CUR;
    u32 right = WASI_RIGHT_FD_SEEK | (asks ? WASI_RIGHT_FD_TELL : 0);
    WASI_TRY(wasi_descriptor_file(fd, right, WASI_SPIPE, &descriptor));
    if (!wasi_inside(position, 1, 8)) return WASI_FAULT;
    s64 base, sought;
    switch (whence) {
    case WHENCE_SET: base = 0; break;
    case WHENCE_CUR: base = (s64)descriptor->position; break;
    case WHENCE_END: base = (s64)descriptor->node->size; break;
    default: return WASI_INVAL;
    }
    if (__builtin_add_overflow(base, (s64)offset, &sought)) return WASI_OVERFLOW;
    if (sought < 0) return WASI_INVAL;
    descriptor->position = (u64)sought;
    STORE(u64, wasi_at(position), (u64)sought);
    return WASI_SUCCESS;
}

u32 WASI(fd_tell)(u32 fd, u32 position) {
    struct wasi_descriptor *descriptor;
    u32 right = WASI_RIGHT_FD_TELL | WASI_RIGHT_FD_SEEK;
    WASI_TRY(wasi_descriptor_file(fd, right, WASI_SPIPE, &descriptor));
    return wasi_store_u64(position, descriptor->position);
}

u32 WASI(fd_filestat_set_size)(u32 fd, u64 size) {
    struct wasi_descriptor *descriptor;
    WASI_TRY(wasi_descriptor_file(fd, WASI_RIGHT_FD_FILESTAT_SET_SIZE, WASI_INVAL, &descriptor));
    if (size > INT64_MAX) return WASI_INVAL;
    WASI_TRY(wasi_contents_resize(descriptor->node, size));
    wasi_node_modified(descriptor->node);
    return WASI_SUCCESS;
}

u32 WASI(fd_allocate)(u32 fd, u64 offset, u64 len) {
    struct wasi_descriptor *descriptor;
    u64 end;
    WASI_TRY(wasi_descriptor_file(fd, WASI_RIGHT_FD_ALLOCATE, WASI_SPIPE, &descriptor));
    if (len == 0) return WASI_INVAL;
    if (__builtin_add_overflow(offset, len, &end) || end > INT64_MAX) return WASI_FBIG;
    if (end <= descriptor->node->size) return WASI_SUCCESS;
    WASI_TRY(wasi_contents_resize(descriptor->node, end));
    wasi_node_modified(descriptor->node);
    return WASI_SUCCESS;
}

u32 WASI(fd_advise)(u32 fd, u64 offset, u64 len, u32 advice) {
    struct wasi_descriptor *descriptor;
    (void)offset, (void)len;
    WASI_TRY(wasi_descriptor_file(fd, WASI_RIGHT_FD_ADVISE, WASI_SPIPE, &descriptor));
    return advice <= LAST_ADVICE ? WASI_SUCCESS : WASI_INVAL;
}

/* There is no disk to be behind; a stream cannot be synchronised. */
static u32 synchronise(u32 fd, u32 right) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (descriptor->kind != WASI_NODE) return WASI_INVAL;
    return descriptor->rights & right ? WASI_SUCCESS : WASI_NOTCAPABLE;
}

u32 WASI(fd_sync)(u32 fd) {
    return synchronise(fd, WASI_RIGHT_FD_SYNC);
}

u32 WASI(fd_datasync)(u32 fd) {
    return synchronise(fd, WASI_RIGHT_FD_DATASYNC | WASI_RIGHT_FD_SYNC);
}
