// A library to preload (LD_PRELOAD): calls on files below a folder fail as on a full or a broken disk, and the clock
// of the processes jumps. All processes of a run share the counters and settings of one mapped file.
//
// Environment: TORTURE_CONTROL, the mapped file; TORTURE_FOLDER, absolute, without a slash at its end.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// The order is that of `callNames` in faulty-disk.mjs.
enum Call {
  kCreate,
  kOpen,
  kRead,
  kPread,
  kWrite,
  kPwrite,
  kWritev,
  kFsync,
  kFdatasync,
  kRename,
  kLink,
  kSymlink,
  kMkdir,
  kUnlink,
  kFtruncate,
  kFallocate,
  kCopy,
  kClose,
  kCalls
};

struct Control {
  std::atomic<int64_t> clockSeconds;  // added to the time of day
  int64_t failingCall;                // a Call, or -1
  int64_t failingNumber;              // the first of its calls that fails, from 1
  int64_t errorNumber;                // ENOSPC: also all later calls that need space; else one call
  std::atomic<int64_t> failures;
  std::atomic<int64_t> calls[kCalls];
  std::atomic<int64_t> failed[kCalls];
};

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}
#define ORIGINAL(name) static auto* const call = original<decltype(name)>(#name)

Control* control() {
  static Control* const mapped = []() -> Control* {
    const char* path = getenv("TORTURE_CONTROL");
    const int file = path == nullptr ? -1 : static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    if (file < 0) return nullptr;
    void* data = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    return data == MAP_FAILED ? nullptr : static_cast<Control*>(data);
  }();
  return mapped;
}

bool isInside(const char* path) {
  static const char* const folder = getenv("TORTURE_FOLDER");
  static const size_t length = folder == nullptr ? 0 : strlen(folder);
  return length > 0 && path != nullptr && strncmp(path, folder, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

bool isInside(int file) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return isInside(path);
}

bool needsSpace(Call call) {
  switch (call) {
    case kCreate:
    case kWrite:
    case kPwrite:
    case kWritev:
    case kLink:
    case kSymlink:
    case kMkdir:
    case kFallocate:
    case kCopy:
    case kFsync:
    case kFdatasync:
      return true;
    default:
      return false;
  }
}

// Counts a call on the folder. Returns whether it fails, with errno set.
bool fails(Call call) {
  Control* const shared = control();
  if (shared == nullptr) return false;
  const int64_t number = ++shared->calls[call];
  const bool isFirst = call == shared->failingCall && number == shared->failingNumber;
  const bool isLater = shared->errorNumber == ENOSPC && shared->failures > 0 && needsSpace(call);
  if (!isFirst && !isLater) return false;
  ++shared->failures;
  ++shared->failed[call];
  errno = static_cast<int>(shared->errorNumber);
  return true;
}

template <class Place>
bool failsAt(Place place, Call call) {
  const int before = errno;
  if (isInside(place) && fails(call)) return true;
  errno = before;
  return false;
}

int64_t clockSeconds() { return control() == nullptr ? 0 : control()->clockSeconds.load(); }

bool creates(const char* path, int flags) { return (flags & O_CREAT) != 0 && faccessat(AT_FDCWD, path, F_OK, 0) != 0; }

int modeOf(int flags, va_list arguments) { return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, int) : 0; }

}  // namespace

extern "C" {

#define OPEN(name)                                                        \
  int name(const char* path, int flags, ...) {                            \
    ORIGINAL(name);                                                       \
    va_list arguments;                                                    \
    va_start(arguments, flags);                                           \
    const int mode = modeOf(flags, arguments);                            \
    va_end(arguments);                                                    \
    if (failsAt(path, creates(path, flags) ? kCreate : kOpen)) return -1; \
    return call(path, flags, mode);                                       \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                      \
  int name(int at, const char* path, int flags, ...) {                    \
    ORIGINAL(name);                                                       \
    va_list arguments;                                                    \
    va_start(arguments, flags);                                           \
    const int mode = modeOf(flags, arguments);                            \
    va_end(arguments);                                                    \
    if (failsAt(path, creates(path, flags) ? kCreate : kOpen)) return -1; \
    return call(at, path, flags, mode);                                   \
  }
OPENAT(openat)
OPENAT(openat64)

// A function of a descriptor: its parameters, the names of those, and what it is counted as.
#define ON_FILE(result, name, parameters, values, counted) \
  result name parameters {                                 \
    ORIGINAL(name);                                        \
    if (failsAt(file, counted)) return -1;                 \
    return call values;                                    \
  }
ON_FILE(ssize_t, read, (int file, void* data, size_t size), (file, data, size), kRead)
ON_FILE(ssize_t, pread, (int file, void* data, size_t size, off_t at), (file, data, size, at), kPread)
ON_FILE(ssize_t, pread64, (int file, void* data, size_t size, off64_t at), (file, data, size, at), kPread)
ON_FILE(ssize_t, readv, (int file, const iovec* parts, int count), (file, parts, count), kRead)
ON_FILE(ssize_t, write, (int file, const void* data, size_t size), (file, data, size), kWrite)
ON_FILE(ssize_t, pwrite, (int file, const void* data, size_t size, off_t at), (file, data, size, at), kPwrite)
ON_FILE(ssize_t, pwrite64, (int file, const void* data, size_t size, off64_t at), (file, data, size, at), kPwrite)
ON_FILE(ssize_t, writev, (int file, const iovec* parts, int count), (file, parts, count), kWritev)
ON_FILE(ssize_t, pwritev, (int file, const iovec* parts, int count, off_t at), (file, parts, count, at), kWritev)
ON_FILE(ssize_t, pwritev64, (int file, const iovec* parts, int count, off64_t at), (file, parts, count, at), kWritev)
ON_FILE(int, fsync, (int file), (file), kFsync)
ON_FILE(int, fdatasync, (int file), (file), kFdatasync)
ON_FILE(int, ftruncate, (int file, off_t size) noexcept, (file, size), kFtruncate)
ON_FILE(int, ftruncate64, (int file, off64_t size) noexcept, (file, size), kFtruncate)

ssize_t sendfile(int file, int from, off_t* at, size_t size) noexcept {
  ORIGINAL(sendfile);
  return failsAt(file, kCopy) ? -1 : call(file, from, at, size);
}
ssize_t sendfile64(int file, int from, off64_t* at, size_t size) noexcept {
  ORIGINAL(sendfile64);
  return failsAt(file, kCopy) ? -1 : call(file, from, at, size);
}

// These return the error instead of setting errno.
int posix_fallocate(int file, off_t at, off_t size) {
  ORIGINAL(posix_fallocate);
  return failsAt(file, kFallocate) ? errno : call(file, at, size);
}
int posix_fallocate64(int file, off64_t at, off64_t size) {
  ORIGINAL(posix_fallocate64);
  return failsAt(file, kFallocate) ? errno : call(file, at, size);
}

// The file is closed even if that reports an error.
int close(int file) {
  ORIGINAL(close);
  const bool isFailing = failsAt(file, kClose);
  const int error = errno, result = call(file);
  if (!isFailing) return result;
  errno = error;
  return -1;
}

#define ON_PATH(name, parameters, values, path, counted) \
  int name parameters noexcept {                         \
    ORIGINAL(name);                                      \
    return failsAt(path, counted) ? -1 : call values;    \
  }
ON_PATH(rename, (const char* from, const char* to), (from, to), to, kRename)
ON_PATH(renameat, (int at, const char* from, int toAt, const char* to), (at, from, toAt, to), to, kRename)
ON_PATH(link, (const char* from, const char* to), (from, to), to, kLink)
ON_PATH(symlink, (const char* from, const char* to), (from, to), to, kSymlink)
ON_PATH(mkdir, (const char* path, mode_t mode), (path, mode), path, kMkdir)
ON_PATH(unlink, (const char* path), (path), path, kUnlink)

// libuv copies and closes files by raw system calls.
long syscall(long number, ...) noexcept {
  ORIGINAL(syscall);
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_close) return close(static_cast<int>(a[0]));
  if (number == SYS_copy_file_range && failsAt(static_cast<int>(a[2]), kCopy)) return -1;
  return call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  ORIGINAL(clock_gettime);
  const int result = call(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += clockSeconds();
  return result;
}

int gettimeofday(timeval* now, void* zone) noexcept {
  ORIGINAL(gettimeofday);
  const int result = call(now, zone);
  if (result == 0) now->tv_sec += clockSeconds();
  return result;
}

time_t time(time_t* now) noexcept {
  ORIGINAL(time);
  const time_t jumped = call(nullptr) + clockSeconds();
  if (now != nullptr) *now = jumped;
  return jumped;
}

}  // extern "C"
