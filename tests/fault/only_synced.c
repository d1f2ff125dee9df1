/* A disk that forgets what was not synced: LD_PRELOAD it, and ONLY_SYNCED_FROM/name is copied to ONLY_SYNCED_TO/name whenever
 * the program syncs that file, and at no other time. What lies there is what a power cut at this moment would leave; whoever
 * looks at it holds the lock on the folder meanwhile, for a power cut happens between two syncs and not during a copy. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The folder itself was synced: names that are gone are gone for good (a rollback journal, above all). */
static void keep_names(const char *from, const char *to)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *folder = opendir(to);
    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof path, "%s/%s", from, entry->d_name);
        if (access(path, F_OK)) {
            snprintf(path, sizeof path, "%s/%s", to, entry->d_name);
            unlink(path);
        }
    }
    if (folder)
        closedir(folder);
}

static void keep_file(const char *path, const char *from, const char *to)
{
    char draft[PATH_MAX + 8], target[PATH_MAX], buffer[65536];
    ssize_t length;
    off_t at = 0;
    if (strncmp(path, from, strlen(from)) || path[strlen(from)] != '/' || strchr(path + strlen(from) + 1, '/'))
        return;
    snprintf(target, sizeof target, "%s%s", to, path + strlen(from));
    snprintf(draft, sizeof draft, "%s.new", target);
    int out = open(draft, O_CREAT | O_TRUNC | O_WRONLY, 0600), in = open(path, O_RDONLY);
    while (in >= 0 && out >= 0 && (length = pread(in, buffer, sizeof buffer, at)) > 0 && write(out, buffer, length) == length)
        at += length;
    if (in >= 0)
        close(in);
    if (out >= 0) {
        close(out);
        rename(draft, target);
    }
}

static void keep(int fd)
{
    const char *from = getenv("ONLY_SYNCED_FROM"), *to = getenv("ONLY_SYNCED_TO");
    char link[64], path[PATH_MAX];
    if (!from || !to)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = 0;
    int lock = open(to, O_RDONLY | O_DIRECTORY);
    flock(lock, LOCK_EX);
    if (!strcmp(path, from))
        keep_names(from, to);
    else
        keep_file(path, from, to);
    close(lock);
}

int fsync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(fd);
    if (!result)
        keep(fd);
    return result;
}

int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(fd);
    if (!result)
        keep(fd);
    return result;
}
