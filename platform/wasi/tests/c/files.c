/* The file system, one subject after the other, each in a directory of its own. */
#include "check.h"

static u32 result;

static u64 seek(u32 fd, s64 offset, u32 whence) {
    CHECK(SUCCESS, fd_seek, fd, (u64)offset, whence, result);
    return AT_64(result);
}

static void write_text(u32 fd, const char *text) {
    u32 length = (u32)strlen(text);
    CHECK(SUCCESS, fd_write, fd, vector(put(text, length), length), 1, result);
    EQUAL(length, AT_32(result));
}

/* Whether what a descriptor has from its position on is `text`. */
static bool reads(u32 fd, const char *text) {
    u32 length = (u32)strlen(text), buffer = room(64);
    CHECK(SUCCESS, fd_read, fd, vector(buffer, 64), 1, result);
    return AT_32(result) == length && memcmp(wasi_at(buffer), text, length) == 0;
}

static bool has(const char *path, const char *text) {
    u32 fd = opened(path, 0, 0);
    bool same = reads(fd, text);
    CHECK(SUCCESS, fd_close, fd);
    return same;
}

static void make(const char *path, const char *text) {
    u32 fd = opened(path, CREAT | EXCL, 0);
    write_text(fd, text);
    CHECK(SUCCESS, fd_close, fd);
}

/* A field of the stat of a path: `offset` in bytes. */
static u64 stat_field(const char *path, u32 offset, u32 follow) {
    u32 stat = room(64), length = (u32)strlen(path);
    CHECK(SUCCESS, path_filestat_get, ROOT, follow, put(path, length), length, stat);
    return AT_64(stat + offset);
}
enum { INODE = 8, FILETYPE = 16, LINKS = 24, SIZE = 32, ATIM = 40, MTIM = 48, CTIM = 56 };

static void root(void) {
    CHECK(SUCCESS, fd_prestat_get, ROOT, result);
    EQUAL((u64)1 << 32, AT_64(result));
    CHECK(NAMETOOLONG, fd_prestat_dir_name, ROOT, result, 0);
    CHECK(SUCCESS, fd_prestat_dir_name, ROOT, result, 2);
    EQUAL('/', *wasi_at(result));
    CHECK(BADF, fd_prestat_get, ROOT + 1, result);
    EQUAL(true, has("a.txt", "first"));
    EQUAL(true, has("sub/b.txt", "second"));
    EQUAL(true, has("link", "second"));
    EQUAL(3, stat_field("tmp", FILETYPE, 0));
    EQUAL(WASI_REALTIME_START, stat_field("sub/b.txt", MTIM, 0));
    EQUAL(WASI_REALTIME_START, stat_field("sub", MTIM, 0));
}

/* A file of the image is the file system's own once it is written. */
static void copy_on_write(void) {
    u32 fd = opened("sub/b.txt", 0, 0);
    EQUAL(1, seek(fd, 1, 0));
    write_text(fd, "E");
    EQUAL(0, seek(fd, 0, 0));
    EQUAL(true, reads(fd, "sEcond"));
    CHECK(SUCCESS, fd_filestat_set_size, fd, 3);
    CHECK(SUCCESS, fd_close, fd);
    EQUAL(true, has("link", "sEc"));
    fd = opened("a.txt", 0, 0);
    CHECK(SUCCESS, fd_filestat_set_size, fd, 2);
    CHECK(SUCCESS, fd_filestat_set_size, fd, 4);
    CHECK(SUCCESS, fd_close, fd);
    EQUAL(4, stat_field("a.txt", SIZE, 0));
    fd = opened("a.txt", 0, 0);
    CHECK(SUCCESS, fd_pread, fd, vector(room(8), 8), 1, 0, result);
    EQUAL(4, AT_32(result));
    CHECK(SUCCESS, fd_close, fd);
}

static void opening(void) {
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("o"));
    EQUAL(WASI_NOENT, open_outcome("o/a", 0, ALL_RIGHTS));
    EQUAL(WASI_SUCCESS, open_outcome("o/a", CREAT, ALL_RIGHTS));
    EQUAL(WASI_SUCCESS, open_outcome("o/a", CREAT, ALL_RIGHTS));
    EQUAL(WASI_EXIST, open_outcome("o/a", CREAT | EXCL, ALL_RIGHTS));
    EQUAL(WASI_NOTDIR, open_outcome("o/a", DIRECTORY, ALL_RIGHTS));
    EQUAL(WASI_NOTDIR, open_outcome("o/a/", 0, ALL_RIGHTS));
    EQUAL(WASI_NOTDIR, open_outcome("o/a/b", CREAT, ALL_RIGHTS));
    EQUAL(WASI_NOTDIR, open_outcome("o/a/.", 0, ALL_RIGHTS));
    EQUAL(WASI_NOENT, open_outcome("o/b/c", CREAT, ALL_RIGHTS));
    EQUAL(WASI_ISDIR, open_outcome("o/b/", CREAT, ALL_RIGHTS));
    EQUAL(WASI_ISDIR, open_outcome("o", 0, ALL_RIGHTS));
    EQUAL(WASI_ISDIR, open_outcome("o", CREAT, 0));
    EQUAL(WASI_ISDIR, open_outcome("o", TRUNC, 0));
    EQUAL(WASI_SUCCESS, open_outcome("o", 0, WASI_RIGHT_FD_READ));
    EQUAL(WASI_SUCCESS, open_outcome("o/", DIRECTORY, 0));
    EQUAL(WASI_INVAL, open_outcome("o", CREAT | DIRECTORY, 0));
    EQUAL(WASI_INVAL, open_outcome("o", 16, 0));
    CHECK(INVAL, path_open, ROOT, 0, PATH("o"), 0, 0, 0, 32, result);
    CHECK(INVAL, path_open, ROOT, 2, PATH("o"), 0, 0, 0, 0, result);
    CHECK(FAULT, path_open, ROOT, 0, PATH("o/f"), CREAT, 0, 0, 0, MEMORY_BYTES - 3);
    EQUAL(WASI_NOENT, open_outcome("o/f", 0, 0));
    make("o/t", "text");
    EQUAL(WASI_SUCCESS, open_outcome("o/t", TRUNC, 0));
    EQUAL(0, stat_field("o/t", SIZE, 0));
}

static void paths(void) {
    u32 outside = put("sub\0", 4);
    EQUAL(WASI_SUCCESS, open_outcome("sub/..//./sub/b.txt", 0, 0));
    EQUAL(WASI_SUCCESS, open_outcome(".", 0, 0));
    EQUAL(WASI_SUCCESS, open_outcome("sub/..", 0, 0));
    EQUAL(WASI_NOTCAPABLE, open_outcome("..", 0, 0));
    EQUAL(WASI_NOTCAPABLE, open_outcome("sub/../../sub", 0, 0));
    EQUAL(WASI_NOTCAPABLE, open_outcome("/sub", 0, 0));
    EQUAL(WASI_NOENT, open_outcome("", 0, 0));
    EQUAL(WASI_NOENT, open_outcome("...", 0, 0));
    CHECK(INVAL, path_open, ROOT, 0, outside, 4, 0, 0, 0, 0, result);
    char name[258] = {0};
    memset(name, 'n', 256);
    EQUAL(WASI_NAMETOOLONG, open_outcome(name, CREAT, 0));
    name[255] = 0;
    EQUAL(WASI_SUCCESS, open_outcome(name, CREAT, 0));
    u32 sub = opened("sub", DIRECTORY, 0);
    CHECK(NOTCAPABLE, path_open, sub, 0, PATH("../a.txt"), 0, 0, 0, 0, result);
    CHECK(SUCCESS, fd_close, sub);
}

static void links(void) {
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("l"));
    make("l/file", "text");
    CHECK(SUCCESS, path_symlink, PATH("file"), ROOT, PATH("l/soft"));
    CHECK(SUCCESS, path_symlink, PATH("../l/"), ROOT, PATH("l/up"));
    CHECK(SUCCESS, path_symlink, PATH("loop"), ROOT, PATH("l/loop"));
    CHECK(SUCCESS, path_symlink, PATH("nothing"), ROOT, PATH("l/none"));
    CHECK(SUCCESS, path_symlink, PATH("made"), ROOT, PATH("l/make"));
    CHECK(SUCCESS, path_symlink, PATH("/l/file"), ROOT, PATH("l/absolute"));
    CHECK(EXIST, path_symlink, PATH("x"), ROOT, PATH("l/file"));
    CHECK(NOENT, path_symlink, PATH(""), ROOT, PATH("l/x"));
    CHECK(NOENT, path_symlink, PATH("x"), ROOT, PATH("l/x/"));
    EQUAL(true, has("l/soft", "text"));
    EQUAL(true, has("l/up/up/../l/up/soft", "text"));
    EQUAL(WASI_LOOP, open_outcome("l/loop", 0, 0));
    EQUAL(WASI_NOENT, open_outcome("l/none", 0, 0));
    EQUAL(WASI_EXIST, open_outcome("l/none", CREAT | EXCL, 0));
    EQUAL(WASI_NOTCAPABLE, open_outcome("l/absolute", 0, 0));
    EQUAL(WASI_NOTDIR, open_outcome("l/soft/", 0, 0));
    EQUAL(WASI_SUCCESS, open_outcome("l/make", CREAT, 0));
    EQUAL(4, stat_field("l/made", FILETYPE, 0));
    CHECK(LOOP, path_open, ROOT, 0, PATH("l/soft"), 0, 0, 0, 0, result);
    EQUAL(7, stat_field("l/soft", FILETYPE, 0));
    EQUAL(4, stat_field("l/soft", SIZE, 0));
    EQUAL(4, stat_field("l/soft", FILETYPE, 1));
    EQUAL(3, stat_field("l/up/", FILETYPE, 0));
    u32 buffer = room(8);
    CHECK(SUCCESS, path_readlink, ROOT, PATH("l/soft"), buffer, 8, result);
    EQUAL(4, AT_32(result));
    EQUAL(0, memcmp(wasi_at(buffer), "file", 4));
    CHECK(SUCCESS, path_readlink, ROOT, PATH("l/soft"), buffer, 2, result);
    EQUAL(2, AT_32(result));
    CHECK(INVAL, path_readlink, ROOT, PATH("l/file"), buffer, 8, result);
    CHECK(SUCCESS, path_link, ROOT, 0, PATH("l/file"), ROOT, PATH("l/hard"));
    EQUAL(2, stat_field("l/file", LINKS, 0));
    EQUAL(stat_field("l/file", INODE, 0), stat_field("l/hard", INODE, 0));
    CHECK(EXIST, path_link, ROOT, 0, PATH("l/file"), ROOT, PATH("l/hard"));
    CHECK(NOENT, path_link, ROOT, 0, PATH("l/file"), ROOT, PATH("l/x/"));
    CHECK(PERM, path_link, ROOT, 0, PATH("l"), ROOT, PATH("l/x"));
    CHECK(SUCCESS, path_unlink_file, ROOT, PATH("l/file"));
    EQUAL(1, stat_field("l/hard", LINKS, 0));
    EQUAL(WASI_NOENT, open_outcome("l/soft", 0, 0));
}

static void reading_and_writing(void) {
    u32 fd = opened("w", CREAT, 0), buffer = room(16);
    CHECK(SUCCESS, fd_pwrite, fd, TEXT("end"), 5, result);
    EQUAL(3, AT_32(result));
    CHECK(SUCCESS, fd_tell, fd, result);
    EQUAL(0, AT_64(result));
    CHECK(SUCCESS, fd_read, fd, vector(buffer, 16), 1, result);
    EQUAL(8, AT_32(result));
    EQUAL(0, memcmp(wasi_at(buffer), "\0\0\0\0\0end", 8));
    EQUAL(6, seek(fd, -2, 2));
    EQUAL(true, reads(fd, "nd"));
    EQUAL(7, seek(fd, -1, 1));
    CHECK(INVAL, fd_seek, fd, (u64)-9, 1, result);
    CHECK(INVAL, fd_seek, fd, 0, 3, result);
    CHECK(OVERFLOW, fd_seek, fd, INT64_MAX, 1, result);
    EQUAL(INT64_MAX, seek(fd, INT64_MAX, 0));
    EQUAL(true, reads(fd, ""));
    CHECK(NOSPC, fd_write, fd, TEXT("x"), result);
    CHECK(SUCCESS, fd_write, fd, TEXT(""), result);
    CHECK(FBIG, fd_pwrite, fd, TEXT("x"), UINT64_MAX, result);
    CHECK(SUCCESS, fd_allocate, fd, 4, 8);
    CHECK(SUCCESS, fd_allocate, fd, 0, 1);
    EQUAL(12, stat_field("w", SIZE, 0));
    CHECK(INVAL, fd_allocate, fd, 4, 0);
    CHECK(FBIG, fd_allocate, fd, UINT64_MAX, 2);
    CHECK(NOSPC, fd_allocate, fd, 0, INT64_MAX);
    CHECK(INVAL, fd_filestat_set_size, fd, UINT64_MAX);
    CHECK(SUCCESS, fd_advise, fd, 0, 0, 5);
    CHECK(INVAL, fd_advise, fd, 0, 0, 6);
    CHECK(SUCCESS, fd_sync, fd);
    CHECK(SUCCESS, fd_datasync, fd);
    CHECK(SUCCESS, fd_close, fd);
    fd = opened("w", 0, WASI_FDFLAGS_APPEND);
    EQUAL(0, seek(fd, 0, 0));
    write_text(fd, "!");
    EQUAL(13, seek(fd, 0, 1));
    CHECK(SUCCESS, fd_fdstat_set_flags, fd, 0);
    EQUAL(0, seek(fd, 0, 0));
    write_text(fd, "?");
    EQUAL(13, stat_field("w", SIZE, 0));
    CHECK(SUCCESS, fd_close, fd);
}

static void rights(void) {
    u32 fd, stat = room(24), parts = vector(room(4), 4);
    CHECK(SUCCESS, path_open, ROOT, 0, PATH("r"), CREAT, WASI_RIGHT_FD_READ, 0, 0, result);
    fd = AT_32(result);
    CHECK(SUCCESS, fd_fdstat_get, fd, stat);
    EQUAL(4, AT_64(stat));
    EQUAL(WASI_RIGHT_FD_READ, AT_64(stat + 8));
    CHECK(BADF, fd_write, fd, parts, 1, result);
    CHECK(NOTCAPABLE, fd_seek, fd, 0, 0, result);
    CHECK(NOTCAPABLE, fd_tell, fd, result);
    CHECK(NOTCAPABLE, fd_filestat_get, fd, stat);
    CHECK(NOTCAPABLE, fd_filestat_set_times, fd, 0, 0, 0);
    CHECK(NOTCAPABLE, fd_fdstat_set_flags, fd, 0);
    CHECK(NOTCAPABLE, fd_sync, fd);
    CHECK(NOTCAPABLE, fd_fdstat_set_rights, fd, WASI_RIGHT_FD_WRITE, 0);
    CHECK(SUCCESS, fd_fdstat_set_rights, fd, 0, 0);
    CHECK(BADF, fd_read, fd, parts, 1, result);
    CHECK(NOTDIR, path_unlink_file, fd, PATH("x"));
    CHECK(SUCCESS, fd_close, fd);
    fd = opened("tmp", DIRECTORY, 0);
    CHECK(ISDIR, fd_read, fd, parts, 1, result);
    CHECK(ISDIR, fd_seek, fd, 0, 0, result);
    CHECK(ISDIR, fd_filestat_set_size, fd, 0);
    CHECK(SUCCESS, fd_fdstat_set_rights, fd, WASI_RIGHT_PATH_OPEN, WASI_RIGHT_FD_READ);
    CHECK(NOTCAPABLE, path_open, fd, 0, PATH("x"), CREAT, 0, 0, 0, result);
    CHECK(NOTCAPABLE, path_open, fd, 0, PATH("x"), TRUNC, 0, 0, 0, result);
    CHECK(NOTCAPABLE, path_create_directory, fd, PATH("x"));
    CHECK(NOTCAPABLE, fd_readdir, fd, 0, 0, 0, result);
    CHECK(SUCCESS, path_open, fd, 0, PATH("."), 0, ALL_RIGHTS & ~64ull, ALL_RIGHTS, 0, result);
    CHECK(SUCCESS, fd_fdstat_get, AT_32(result), stat);
    EQUAL(0, AT_64(stat + 8));
    EQUAL(WASI_RIGHT_FD_READ, AT_64(stat + 16));
    CHECK(SUCCESS, fd_close, AT_32(result));
    CHECK(SUCCESS, fd_close, fd);
}

static void renaming(void) {
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("n"));
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("n/d"));
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("n/e"));
    make("n/a", "a");
    make("n/b", "b");
    make("n/e/x", "x");
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/a"), ROOT, PATH("n/c"));
    EQUAL(WASI_NOENT, open_outcome("n/a", 0, 0));
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/c"), ROOT, PATH("n/b"));
    EQUAL(true, has("n/b", "a"));
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/b"), ROOT, PATH("n/b"));
    CHECK(NOENT, path_rename, ROOT, PATH("n/a"), ROOT, PATH("n/c"));
    CHECK(ISDIR, path_rename, ROOT, PATH("n/b"), ROOT, PATH("n/d"));
    CHECK(NOTDIR, path_rename, ROOT, PATH("n/d"), ROOT, PATH("n/b"));
    CHECK(NOTDIR, path_rename, ROOT, PATH("n/b"), ROOT, PATH("n/f/"));
    CHECK(NOTEMPTY, path_rename, ROOT, PATH("n/d"), ROOT, PATH("n/e"));
    CHECK(INVAL, path_rename, ROOT, PATH("n/e"), ROOT, PATH("n/e/f"));
    CHECK(BUSY, path_rename, ROOT, PATH("n/."), ROOT, PATH("n/f"));
    CHECK(BUSY, path_rename, ROOT, PATH("n/d"), ROOT, PATH("."));
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/e/"), ROOT, PATH("n/d/"));
    EQUAL(true, has("n/d/x", "x"));
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/d"), ROOT, PATH("tmp/d"));
    EQUAL(true, has("tmp/d/../d/x", "x"));
    CHECK(SUCCESS, path_link, ROOT, 0, PATH("n/b"), ROOT, PATH("n/h"));
    CHECK(SUCCESS, path_rename, ROOT, PATH("n/b"), ROOT, PATH("n/h"));
    EQUAL(true, has("n/b", "a"));
}

static void removing(void) {
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("d"));
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("d/e/"));
    CHECK(EXIST, path_create_directory, ROOT, PATH("d"));
    CHECK(EXIST, path_create_directory, ROOT, PATH("."));
    CHECK(NOTEMPTY, path_remove_directory, ROOT, PATH("d"));
    CHECK(NOTEMPTY, path_remove_directory, ROOT, PATH("sub"));
    CHECK(ISDIR, path_unlink_file, ROOT, PATH("d/e"));
    CHECK(INVAL, path_remove_directory, ROOT, PATH("d/."));
    CHECK(NOTDIR, path_remove_directory, ROOT, PATH("a.txt"));
    CHECK(NOTDIR, path_remove_directory, ROOT, PATH("link"));
    CHECK(NOENT, path_remove_directory, ROOT, PATH("d/f"));
    CHECK(NOENT, path_unlink_file, ROOT, PATH("d/f"));
    make("d/f", "kept");
    u32 file = opened("d/f", 0, 0), directory = opened("d/e", DIRECTORY, 0);
    CHECK(SUCCESS, path_unlink_file, ROOT, PATH("d/f"));
    CHECK(SUCCESS, path_remove_directory, ROOT, PATH("d/e/"));
    CHECK(SUCCESS, path_remove_directory, ROOT, PATH("d"));
    EQUAL(true, reads(file, "kept"));
    CHECK(NOENT, path_create_directory, directory, PATH("x"));
    CHECK(NOENT, path_open, directory, 0, PATH("x"), CREAT, 0, 0, 0, result);
    CHECK(NOTCAPABLE, path_open, directory, 0, PATH(".."), 0, 0, 0, 0, result);
    CHECK(SUCCESS, fd_readdir, directory, room(64), 64, 0, result);
    EQUAL(24 + 1 + 24 + 2, AT_32(result));
    CHECK(SUCCESS, fd_close, directory);
    CHECK(SUCCESS, fd_close, file);
}

static void times(void) {
    make("t", "");
    u64 made = stat_field("t", MTIM, 0);
    EQUAL(made, stat_field("t", ATIM, 0));
    CHECK(SUCCESS, clock_time_get, 0, 0, result);
    CHECK(SUCCESS, path_filestat_set_times, ROOT, 0, PATH("t"), 5, 6, 1);
    EQUAL(5, stat_field("t", ATIM, 0));
    EQUAL(made, stat_field("t", MTIM, 0));
    EQUAL(made + 1000, stat_field("t", CTIM, 0));
    u32 fd = opened("t", 0, 0);
    CHECK(SUCCESS, fd_filestat_set_times, fd, 7, 8, 4 | 2);
    EQUAL(made + 1000, stat_field("t", ATIM, 0));
    EQUAL(8, stat_field("t", MTIM, 0));
    CHECK(INVAL, fd_filestat_set_times, fd, 0, 0, 1 | 2);
    CHECK(INVAL, fd_filestat_set_times, fd, 0, 0, 4 | 8);
    CHECK(INVAL, path_filestat_set_times, ROOT, 0, PATH("t"), 0, 0, 16);
    write_text(fd, "x");
    EQUAL(made + 1000, stat_field("t", MTIM, 0));
    CHECK(SUCCESS, fd_close, fd);
}

/* Reads `size` bytes of a listing from a cookie on: the number of whole entries,
 * the last of which may be given. */
static u32 list(u32 fd, u32 size, u64 *cookie, char *last) {
    u32 buffer = room(1024), entries = 0;
    CHECK(SUCCESS, fd_readdir, fd, buffer, size, *cookie, result);
    u32 at = 0, end = AT_32(result);
    while (end - at >= 24) {
        u32 length = AT_32(buffer + at + 16);
        if (end - at - 24 < length) break;
        *cookie = AT_64(buffer + at);
        memcpy(last, wasi_at(buffer + at + 24), length);
        last[length] = 0;
        at += 24 + length;
        entries++;
    }
    return entries;
}

static void listing(void) {
    char name[256], path[16];
    u64 cookie = 0;
    CHECK(SUCCESS, path_create_directory, ROOT, PATH("ls"));
    for (u32 i = 0; i < 10; i++) {
        sprintf(path, "ls/%u", i);
        make(path, "");
    }
    u32 fd = opened("ls", DIRECTORY, 0);
    EQUAL(12, list(fd, 1024, &cookie, name));
    EQUAL(0, strcmp(name, "9"));
    EQUAL(0, list(fd, 1024, &cookie, name));
    cookie = 0;
    EQUAL(0, list(fd, 23, &cookie, name));
    EQUAL(23, AT_32(result));
    EQUAL(4, list(fd, 120, &cookie, name));
    EQUAL(120, AT_32(result));
    EQUAL(0, strcmp(name, "1"));
    /* Removed and added meanwhile. */
    CHECK(SUCCESS, path_unlink_file, ROOT, PATH("ls/1"));
    CHECK(SUCCESS, path_unlink_file, ROOT, PATH("ls/2"));
    make("ls/new", "");
    EQUAL(1, list(fd, 30, &cookie, name));
    EQUAL(0, strcmp(name, "3"));
    EQUAL(7, list(fd, 1024, &cookie, name));
    EQUAL(0, strcmp(name, "new"));
    cookie = UINT64_MAX;
    EQUAL(0, list(fd, 1024, &cookie, name));
    CHECK(SUCCESS, fd_close, fd);
}

static void many_descriptors(void) {
    u32 fds[100];
    for (u32 i = 0; i < 100; i++) {
        fds[i] = opened("a.txt", 0, 0);
        EQUAL(ROOT + 1 + i, fds[i]);
    }
    CHECK(SUCCESS, fd_renumber, fds[99], fds[0]);
    CHECK(BADF, fd_close, fds[99]);
    CHECK(BADF, fd_renumber, fds[0], fds[99]);
    CHECK(SUCCESS, fd_renumber, fds[0], fds[0]);
    EQUAL(fds[99], opened("a.txt", 0, 0));
    for (u32 i = 0; i < 100; i++) CHECK(SUCCESS, fd_close, fds[i]);
    u32 fd = opened("out", CREAT, 0);
    CHECK(SUCCESS, fd_renumber, fd, 1);
    write_text(1, "to a file");
    EQUAL(true, has("out", "to a file"));
    CHECK(SUCCESS, fd_renumber, ROOT, 0);
    CHECK(SUCCESS, path_unlink_file, 0, PATH("out"));
    CHECK(BADF, path_unlink_file, ROOT, PATH("out"));
}

int main(void) {
    start();
    result = room(8);
    root();
    copy_on_write();
    opening();
    paths();
    links();
    reading_and_writing();
    rights();
    renaming();
    removing();
    times();
    listing();
    many_descriptors();
    return finish();
}
