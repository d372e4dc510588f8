/* Paths: there is no directory to start from. */
#include "descriptor.h"

u32 WASI(path_create_directory)(u32 fd, u32 path, u32 path_len)
{
    (void)path, (void)path_len;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_filestat_get)(u32 fd, u32 flags, u32 path, u32 path_len, u32 stat)
{
    (void)flags, (void)path, (void)path_len, (void)stat;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_filestat_set_times)(u32 fd, u32 flags, u32 path, u32 path_len, u64 atim, u64 mtim,
                                  u32 times)
{
    (void)flags, (void)path, (void)path_len, (void)atim, (void)mtim, (void)times;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_link)(u32 fd, u32 flags, u32 path, u32 path_len, u32 new_fd, u32 new_path,
                    u32 new_path_len)
{
    (void)flags, (void)path, (void)path_len, (void)new_path, (void)new_path_len;
    WASI_TRY(wasi_refuse(new_fd, WASI_SUCCESS));
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_open)(u32 fd, u32 lookup, u32 path, u32 path_len, u32 oflags, u64 base,
                    u64 inheriting, u32 flags, u32 opened)
{
    (void)lookup, (void)path, (void)path_len, (void)oflags, (void)base, (void)inheriting;
    (void)flags, (void)opened;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_readlink)(u32 fd, u32 path, u32 path_len, u32 buf, u32 buf_len, u32 bufused)
{
    (void)path, (void)path_len, (void)buf, (void)buf_len, (void)bufused;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_remove_directory)(u32 fd, u32 path, u32 path_len)
{
    (void)path, (void)path_len;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_rename)(u32 fd, u32 path, u32 path_len, u32 new_fd, u32 new_path, u32 new_path_len)
{
    (void)path, (void)path_len, (void)new_path, (void)new_path_len;
    WASI_TRY(wasi_refuse(new_fd, WASI_SUCCESS));
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_symlink)(u32 target, u32 target_len, u32 fd, u32 path, u32 path_len)
{
    (void)target, (void)target_len, (void)path, (void)path_len;
    return wasi_refuse(fd, WASI_NOTDIR);
}

u32 WASI(path_unlink_file)(u32 fd, u32 path, u32 path_len)
{
    (void)path, (void)path_len;
    return wasi_refuse(fd, WASI_NOTDIR);
}
