/* Sockets: no descriptor is one, and nothing makes one. */
#include "descriptor.h"

u32 WASI(sock_accept)(u32 fd, u32 flags, u32 accepted) {
    (void)flags, (void)accepted;
    return wasi_refuse(fd, WASI_NOTSOCK);
}

u32 WASI(sock_recv)(u32 fd, u32 iovs, u32 iovs_len, u32 flags, u32 nread, u32 roflags) {
    (void)iovs, (void)iovs_len, (void)flags, (void)nread, (void)roflags;
    return wasi_refuse(fd, WASI_NOTSOCK);
}

u32 WASI(sock_send)(u32 fd, u32 iovs, u32 iovs_len, u32 flags, u32 nwritten) {
    (void)iovs, (void)iovs_len, (void)flags, (void)nwritten;
    return wasi_refuse(fd, WASI_NOTSOCK);
}

u32 WASI(sock_shutdown)(u32 fd, u32 how) {
    (void)how;
    return wasi_refuse(fd, WASI_NOTSOCK);
}
