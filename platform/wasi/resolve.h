/* From a path to where it leads. */
#ifndef WASI_RESOLVE_H
#define WASI_RESOLVE_H

#include "node.h"

/* lookupflags */
enum { WASI_FOLLOW = 1 };

struct wasi_place {
    struct wasi_node *node;  /* NULL if nothing is there */
    struct wasi_entry *entry; /* NULL too where the path leads by `.` or `..` */
    /* Where the last name is or would be. */
    struct wasi_node *directory;
    const u8 *name;
    u32 length; /* 0 where the path leads by `.` or `..` */
    bool slash; /* the path ends in one, so that only a directory can be meant */
};

/* Follows a path from an open directory that has `right`. A symbolic link at the
 * end is followed if `flags` say so or a slash comes after it. The path never
 * leads out of the directory: NOTCAPABLE. Otherwise BADF, NOTDIR, FAULT, NOENT (an
 * empty path, or a missing directory on the way), LOOP, NAMETOOLONG, INVAL (a zero
 * byte), NOTDIR, NOMEM. */
u32 wasi_resolve(u32 fd, u32 right, u32 flags, u32 path, u32 path_len, struct wasi_place *place);

#endif
