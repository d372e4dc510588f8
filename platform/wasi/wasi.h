/* What the files of this folder share: prototypes and errnos from the table in
 * interface.h, the numbers of the specification, checked access to the
 * module's memory.
 *
 * Source of names, numbers and layouts: wasi_snapshot_preview1.witx. Functions
 * return an errno unless their comment says otherwise. */
#ifndef WASI_H
#define WASI_H

#include "interface.h"
#include "wasrisc.h"
#include "wasrisc_platform.h"

#include <stdbool.h>

#define WASI_ERRNO(name) WASI_##name,
enum wasi_errno { WASI_ERRNOS(WASI_ERRNO) };

/* The functions bear the names that translated modules import. A trace puts a
 * function of its own in the place of each (trace.c). */
#define WASI_IMPORT(name) wasrisc_import_wasi_snapshot_preview1_##name
#ifdef WASRISC_TRACE_WASI
#define WASI(name) wasi_##name
#else
#define WASI(name) WASI_IMPORT(name)
#endif

#define WASI_KIND_TYPE(kind, type, show) typedef type wasi_##kind;
WASI_KINDS(WASI_KIND_TYPE)
#define WASI_PARAMETER(kind, name) wasi_##kind name
#define WASI_PROTOTYPE(name, ...) u32 WASI(name)(WASI_EACH(WASI_PARAMETER, __VA_ARGS__));
WASI_FUNCTIONS(WASI_PROTOTYPE)
_Noreturn void WASI(proc_exit)(u32 code);
#ifdef WASRISC_TRACE_WASI
#define WASI_TRACED_PROTOTYPE(name, ...) \
    u32 WASI_IMPORT(name)(WASI_EACH(WASI_PARAMETER, __VA_ARGS__));
WASI_FUNCTIONS(WASI_TRACED_PROTOTYPE)
_Noreturn void WASI_IMPORT(proc_exit)(u32 code);
#endif

/* Returns from the function unless `outcome` is success. */
#define WASI_TRY(outcome)                 \
    do {                                  \
        u32 wasi_errno_ = (outcome);      \
        if (WASRISC_UNLIKELY(wasi_errno_)) \
            return wasi_errno_;           \
    } while (0)

/* ---- Numbers -------------------------------------------------------------- */

enum {
    WASI_FILETYPE_UNKNOWN = 0, /* what preview 1 has for a pipe */
    WASI_FILETYPE_DIRECTORY = 3,
    WASI_FILETYPE_REGULAR_FILE = 4,
    WASI_FILETYPE_SYMBOLIC_LINK = 7,
};

enum {
    WASI_FDFLAGS_APPEND = 1,
    WASI_FDFLAGS_ALL = 0x1f, /* append, dsync, nonblock, rsync, sync */
};

/* In the order of the specification, from bit 0. */
enum {
    WASI_RIGHT_FD_DATASYNC = 1 << 0,
    WASI_RIGHT_FD_READ = 1 << 1,
    WASI_RIGHT_FD_SEEK = 1 << 2,
    WASI_RIGHT_FD_FDSTAT_SET_FLAGS = 1 << 3,
    WASI_RIGHT_FD_SYNC = 1 << 4,
    WASI_RIGHT_FD_TELL = 1 << 5,
    WASI_RIGHT_FD_WRITE = 1 << 6,
    WASI_RIGHT_FD_ADVISE = 1 << 7,
    WASI_RIGHT_FD_ALLOCATE = 1 << 8,
    WASI_RIGHT_PATH_CREATE_DIRECTORY = 1 << 9,
    WASI_RIGHT_PATH_CREATE_FILE = 1 << 10,
    WASI_RIGHT_PATH_LINK_SOURCE = 1 << 11,
    WASI_RIGHT_PATH_LINK_TARGET = 1 << 12,
    WASI_RIGHT_PATH_OPEN = 1 << 13,
    WASI_RIGHT_FD_READDIR = 1 << 14,
    WASI_RIGHT_PATH_READLINK = 1 << 15,
    WASI_RIGHT_PATH_RENAME_SOURCE = 1 << 16,
    WASI_RIGHT_PATH_RENAME_TARGET = 1 << 17,
    WASI_RIGHT_PATH_FILESTAT_GET = 1 << 18,
    WASI_RIGHT_PATH_FILESTAT_SET_SIZE = 1 << 19,
    WASI_RIGHT_PATH_FILESTAT_SET_TIMES = 1 << 20,
    WASI_RIGHT_FD_FILESTAT_GET = 1 << 21,
    WASI_RIGHT_FD_FILESTAT_SET_SIZE = 1 << 22,
    WASI_RIGHT_FD_FILESTAT_SET_TIMES = 1 << 23,
    WASI_RIGHT_PATH_SYMLINK = 1 << 24,
    WASI_RIGHT_PATH_REMOVE_DIRECTORY = 1 << 25,
    WASI_RIGHT_PATH_UNLINK_FILE = 1 << 26,
    WASI_RIGHT_POLL_FD_READWRITE = 1 << 27,
    WASI_RIGHTS_ALL = (1 << 30) - 1, /* shutdown and accept of sockets too */
};

/* ---- The module's memory -------------------------------------------------- */

/* One guest per ELF, translated with the prefix `w`. */
extern wasrisc_memory wmemory0;

/* Whether `count` elements of `size` bytes from `address` on lie in memory:
 * 32-bit values, so that the sum cannot wrap. */
WASRISC_INLINE bool wasi_inside(u32 address, u32 count, u32 size) {
    return WASRISC_LIKELY((u64)address + (u64)count * size <= wmemory0.bytes);
}

/* The place of an address that was checked. Under the identity base it may be
 * NULL and yet be meant. */
WASRISC_INLINE u8 *wasi_at(u32 address) {
    return wmemory0.base + address;
}

WASRISC_INLINE u32 wasi_store_u32(u32 address, u32 value) {
    if (!wasi_inside(address, 1, sizeof value)) return WASI_FAULT;
    STORE(u32, wasi_at(address), value);
    return WASI_SUCCESS;
}

WASRISC_INLINE u32 wasi_store_u64(u32 address, u64 value) {
    if (!wasi_inside(address, 1, sizeof value)) return WASI_FAULT;
    STORE(u64, wasi_at(address), value);
    return WASI_SUCCESS;
}

WASRISC_INLINE u32 wasi_store(u32 address, const void *value, u32 size) {
    if (!wasi_inside(address, 1, size)) return WASI_FAULT;
    __builtin_memcpy(wasi_at(address), value, size);
    return WASI_SUCCESS;
}

/* ---- Time (clock.c) ------------------------------------------------------- */

/* What clock `id` shows, in nanoseconds, without moving it; INVAL if there is
 * no such clock. */
u32 wasi_clock_now(u32 id, u64 *now);
/* Moves all clocks on, by nanoseconds. */
void wasi_clock_advance(u64 nanoseconds);
/* Nanoseconds since 1970, for the times of files: now, and when the program
 * started: 2024-01-01. */
u64 wasi_realtime(void);
#define WASI_REALTIME_START 1704067200000000000

#endif
