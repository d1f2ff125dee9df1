/* Records what a program does to the files of one folder: LD_PRELOAD it, with
 *   FILE_CALLS_FOLDER  the folder (absolute, no links in it); only files right inside it, and the folder itself, are recorded
 *   FILE_CALLS_TRACE   the trace, a file outside the folder; records are added to it
 *   FILE_CALLS_MARKS   a file outside the folder: whatever is written to it becomes a mark in the trace
 *   FILE_CALLS_SENDS   if set, whatever is sent to a UNIX socket with a name becomes a mark as well
 *
 * A record: kind (1 byte), length of name (1), inode (8), offset or length (8), length of data (4), name, data; numbers in the
 * machine's order. It is written after the call succeeded and before the program goes on, so a mark stands behind all that
 * happened before it.
 *   c created (name)   o opened (name)   w written (offset, data)   t length set (offset)   f space allocated (offset = end)
 *   s synced           d folder synced   r renamed (name = new, data = old)   u unlinked (name)   a mark (data)
 *   m content of a small file mapped for writing, whenever it is seen to have changed (data)   ! something this cannot record */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define FDS 1024
#define MAPS 8
#define SMALL 4096
#define REAL(name) ((__typeof__(&name))real(#name))

enum { NOT_OURS = 0, FILE_INSIDE, THE_FOLDER, THE_MARKS };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char whose[FDS];
static uint64_t inode_of[FDS];
static struct { char *at; size_t length; uint64_t inode; char seen[SMALL]; } maps[MAPS];
static int trace = -1;

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

static const char *folder(void) { return getenv("FILE_CALLS_FOLDER"); }

static void put(char kind, uint64_t inode, uint64_t number, const char *name, const void *data, size_t length)
{
    unsigned char head[22];
    size_t name_length = name ? strlen(name) : 0;
    uint32_t data_length = (uint32_t)length;
    if (trace < 0) {
        const char *path = getenv("FILE_CALLS_TRACE");
        if (!path)
            return;
        trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
        if (trace < 0)
            abort();
    }
    head[0] = (unsigned char)kind;
    head[1] = (unsigned char)name_length;
    memcpy(head + 2, &inode, 8);
    memcpy(head + 10, &number, 8);
    memcpy(head + 18, &data_length, 4);
    struct iovec parts[3] = {{head, sizeof head}, {(void *)name, name_length}, {(void *)data, length}};
    if (syscall(SYS_writev, trace, parts, 3) != (long)(sizeof head + name_length + length))
        abort();
}

/* Look whether a mapped file was changed by a store since it was last seen. */
static void look(void)
{
    for (int i = 0; i < MAPS; i++)
        if (maps[i].at && memcmp(maps[i].at, maps[i].seen, maps[i].length)) {
            memcpy(maps[i].seen, maps[i].at, maps[i].length);
            put('m', maps[i].inode, 0, NULL, maps[i].seen, maps[i].length);
        }
}

static void begin(void)
{
    int kept = errno;
    pthread_mutex_lock(&lock);
    look();
    errno = kept;
}

static void end(void)
{
    int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
}

/* The name of a path right inside the folder, or NULL. */
static const char *inside(int at, const char *path)
{
    static __thread char whole[PATH_MAX * 2];
    char here[PATH_MAX], link[64];
    const char *root = folder();
    size_t length = root ? strlen(root) : 0;
    if (!root || !path)
        return NULL;
    if (path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        if (at == AT_FDCWD) {
            if (!getcwd(here, sizeof here))
                return NULL;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            ssize_t got = readlink(link, here, sizeof here - 1);
            if (got < 0)
                return NULL;
            here[got] = 0;
        }
        snprintf(whole, sizeof whole, "%s/%s", here, path);
    }
    if (strncmp(whole, root, length) || (whole[length] != '/' && whole[length]))
        return NULL;
    const char *name = whole + length + (whole[length] == '/');
    return strchr(name, '/') ? NULL : name;
}

static int opened(int fd, int at, const char *path, int existed)
{
    struct stat status;
    const char *marks = getenv("FILE_CALLS_MARKS"), *name;
    if (fd < 0 || fd >= FDS)
        return fd;
    whose[fd] = NOT_OURS;
    if (marks && !strcmp(path, marks)) {
        whose[fd] = THE_MARKS;
        return fd;
    }
    name = inside(at, path);
    if (!name || fstat(fd, &status))
        return fd;
    inode_of[fd] = status.st_ino;
    if (!*name && S_ISDIR(status.st_mode)) {
        whose[fd] = THE_FOLDER;
    } else if (*name && S_ISREG(status.st_mode)) {
        whose[fd] = FILE_INSIDE;
        put(existed ? 'o' : 'c', status.st_ino, 0, name, NULL, 0);
    }
    return fd;
}

static int open_any(int at, const char *path, int flags, mode_t mode)
{
    struct stat status;
    begin();
    int existed = !fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW);
    int fd = (int)syscall(SYS_openat, at, path, flags | O_LARGEFILE, mode);
    opened(fd, at, path, existed);
    if (fd >= 0 && fd < FDS && whose[fd] == FILE_INSIDE && existed && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY)
        put('t', inode_of[fd], 0, NULL, NULL, 0);
    end();
    return fd;
}

static mode_t mode_in(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; }

#define OPEN(name)                                      \
    int name(const char *path, int flags, ...)          \
    {                                                   \
        va_list list;                                   \
        va_start(list, flags);                          \
        mode_t mode = mode_in(flags, list);             \
        va_end(list);                                   \
        return open_any(AT_FDCWD, path, flags, mode);   \
    }
#define OPENAT(name)                                    \
    int name(int at, const char *path, int flags, ...)  \
    {                                                   \
        va_list list;                                   \
        va_start(list, flags);                          \
        mode_t mode = mode_in(flags, list);             \
        va_end(list);                                   \
        return open_any(at, path, flags, mode);         \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static int ours(int fd) { return fd >= 0 && fd < FDS ? whose[fd] : NOT_OURS; }

int close(int fd)
{
    begin();
    if (fd == trace && trace >= 0) { /* a program that closes everything it does not know */
        end();
        return 0;
    }
    if (fd >= 0 && fd < FDS)
        whose[fd] = NOT_OURS;
    int result = REAL(close)(fd);
    end();
    return result;
}

static ssize_t wrote(int fd, const void *data, ssize_t length, off64_t offset)
{
    if (length > 0 && ours(fd) == FILE_INSIDE)
        put('w', inode_of[fd], (uint64_t)offset, NULL, data, (size_t)length);
    else if (length > 0 && ours(fd) == THE_MARKS)
        put('a', 0, 0, NULL, data, (size_t)length);
    return length;
}

ssize_t write(int fd, const void *data, size_t length)
{
    if (!ours(fd))
        return syscall(SYS_write, fd, data, length);
    begin();
    int flags = fcntl(fd, F_GETFL);
    ssize_t done = syscall(SYS_write, fd, data, length);
    off64_t after = lseek64(fd, 0, SEEK_CUR);
    if (flags & O_APPEND) {
        struct stat status;
        if (!fstat(fd, &status))
            after = status.st_size;
    }
    wrote(fd, data, done, after - done);
    end();
    return done;
}

#define PWRITE(name, offset_type)                                                  \
    ssize_t name(int fd, const void *data, size_t length, offset_type offset)      \
    {                                                                              \
        begin();                                                                   \
        ssize_t done = wrote(fd, data, syscall(SYS_pwrite64, fd, data, length, offset), offset); \
        end();                                                                     \
        return done;                                                               \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define CANNOT(fd, what)                                       \
    if (ours(fd) == FILE_INSIDE)                               \
        put('!', inode_of[fd], 0, what, NULL, 0);

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    begin();
    CANNOT(fd, "writev")
    end();
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    begin();
    CANNOT(fd, "pwritev")
    end();
    return REAL(pwritev)(fd, parts, count, offset);
}

#define TRUNCATE(name, offset_type)                                                \
    int name(int fd, offset_type length)                                           \
    {                                                                              \
        begin();                                                                   \
        int result = (int)syscall(SYS_ftruncate, fd, length);                      \
        if (!result && ours(fd) == FILE_INSIDE)                                    \
            put('t', inode_of[fd], (uint64_t)length, NULL, NULL, 0);               \
        end();                                                                     \
        return result;                                                             \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ALLOCATE(name, offset_type)                                                \
    int name(int fd, offset_type offset, offset_type length)                       \
    {                                                                              \
        begin();                                                                   \
        int result = ((int (*)(int, offset_type, offset_type))real(#name))(fd, offset, length); \
        if (!result && ours(fd) == FILE_INSIDE)                                    \
            put('f', inode_of[fd], (uint64_t)(offset + length), NULL, NULL, 0);    \
        end();                                                                     \
        return result;                                                             \
    }
ALLOCATE(posix_fallocate, off_t)
ALLOCATE(posix_fallocate64, off64_t)

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    begin();
    int result = (int)syscall(SYS_fallocate, fd, mode, offset, length);
    if (!result && ours(fd) == FILE_INSIDE)
        put(mode ? '!' : 'f', inode_of[fd], (uint64_t)(offset + length), mode ? "fallocate" : NULL, NULL, 0);
    end();
    return result;
}

static int synced(int fd, int result)
{
    if (!result && ours(fd) == FILE_INSIDE)
        put('s', inode_of[fd], 0, NULL, NULL, 0);
    else if (!result && ours(fd) == THE_FOLDER)
        put('d', inode_of[fd], 0, NULL, NULL, 0);
    return result;
}

int fsync(int fd)
{
    begin();
    int result = synced(fd, (int)syscall(SYS_fsync, fd));
    end();
    return result;
}

int fdatasync(int fd)
{
    begin();
    int result = synced(fd, (int)syscall(SYS_fdatasync, fd));
    end();
    return result;
}

static int rename_any(int from_at, const char *from, int to_at, const char *to)
{
    char old[NAME_MAX + 1] = "";
    struct stat status;
    begin();
    const char *name = inside(from_at, from);
    int known = !fstatat(from_at, from, &status, AT_SYMLINK_NOFOLLOW);
    if (name)
        snprintf(old, sizeof old, "%s", name);
    int result = (int)syscall(SYS_renameat, from_at, from, to_at, to);
    name = inside(to_at, to);
    if (!result && known && (*old || (name && *name))) {
        if (*old && name && *name)
            put('r', status.st_ino, 0, name, old, strlen(old));
        else
            put('!', status.st_ino, 0, "rename out of the folder", NULL, 0);
    }
    end();
    return result;
}

int rename(const char *from, const char *to) { return rename_any(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return rename_any(from_at, from, to_at, to); }

static int unlink_any(int at, const char *path, int flags)
{
    struct stat status;
    begin();
    int known = !fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW);
    int result = (int)syscall(SYS_unlinkat, at, path, flags);
    const char *name = inside(at, path);
    if (!result && known && S_ISREG(status.st_mode) && name && *name)
        put('u', status.st_ino, 0, name, NULL, 0);
    end();
    return result;
}

int unlink(const char *path) { return unlink_any(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlink_any(at, path, flags); }

static void *mapped(void *at, size_t length, int protection, int flags, int fd)
{
    if (at == MAP_FAILED || ours(fd) != FILE_INSIDE || !(flags & MAP_SHARED) || !(protection & PROT_WRITE))
        return at;
    if (length > SMALL) /* the index of the write-ahead log: nobody reads it after a power cut */
        return at;
    for (int i = 0; i < MAPS; i++)
        if (!maps[i].at) {
            maps[i].at = at;
            maps[i].length = length;
            maps[i].inode = inode_of[fd];
            memcpy(maps[i].seen, at, length);
            return at;
        }
    put('!', inode_of[fd], 0, "too many mappings", NULL, 0);
    return at;
}

#define MMAP(name, offset_type)                                                                    \
    void *name(void *hint, size_t length, int protection, int flags, int fd, offset_type offset)   \
    {                                                                                              \
        void *at = (void *)syscall(SYS_mmap, hint, length, protection, flags, fd, offset);         \
        if (fd < 0)                                                                                \
            return at;                                                                             \
        begin();                                                                                   \
        mapped(at, length, protection, flags, fd);                                                 \
        end();                                                                                     \
        return at;                                                                                 \
    }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)

int munmap(void *at, size_t length)
{
    int watched = 0;
    for (int i = 0; i < MAPS; i++)
        watched |= at && maps[i].at == at;
    if (watched) {
        begin();
        for (int i = 0; i < MAPS; i++)
            if (maps[i].at == at)
                maps[i].at = NULL;
        end();
    }
    return (int)syscall(SYS_munmap, at, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
    struct sockaddr_un mine;
    socklen_t size = sizeof mine;
    ssize_t done = syscall(SYS_sendto, fd, data, length, flags, NULL, 0);
    if (done > 0 && getenv("FILE_CALLS_SENDS") && !getsockname(fd, (struct sockaddr *)&mine, &size) && mine.sun_family == AF_UNIX
        && size > sizeof mine.sun_family) {
        begin(); /* recorded after it went out: whoever cuts here may know of it already, so the mark is never too early */
        put('a', (uint64_t)fd, 0, NULL, data, (size_t)done);
        end();
    }
    return done;
}
