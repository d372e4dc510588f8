/* What the streams, which are like pipes, do not have: a size, a position,
 * entries. */
#include "descriptor.h"

u32 WASI(fd_filestat_get)(u32 fd, u32 stat)
{
    u64 filestat[8] = {[3] = 1}; /* one link */
    WASI_TRY(wasi_refuse(fd, WASI_SUCCESS));
    return wasi_store(stat, filestat, sizeof filestat);
}

u32 WASI(fd_filestat_set_size)(u32 fd, u64 size)
{
    (void)size;
    return wasi_refuse(fd, WASI_INVAL);
}

u32 WASI(fd_filestat_set_times)(u32 fd, u64 atim, u64 mtim, u32 flags)
{
    (void)atim, (void)mtim, (void)flags;
    return wasi_refuse(fd, WASI_NOTSUP);
}

u32 WASI(fd_advise)(u32 fd, u64 offset, u64 len, u32 advice)
{
    (void)offset, (void)len, (void)advice;
    return wasi_refuse(fd, WASI_SPIPE);
}

u32 WASI(fd_allocate)(u32 fd, u64 offset, u64 len)
{
    (void)offset, (void)len;
    return wasi_refuse(fd, WASI_SPIPE);
}

u32 WASI(fd_datasync)(u32 fd)
{
    return wasi_refuse(fd, WASI_INVAL);
}

u32 WASI(fd_sync)(u32 fd)
{
    return wasi_refuse(fd, WASI_INVAL);
}

u32 WASI(fd_readdir)(u32 fd, u32 buf, u32 buf_len, u64 cookie, u32 bufused)
{
    (void)buf, (void)buf_len, (void)cookie, (void)bufused;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(fd_seek)(u32 fd, u64 offset, u32 whence, u32 position)
{
    (void)offset, (void)whence, (void)position;
    return wasi_refuse(fd, WASI_SPIPE);
}

u32 WASI(fd_tell)(u32 fd, u32 position)
{
    (void)position;
    return wasi_refuse(fd, WASI_SPIPE);
}
