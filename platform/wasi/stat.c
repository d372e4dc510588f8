/* What is known of a file, and its times. */
#include "descriptor.h"
#include "resolve.h"

/* fstflags */
enum { SET_ATIM = 1, SET_ATIM_NOW = 2, SET_MTIM = 4, SET_MTIM_NOW = 8 };

/* All nodes lie on one device; streams lie on none. */
enum { DEVICE = 1 };

struct filestat {
    u64 device, inode, filetype, links, size, atim, mtim, ctim;
};
_Static_assert(sizeof(struct filestat) == 64, "as the specification lays it out");

static u32 store_stat(u32 stat, const struct wasi_node *node) {
    struct filestat filestat = {DEVICE,     node->inode, node->filetype, node->names,
                                node->size, node->atim,  node->mtim,     node->ctim};
    return wasi_store(stat, &filestat, sizeof filestat);
}

static u32 set_times(struct wasi_node *node, u64 atim, u64 mtim, u32 flags) {
    u32 both_atim = SET_ATIM | SET_ATIM_NOW, both_mtim = SET_MTIM | SET_MTIM_NOW;
    if (flags & ~(both_atim | both_mtim) || (flags & both_atim) == both_atim ||
        (flags & both_mtim) == both_mtim)
        return WASI_INVAL;
    if (flags & both_atim) node->atim = flags & SET_ATIM ? atim : wasi_realtime();
    if (flags & both_mtim) node->mtim = flags & SET_MTIM ? mtim : wasi_realtime();
    wasi_node_changed(node);
    return WASI_SUCCESS;
}

u32 WASI(fd_filestat_get)(u32 fd, u32 stat) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    struct filestat stream = {.filetype = WASI_FILETYPE_UNKNOWN, .links = 1};
    if (!descriptor) return WASI_BADF;
    if (!(descriptor->rights & WASI_RIGHT_FD_FILESTAT_GET)) return WASI_NOTCAPABLE;
    if (descriptor->node) return store_stat(stat, descriptor->node);
    return wasi_store(stat, &stream, sizeof stream);
}

u32 WASI(fd_filestat_set_times)(u32 fd, u64 atim, u64 mtim, u32 flags) {
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor) return WASI_BADF;
    if (!descriptor->node) return WASI_NOTSUP;
    if (!(descriptor->rights & WASI_RIGHT_FD_FILESTAT_SET_TIMES)) return WASI_NOTCAPABLE;
    return set_times(descriptor->node, atim, mtim, flags);
}

u32 WASI(path_filestat_get)(u32 fd, u32 flags, u32 path, u32 path_len, u32 stat) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_FILESTAT_GET, flags, path, path_len, &place));
    return place.node ? store_stat(stat, place.node) : WASI_NOENT;
}

u32 WASI(path_filestat_set_times)(u32 fd, u32 flags, u32 path, u32 path_len, u64 atim, u64 mtim,
                                  u32 times) {
    struct wasi_place place;
    WASI_TRY(wasi_resolve(fd, WASI_RIGHT_PATH_FILESTAT_SET_TIMES, flags, path, path_len, &place));
    return place.node ? set_times(place.node, atim, mtim, times) : WASI_NOENT;
}
