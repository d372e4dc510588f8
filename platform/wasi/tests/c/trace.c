/* Lines of the trace. */
#include "check.h"

/* Compares what the calls since the last time have printed. */
static void printed(const char *expected) {
    EQUAL(0, strcmp(diagnostics, expected));
    if (strcmp(diagnostics, expected) != 0) printf("%s", diagnostics);
    forget();
}

int main(void) {
    start();
    u32 result = room(8), part = put("hi", 2), parts = put((u32[]){part, 2, part, 1}, 16);
    CHECK(SUCCESS, fd_write, 1, parts, 2, result);
    printed("wasi: fd_write(fd=1, iovs=[2, 1]) = 0 SUCCESS [nwritten=3]\n");
    CHECK(BADF, fd_write, 9, MEMORY_BYTES, 2, result);
    printed("wasi: fd_write(fd=9, iovs=0x10000) = 8 BADF\n");
    CHECK(SUCCESS, sched_yield);
    printed("wasi: sched_yield() = 0 SUCCESS\n");
    CHECK(SUCCESS, clock_time_get, 1, 0, result);
    printed("wasi: clock_time_get(id=1, precision=0) = 0 SUCCESS [time=1000000000]\n");
    CHECK(SUCCESS, path_open, ROOT, 1, PATH("a.txt"), 0, 0x42, 0, 0, result);
    printed("wasi: path_open(fd=3, lookup=0x1, path=\"a.txt\", oflags=0x0, base=0x42, inheriting=0x0, "
            "flags=0x0) = 0 SUCCESS [opened=4]\n");
    CHECK(NOTCAPABLE, fd_seek, 4, (u64)-2, 1, result);
    printed("wasi: fd_seek(fd=4, offset=-2, whence=1) = 76 NOTCAPABLE\n");
    CHECK(NOENT, path_rename, ROOT, PATH("\"\n"), ROOT, PATH(""));
    printed("wasi: path_rename(fd=3, path=\"\\x22\\x0a\", new_fd=3, new_path=\"\") = 44 NOENT\n");
    CHECK(FAULT, path_unlink_file, ROOT, UINT32_MAX, 2);
    printed("wasi: path_unlink_file(fd=3, path=0xffffffff) = 21 FAULT\n");
    char name[300];
    memset(name, 'n', sizeof name);
    CHECK(NAMETOOLONG, path_unlink_file, ROOT, put(name, 300), 300);
    EQUAL(true, strstr(diagnostics, "nnn\"...) = 37 NAMETOOLONG\n") != NULL);
    forget();
    memset(name, '\n', sizeof name);
    CHECK(BADF, path_rename, UINT32_MAX, put(name, 300), 300, UINT32_MAX, put(name, 300), 300);
    EQUAL(true, strstr(diagnostics, "\\x0a\"...) = 8 BADF\n") != NULL);
    forget();
    CHECK(SUCCESS, args_sizes_get, result, result + 4);
    printed("wasi: args_sizes_get() = 0 SUCCESS [argc=2, argv_buf_size=9]\n");
    finish();
    WASI_IMPORT(proc_exit)(3);
}
