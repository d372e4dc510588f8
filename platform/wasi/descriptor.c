/* The table of descriptors, and what a descriptor says of itself. */
#include "descriptor.h"

#define STREAM (WASI_RIGHT_FD_FILESTAT_GET | WASI_RIGHT_POLL_FD_READWRITE)

static struct wasi_descriptor table[3] = {
    {.kind = WASI_INPUT, .rights = STREAM | WASI_RIGHT_FD_READ},
    {.kind = WASI_OUTPUT, .rights = STREAM | WASI_RIGHT_FD_WRITE},
    {.kind = WASI_DIAGNOSTIC, .rights = STREAM | WASI_RIGHT_FD_WRITE},
};
static u32 count = 3;

struct wasi_descriptor *wasi_descriptor(u32 fd)
{
    return fd < count && table[fd].kind != WASI_CLOSED ? &table[fd] : NULL;
}

u32 wasi_descriptor_with(u32 fd, u32 right, struct wasi_descriptor **found)
{
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor)
        return WASI_BADF;
    if (!(descriptor->rights & right))
        return WASI_NOTCAPABLE;
    *found = descriptor;
    return WASI_SUCCESS;
}

u32 wasi_refuse(u32 fd, u32 refusal)
{
    return wasi_descriptor(fd) ? refusal : WASI_BADF;
}

u32 WASI(fd_close)(u32 fd)
{
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor)
        return WASI_BADF;
    descriptor->kind = WASI_CLOSED;
    return WASI_SUCCESS;
}

u32 WASI(fd_renumber)(u32 fd, u32 to)
{
    struct wasi_descriptor *from = wasi_descriptor(fd), *target = wasi_descriptor(to);
    if (!from || !target)
        return WASI_BADF;
    if (from == target)
        return WASI_SUCCESS;
    *target = *from;
    from->kind = WASI_CLOSED;
    return WASI_SUCCESS;
}

u32 WASI(fd_fdstat_get)(u32 fd, u32 stat)
{
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor)
        return WASI_BADF;
    struct {
        u16 filetype, flags;
        u32 unused;
        u64 base, inheriting;
    } fdstat = {WASI_FILETYPE_UNKNOWN, descriptor->flags, 0, descriptor->rights,
                descriptor->inheriting};
    return wasi_store(stat, &fdstat, sizeof fdstat);
}

u32 WASI(fd_fdstat_set_flags)(u32 fd, u32 flags)
{
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor)
        return WASI_BADF;
    if (flags & ~WASI_FDFLAGS_ALL)
        return WASI_INVAL;
    descriptor->flags = (u16)flags;
    return WASI_SUCCESS;
}

/* Rights can only be given up. */
u32 WASI(fd_fdstat_set_rights)(u32 fd, u64 base, u64 inheriting)
{
    struct wasi_descriptor *descriptor = wasi_descriptor(fd);
    if (!descriptor)
        return WASI_BADF;
    if (base & ~(u64)descriptor->rights || inheriting & ~(u64)descriptor->inheriting)
        return WASI_NOTCAPABLE;
    descriptor->rights = (u32)base;
    descriptor->inheriting = (u32)inheriting;
    return WASI_SUCCESS;
}

u32 WASI(fd_prestat_get)(u32 fd, u32 prestat)
{
    (void)fd, (void)prestat;
    return WASI_BADF;
}

u32 WASI(fd_prestat_dir_name)(u32 fd, u32 path, u32 path_len)
{
    (void)fd, (void)path, (void)path_len;
    return WASI_BADF;
}
