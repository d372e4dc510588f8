/* Every function of wasi_snapshot_preview1, once: its name and its arguments in
 * order, each with its kind. Prototypes (wasi.h) and trace lines (trace.c) are
 * made of this. Source: wasi_snapshot_preview1.witx.
 *
 * proc_exit stands beside: it alone has no result. */
#ifndef WASI_INTERFACE_H
#define WASI_INTERFACE_H

/* Kinds: the type that the module passes and how a trace shows it. An `out_`
 * argument is an address, shown as what it holds after success. The length of a
 * path or of a vector is the argument after it. */
#define WASI_KINDS(K)               \
    K(advice, u32, DECIMAL)         \
    K(clockid, u32, DECIMAL)        \
    K(count, u32, LENGTH)           \
    K(dircookie, u64, DECIMAL)      \
    K(fd, u32, DECIMAL)             \
    K(fdflags, u32, HEXADECIMAL)    \
    K(filedelta, u64, SIGNED)       \
    K(filesize, u64, DECIMAL)       \
    K(fstflags, u32, HEXADECIMAL)   \
    K(iovs, u32, VECTORS)           \
    K(lookupflags, u32, HEXADECIMAL) \
    K(oflags, u32, HEXADECIMAL)     \
    K(out_fd, u32, RESULT_32)       \
    K(out_filesize, u32, RESULT_64) \
    K(out_size, u32, RESULT_32)     \
    K(out_timestamp, u32, RESULT_64) \
    K(path, u32, PATH)              \
    K(path_len, u32, LENGTH)        \
    K(pointer, u32, HEXADECIMAL)    \
    K(riflags, u32, HEXADECIMAL)    \
    K(rights, u64, HEXADECIMAL)     \
    K(sdflags, u32, HEXADECIMAL)    \
    K(siflags, u32, HEXADECIMAL)    \
    K(signal, u32, DECIMAL)         \
    K(size, u32, DECIMAL)           \
    K(timestamp, u64, DECIMAL)      \
    K(whence, u32, DECIMAL)

#define WASI_FUNCTIONS(F)                                                                         \
    F(args_get, (pointer, argv), (pointer, argv_buf))                                             \
    F(args_sizes_get, (out_size, argc), (out_size, argv_buf_size))                                \
    F(environ_get, (pointer, environ), (pointer, environ_buf))                                    \
    F(environ_sizes_get, (out_size, environc), (out_size, environ_buf_size))                      \
    F(clock_res_get, (clockid, id), (out_timestamp, resolution))                                  \
    F(clock_time_get, (clockid, id), (timestamp, precision), (out_timestamp, time))               \
    F(fd_advise, (fd, fd), (filesize, offset), (filesize, len), (advice, advice))                 \
    F(fd_allocate, (fd, fd), (filesize, offset), (filesize, len))                                 \
    F(fd_close, (fd, fd))                                                                         \
    F(fd_datasync, (fd, fd))                                                                      \
    F(fd_fdstat_get, (fd, fd), (pointer, stat))                                                   \
    F(fd_fdstat_set_flags, (fd, fd), (fdflags, flags))                                            \
    F(fd_fdstat_set_rights, (fd, fd), (rights, base), (rights, inheriting))                       \
    F(fd_filestat_get, (fd, fd), (pointer, stat))                                                 \
    F(fd_filestat_set_size, (fd, fd), (filesize, size))                                           \
    F(fd_filestat_set_times, (fd, fd), (timestamp, atim), (timestamp, mtim), (fstflags, flags))   \
    F(fd_pread, (fd, fd), (iovs, iovs), (count, iovs_len), (filesize, offset), (out_size, nread)) \
    F(fd_prestat_get, (fd, fd), (pointer, prestat))                                               \
    F(fd_prestat_dir_name, (fd, fd), (pointer, path), (size, path_len))                           \
    F(fd_pwrite, (fd, fd), (iovs, iovs), (count, iovs_len), (filesize, offset),                   \
      (out_size, nwritten))                                                                       \
    F(fd_read, (fd, fd), (iovs, iovs), (count, iovs_len), (out_size, nread))                      \
    F(fd_readdir, (fd, fd), (pointer, buf), (size, buf_len), (dircookie, cookie),                 \
      (out_size, bufused))                                                                        \
    F(fd_renumber, (fd, fd), (fd, to))                                                            \
    F(fd_seek, (fd, fd), (filedelta, offset), (whence, whence), (out_filesize, position))         \
    F(fd_sync, (fd, fd))                                                                          \
    F(fd_tell, (fd, fd), (out_filesize, position))                                                \
    F(fd_write, (fd, fd), (iovs, iovs), (count, iovs_len), (out_size, nwritten))                  \
    F(path_create_directory, (fd, fd), (path, path), (path_len, path_len))                        \
    F(path_filestat_get, (fd, fd), (lookupflags, flags), (path, path), (path_len, path_len),      \
      (pointer, stat))                                                                            \
    F(path_filestat_set_times, (fd, fd), (lookupflags, flags), (path, path),                      \
      (path_len, path_len), (timestamp, atim), (timestamp, mtim), (fstflags, times))              \
    F(path_link, (fd, fd), (lookupflags, flags), (path, path), (path_len, path_len), (fd, new_fd), \
      (path, new_path), (path_len, new_path_len))                                                 \
    F(path_open, (fd, fd), (lookupflags, lookup), (path, path), (path_len, path_len),             \
      (oflags, oflags), (rights, base), (rights, inheriting), (fdflags, flags),                   \
      (out_fd, opened))                                                                           \
    F(path_readlink, (fd, fd), (path, path), (path_len, path_len), (pointer, buf),                \
      (size, buf_len), (out_size, bufused))                                                       \
    F(path_remove_directory, (fd, fd), (path, path), (path_len, path_len))                        \
    F(path_rename, (fd, fd), (path, path), (path_len, path_len), (fd, new_fd), (path, new_path),  \
      (path_len, new_path_len))                                                                   \
    F(path_symlink, (path, target), (path_len, target_len), (fd, fd), (path, path),               \
      (path_len, path_len))                                                                       \
    F(path_unlink_file, (fd, fd), (path, path), (path_len, path_len))                             \
    F(poll_oneoff, (pointer, in), (pointer, out), (size, nsubscriptions), (out_size, nevents))   \
    F(proc_raise, (signal, signal))                                                               \
    F(sched_yield)                                                                                \
    F(random_get, (pointer, buf), (size, buf_len))                                                \
    F(sock_accept, (fd, fd), (fdflags, flags), (out_fd, accepted))                                \
    F(sock_recv, (fd, fd), (iovs, iovs), (count, iovs_len), (riflags, flags), (out_size, nread),  \
      (pointer, roflags))                                                                         \
    F(sock_send, (fd, fd), (iovs, iovs), (count, iovs_len), (siflags, flags), (out_size, nwritten)) \
    F(sock_shutdown, (fd, fd), (sdflags, how))

#define WASI_ERRNOS(E)                                                                            \
    E(SUCCESS) E(2BIG) E(ACCES) E(ADDRINUSE) E(ADDRNOTAVAIL) E(AFNOSUPPORT) E(AGAIN) E(ALREADY)   \
    E(BADF) E(BADMSG) E(BUSY) E(CANCELED) E(CHILD) E(CONNABORTED) E(CONNREFUSED) E(CONNRESET)     \
    E(DEADLK) E(DESTADDRREQ) E(DOM) E(DQUOT) E(EXIST) E(FAULT) E(FBIG) E(HOSTUNREACH) E(IDRM)     \
    E(ILSEQ) E(INPROGRESS) E(INTR) E(INVAL) E(IO) E(ISCONN) E(ISDIR) E(LOOP) E(MFILE) E(MLINK)    \
    E(MSGSIZE) E(MULTIHOP) E(NAMETOOLONG) E(NETDOWN) E(NETRESET) E(NETUNREACH) E(NFILE) E(NOBUFS) \
    E(NODEV) E(NOENT) E(NOEXEC) E(NOLCK) E(NOLINK) E(NOMEM) E(NOMSG) E(NOPROTOOPT) E(NOSPC)       \
    E(NOSYS) E(NOTCONN) E(NOTDIR) E(NOTEMPTY) E(NOTRECOVERABLE) E(NOTSOCK) E(NOTSUP) E(NOTTY)     \
    E(NXIO) E(OVERFLOW) E(OWNERDEAD) E(PERM) E(PIPE) E(PROTO) E(PROTONOSUPPORT) E(PROTOTYPE)      \
    E(RANGE) E(ROFS) E(SPIPE) E(SRCH) E(STALE) E(TIMEDOUT) E(TXTBSY) E(XDEV) E(NOTCAPABLE)

/* WASI_EACH(m, (a, b), (c, d)) is m(a, b), m(c, d); up to nine. */
#define WASI_EACH(m, ...) __VA_OPT__(WASI_AGAIN_1(WASI_EACH_1(m, __VA_ARGS__)))
#define WASI_EACH_1(m, first, ...) m first __VA_OPT__(, WASI_EACH_2 WASI_PARENTHESES (m, __VA_ARGS__))
#define WASI_EACH_2() WASI_EACH_1
#define WASI_PARENTHESES ()
#define WASI_AGAIN_1(...) WASI_AGAIN_2(WASI_AGAIN_2(WASI_AGAIN_2(__VA_ARGS__)))
#define WASI_AGAIN_2(...) WASI_AGAIN_3(WASI_AGAIN_3(WASI_AGAIN_3(__VA_ARGS__)))
#define WASI_AGAIN_3(...) __VA_ARGS__

#endif
