/* Reading and writing. Parts of a vector are checked when they are used: a read
 * may overwrite the vector itself. */
#include "descriptor.h"

struct part {
    u32 address, length;
};

/* Part `index` of a vector that lies in memory; FAULT if its bytes do not. */
static u32 part_at(u32 iovs, u32 index, struct part *part)
{
    const u8 *place = wasi_at(iovs) + (u64)index * 8;
    part->address = LOAD(u32, place);
    part->length = LOAD(u32, place + 4);
    return wasi_inside(part->address, part->length, 1) ? WASI_SUCCESS : WASI_FAULT;
}

/* Fills all parts as far as the input goes. */
static u32 read_stream(struct wasi_descriptor *stream, u32 iovs, u32 iovs_len, u32 *nread)
{
    const u8 *input;
    size_t size;
    read_input(&input, &size);
    u64 start = stream->position;
    for (u32 i = 0; i < iovs_len && stream->position < size; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        u64 left = size - stream->position;
        u32 length = part.length < left ? part.length : (u32)left;
        if (length > UINT32_MAX - (stream->position - start))
            break;
        __builtin_memcpy(wasi_at(part.address), input + stream->position, length);
        stream->position += length;
    }
    *nread = (u32)(stream->position - start);
    return WASI_SUCCESS;
}

static u32 write_stream(struct wasi_descriptor *stream, u32 iovs, u32 iovs_len, u32 *nwritten)
{
    u32 total = 0;
    for (u32 i = 0; i < iovs_len; i++) {
        struct part part;
        WASI_TRY(part_at(iovs, i, &part));
        if (__builtin_add_overflow(total, part.length, &total))
            return WASI_INVAL;
        if (stream->kind == WASI_OUTPUT)
            write_output(wasi_at(part.address), part.length);
        else
            wasrisc_diagnostic(wasi_at(part.address), part.length);
    }
    *nwritten = total;
    return WASI_SUCCESS;
}

/* As POSIX has it, what was not opened for reading is a bad descriptor for it. */
static u32 transferable(u32 fd, u32 right, u32 iovs, u32 iovs_len, struct wasi_descriptor **found)
{
    if (wasi_descriptor_with(fd, right, found))
        return WASI_BADF;
    return wasi_inside(iovs, iovs_len, 8) ? WASI_SUCCESS : WASI_FAULT;
}

u32 WASI(fd_read)(u32 fd, u32 iovs, u32 iovs_len, u32 nread)
{
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(transferable(fd, WASI_RIGHT_FD_READ, iovs, iovs_len, &descriptor));
    WASI_TRY(read_stream(descriptor, iovs, iovs_len, &total));
    return wasi_store_u32(nread, total);
}

u32 WASI(fd_write)(u32 fd, u32 iovs, u32 iovs_len, u32 nwritten)
{
    struct wasi_descriptor *descriptor;
    u32 total;
    WASI_TRY(transferable(fd, WASI_RIGHT_FD_WRITE, iovs, iovs_len, &descriptor));
    WASI_TRY(write_stream(descriptor, iovs, iovs_len, &total));
    return wasi_store_u32(nwritten, total);
}

u32 WASI(fd_pread)(u32 fd, u32 iovs, u32 iovs_len, u64 offset, u32 nread)
{
    (void)iovs, (void)iovs_len, (void)offset, (void)nread;
    return wasi_refuse(fd, WASI_SPIPE);
}

u32 WASI(fd_pwrite)(u32 fd, u32 iovs, u32 iovs_len, u64 offset, u32 nwritten)
{
    (void)iovs, (void)iovs_len, (void)offset, (void)nwritten;
    return wasi_refuse(fd, WASI_SPIPE);
}
