/* The table of descriptors, and what a descriptor says of itself. */
#include "descriptor.h"
#include "heap.h"

enum { FIRST_CAPACITY = 16 };

#define STREAM (WASI_RIGHT_FD_FILESTAT_GET | WASI_RIGHT_POLL_FD_READWRITE)

static struct wasi_descriptor first_table[FIRST_CAPACITY] = {
    {.kind = WASI_INPUT, .rights = STREAM | WASI_RIGHT_FD_READ},
    {.kind = WASI_OUTPUT, .rights = STREAM | WASI_RIGHT_FD_WRITE},
    {.kind = WASI_DIAGNOSTIC, .rights = STREAM | WASI_RIGHT_FD_WRITE},
    [WASI_ROOT_FD] = {.kind = WASI_UNMOUNTED},
};
static struct wasi_descriptor *table = first_table;
static u32 capacity = FIRST_CAPACITY;

struct wasi_descriptor *wasi_descriptor(u32 fd) {
    if (fd >= capacity) return NULL;
    struct wasi_descriptor *descriptor = &table[fd];
    if (WASRISC_LIKELY(descriptor->kind > WASI_UNMOUNTED)) return descriptor;
    if (descriptor->kind == WASI_CLOSED || wasi_preopen(descriptor)) return NULL;
    return descriptor->kind == WASI_CLOSED ? NULL : descriptor;
}

u32 wasi_refuse(u32 fd, u32 refusal) {
    return wasi_descriptor(fd) ? refusal : WASI_BADF;
}

u32 wasi_descriptor_file(u32 fd, u32 right, u32 refusal, struct wasi_descriptor **found) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (descriptor->kind != WASI_NODE) return refusal;
    if (wasi_is_directory(descriptor->node)) return WASI_ISDIR;
    if (!(descriptor->rights & right)) return WASI_NOTCAPABLE;
    *found = descriptor;
    return WASI_SUCCESS;
}

u32 wasi_descriptor_directory(u32 fd, u32 right, struct wasi_descriptor **found) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (descriptor->kind != WASI_NODE || !wasi_is_directory(descriptor->node)) return WASI_NOTDIR;
    if (!(descriptor->rights & right)) return WASI_NOTCAPABLE;
    *found = descriptor;
    return WASI_SUCCESS;
}

static u32 grow(void) {
    struct wasi_descriptor *grown = wasi_allocate((u64)capacity * 2 * sizeof *grown);
    if (!grown) return WASI_NFILE;
    __builtin_memcpy(grown, table, capacity * sizeof *grown);
    __builtin_memset(grown + capacity, 0, capacity * sizeof *grown);
    if (table != first_table) wasi_free(table);
    table = grown;
    capacity *= 2;
    return WASI_SUCCESS;
}

u32 wasi_descriptor_free(u32 *fd) {
    u32 free = WASI_ROOT_FD;
    while (free < capacity && table[free].kind != WASI_CLOSED) free++;
    if (free == capacity) WASI_TRY(grow());
    *fd = free;
    return WASI_SUCCESS;
}

void wasi_descriptor_open(u32 fd, const struct wasi_descriptor *descriptor) {
    table[fd] = *descriptor;
    descriptor->node->opened++;
}

static void close_descriptor(struct wasi_descriptor *descriptor) {
    struct wasi_node *node = descriptor->node;
    *descriptor = (struct wasi_descriptor){.kind = WASI_CLOSED};
    if (!node) return;
    node->opened--;
    wasi_node_release(node);
}

u32 WASI(fd_close)(u32 fd) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    close_descriptor(descriptor);
    return WASI_SUCCESS;
}

u32 WASI(fd_renumber)(u32 fd, u32 to) {
    struct wasi_descriptor *from = wasi_descriptor(fd), *target = wasi_descriptor(to);
    if (!from || !target) return WASI_BADF;
    if (from == target) return WASI_SUCCESS;
    close_descriptor(target);
    *target = *from;
    *from = (struct wasi_descriptor){.kind = WASI_CLOSED};
    return WASI_SUCCESS;
}

u32 WASI(fd_fdstat_get)(u32 fd, u32 stat) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    struct {
        u16 filetype, flags;
        u32 unused;
        u64 base, inheriting;
    } fdstat = {WASI_FILETYPE_UNKNOWN, descriptor->flags, 0, descriptor->rights,
                descriptor->inheriting};
    if (descriptor->node) fdstat.filetype = descriptor->node->filetype;
    return wasi_store(stat, &fdstat, sizeof fdstat);
}

/* Nothing here waits or is ever unsynchronised, so only appending has an effect. */
u32 WASI(fd_fdstat_set_flags)(u32 fd, u32 flags) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (flags & ~WASI_FDFLAGS_ALL) return WASI_INVAL;
    if (descriptor->node && !(descriptor->rights & WASI_RIGHT_FD_FDSTAT_SET_FLAGS))
        return WASI_NOTCAPABLE;
    descriptor->flags = (u16)flags;
    return WASI_SUCCESS;
}

/* Rights can only be given up. */
u32 WASI(fd_fdstat_set_rights)(u32 fd, u64 base, u64 inheriting) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (base & ~(u64)descriptor->rights || inheriting & ~(u64)descriptor->inheriting)
        return WASI_NOTCAPABLE;
    descriptor->rights = (u32)base;
    descriptor->inheriting = (u32)inheriting;
    return WASI_SUCCESS;
}
