/* Reading and writing. Parts of a vector are checked when they are used, since a
 * read may overwrite the vector itself. Bytes are copied once, between the
 * module's memory and where they belong. */
#include "descriptor.h"

struct part {
    u32 address, length;
};

/* Part `index` of a vector that lies in memory; FAULT if its bytes do not. */
static u32 part_at(u32 iovs, u32 index, struct part *part) {
    const u8 *place = wasi_at(iovs) + (u64)index * 8;
    part->address = LOAD(u32, place);
    part->length = LOAD(u32, place + 4);
    return wasi_inside(part->address, part->length, 1) ? WASI_SUCCESS : WASI_FAULT;
}

/* Copies from `from` to the parts, one after the other, as far as it goes. */
static u32 scatter(const u8 *from, u64 size, u32 iovs, u32 iovs_len, u32 *total) {
    if (size > UINT32_MAX) size = UINT32_MAX;
    u64 done = 0;
    for (u32 i = 0; i < iovs_len && done < size; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        u64 length = part.length < size - done ? part.length : size - done;
        __builtin_memcpy(wasi_at(part.address), from + done, length);
        done += length;
    }
    *total = (u32)done;
    return WASI_SUCCESS;
}

/* What a descriptor's bytes are, from `position` on. */
static u64 readable(const struct wasi_descriptor *descriptor, u64 position, const u8 **from) {
    const u8 *bytes;
    size_t size;
    if (descriptor->kind == WASI_NODE) {
        bytes = descriptor->node->bytes;
        size = descriptor->node->size;
    } else {
        read_input(&bytes, &size);
    }
    if (position >= size) return 0;
    *from = bytes + position;
    return size - position;
}

u64 wasi_readable(const struct wasi_descriptor *descriptor) {
    const u8 *from;
    return readable(descriptor, descriptor->position, &from);
}

static u32 read_at(struct wasi_descriptor *descriptor, u64 position, u32 iovs, u32 iovs_len,
                   u32 nread, u32 *total) {
    const u8 *from = NULL;
    if (!wasi_inside(iovs, iovs_len, 8) || !wasi_inside(nread, 1, 4)) return WASI_FAULT;
    u64 size = readable(descriptor, position, &from);
    WASI_TRY(scatter(from, size, iovs, iovs_len, total));
    STORE(u32, wasi_at(nread), *total);
    return WASI_SUCCESS;
}

/* The sum of the parts' lengths; INVAL if it needs more than 32 bits. */
static u32 measure(u32 iovs, u32 iovs_len, u32 *total) {
    *total = 0;
    for (u32 i = 0; i < iovs_len; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        if (__builtin_add_overflow(*total, part.length, total)) return WASI_INVAL;
    }
    return WASI_SUCCESS;
}

/* All parts or nothing; what lies between the end and `position` is zero. */
static u32 write_file(struct wasi_node *node, u64 position, u32 iovs, u32 iovs_len, u32 total) {
    u64 end;
    if (total == 0) return WASI_SUCCESS;
    if (__builtin_add_overflow(position, total, &end)) return WASI_FBIG;
    WASI_TRY(wasi_contents_reserve(node, end));
    if (position > node->size) WASI_TRY(wasi_contents_resize(node, position));
    u8 *to = node->bytes + position;
    for (u32 i = 0; i < iovs_len; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        __builtin_memcpy(to, wasi_at(part.address), part.length);
        to += part.length;
    }
    if (end > node->size) node->size = end;
    wasi_node_modified(node);
    return WASI_SUCCESS;
}

static u32 write_stream(u8 kind, u32 iovs, u32 iovs_len) {
    for (u32 i = 0; i < iovs_len; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        if (kind == WASI_OUTPUT) write_output(wasi_at(part.address), part.length);
        else wasrisc_diagnostic(wasi_at(part.address), part.length);
    }
    return WASI_SUCCESS;
}

/* As POSIX has it, what was not opened for reading is a bad descriptor for it. */
u32 wasi_with_right(u32 fd, u32 right, struct wasi_descriptor **found) {
    *found = wasi_descriptor(fd);
    if (!*found) return WASI_BADF;
    if (WASRISC_LIKELY((*found)->rights & right)) return WASI_SUCCESS;
    return (*found)->node && wasi_is_directory((*found)->node) ? WASI_ISDIR : WASI_BADF;
}

u32 WASI(fd_read)(u32 fd, u32 iovs, u32 iovs_len, u32 nread) {
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(wasi_with_right(fd, WASI_RIGHT_FD_READ, &descriptor));
    WASI_TRY(read_at(descriptor, descriptor->position, iovs, iovs_len, nread, &total));
    descriptor->position += total;
    return WASI_SUCCESS;
}

u32 WASI(fd_pread)(u32 fd, u32 iovs, u32 iovs_len, u64 offset, u32 nread) {
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(wasi_with_right(fd, WASI_RIGHT_FD_READ, &descriptor));
    if (descriptor->kind != WASI_NODE) return WASI_SPIPE;
    return read_at(descriptor, offset, iovs, iovs_len, nread, &total);
}

u32 WASI(fd_write)(u32 fd, u32 iovs, u32 iovs_len, u32 nwritten) {
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(wasi_with_right(fd, WASI_RIGHT_FD_WRITE, &descriptor));
    if (!wasi_inside(iovs, iovs_len, 8) || !wasi_inside(nwritten, 1, 4)) return WASI_FAULT;
    WASI_TRY(measure(iovs, iovs_len, &total));
    if (descriptor->kind == WASI_NODE) {
        struct wasi_node *node = descriptor->node;
        if (descriptor->flags & WASI_FDFLAGS_APPEND) descriptor->position = node->size;
        WASI_TRY(write_file(node, descriptor->position, iovs, iovs_len, total));
        descriptor->position += total;
    } else {
        WASI_TRY(write_stream(descriptor->kind, iovs, iovs_len));
    }
    STORE(u32, wasi_at(nwritten), total);
    return WASI_SUCCESS;
}

/* At the offset even when appending: POSIX, not Linux. */
u32 WASI(fd_pwrite)(u32 fd, u32 iovs, u32 iovs_len, u64 offset, u32 nwritten) {
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(wasi_with_right(fd, WASI_RIGHT_FD_WRITE, &descriptor));
    if (descriptor->kind != WASI_NODE) return WASI_SPIPE;
    if (!wasi_inside(iovs, iovs_len, 8) || !wasi_inside(nwritten, 1, 4)) return WASI_FAULT;
    WASI_TRY(measure(iovs, iovs_len, &total));
    WASI_TRY(write_file(descriptor->node, offset, iovs, iovs_len, total));
    STORE(u32, wasi_at(nwritten), total);
    return WASI_SUCCESS;
}
