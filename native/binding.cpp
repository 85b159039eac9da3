// Glue between JavaScript and the kernels: src/device/checked-kernels.ts has checked every argument.
#include <fcntl.h>
#include <node_api.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "binding-arguments.hpp"

namespace strata {
namespace {

template <auto member>
napi_value kernelCallback(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  const KernelTable& table = *arguments.context().kernels;
  arguments.next = 0;
  try {
    callKernel(table.*member, arguments);
  } catch (const std::exception&) {
    napi_throw_range_error(env, nullptr, "out of memory for the work space of a kernel");
  }
  return nullptr;
}

void setText(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

void setBoolean(napi_env env, napi_value object, const char* name, bool is) {
  napi_value value;
  napi_get_boolean(env, is, &value);
  napi_set_named_property(env, object, name, value);
}

// [{ name, bf16, emulated, available, refusal }], fastest first
napi_value describeSets(napi_env env) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t index = 0;
  for (const InstructionSet& set : instructionSets()) {
    napi_value entry;
    napi_create_object(env, &entry);
    setText(env, entry, "name", set.name);
    setText(env, entry, "bf16", set.bf16);
    setBoolean(env, entry, "emulated", set.emulated);
    setBoolean(env, entry, "available", set.refusal == nullptr);
    setText(env, entry, "refusal", set.refusal != nullptr ? set.refusal : "");
    napi_set_element(env, list, index++, entry);
  }
  return list;
}

// createContext(index of an available instruction set, threads, dtype of products) → the context that every kernel
// takes first
napi_value createContext(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  const InstructionSet& set = instructionSets().at(static_cast<size_t>(arguments.take<int>()));
  const int threads = arguments.take<int>();
  const auto products = static_cast<DType>(arguments.take<int>());
  napi_value result = nullptr;
  try {
    auto* context = new Context{set.kernels, Pool(threads, products, set.tiles)};
    napi_create_external(
        env, context, [](napi_env, void* data, void*) { delete static_cast<Context*>(data); }, nullptr, &result);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return result;
}

// startTransfer(context, file descriptor, whether it is written, bytes, position) → ticket
napi_value startTransfer(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  Pool& pool = arguments.take<Pool&>();
  const int file = arguments.take<int>();
  const bool isWrite = arguments.take<bool>();
  void* data = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, arguments.values[arguments.next++], nullptr, &length, &data, nullptr, nullptr);
  const auto position = arguments.take<off_t>();
  napi_value result = nullptr;
  try {
    const int64_t ticket =
        pool.startTransfer({file, isWrite, static_cast<char*>(data), static_cast<int64_t>(length), position});
    napi_create_int64(env, ticket, &result);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return result;
}

// finishTransfer(context, ticket) → what Transfers::finish returns
napi_value finishTransfer(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  Pool& pool = arguments.take<Pool&>();
  napi_value result = nullptr;
  napi_create_int64(env, pool.finishTransfer(arguments.take<int64_t>()), &result);
  return result;
}

// expectRead(context, file descriptor, position, length)
napi_value expectRead(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  Pool& pool = arguments.take<Pool&>();
  const int file = arguments.take<int>();
  const auto position = arguments.take<off_t>();
  try {
    pool.expectRead({file, position, arguments.take<int64_t>()});
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

void unmap(napi_env, void* data, void* length) { munmap(data, reinterpret_cast<size_t>(length)); }

// An ArrayBuffer over memory that `release` frees; release receives the length as its hint.
napi_value wrap(napi_env env, void* data, size_t length, napi_finalize release) {
  napi_value result = nullptr;
  if (napi_create_external_arraybuffer(env, data, length, release, reinterpret_cast<void*>(length), &result) !=
      napi_ok) {
    release(env, data, reinterpret_cast<void*>(length));
    napi_throw_error(env, nullptr, "this JavaScript engine does not accept memory from outside");
  }
  return result;
}

// allocate(bytes) → page-aligned ArrayBuffer of zeros
napi_value allocate(napi_env env, napi_callback_info info) {
  const size_t length = argumentsOf(env, info).take<size_t>();
#if defined(__SANITIZE_ADDRESS__)
  // The sanitizer checks bounds only of memory from malloc.
  return wrap(env, std::calloc(1, length), length, [](napi_env, void* data, void*) { std::free(data); });
#else
  void* data = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    napi_throw_range_error(env, nullptr, std::strerror(errno));
    return nullptr;
  }
#if defined(MADV_HUGEPAGE)
  if (length >= (size_t{4} << 20)) madvise(data, length, MADV_HUGEPAGE);
#endif
  return wrap(env, data, length, unmap);
#endif
}

// map(path, offset, bytes) → read-only ArrayBuffer of a file's bytes; offset is a multiple of pageSize
napi_value map(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  const std::string path = textOf(env, arguments.values[arguments.next++]);
  const auto offset = arguments.take<off_t>();
  const auto length = arguments.take<size_t>();
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* data = file < 0 ? MAP_FAILED : mmap(nullptr, length, PROT_READ, MAP_SHARED, file, offset);
  const int code = errno;
  if (file >= 0) close(file);
  if (data == MAP_FAILED) {
    napi_throw_error(env, nullptr, std::strerror(code));
    return nullptr;
  }
  return wrap(env, data, length, unmap);
}

// mapScratch(folder, bytes) → ArrayBuffer of zeros in an unlinked file of the folder, which is deleted with the buffer
napi_value mapScratch(napi_env env, napi_callback_info info) {
  Arguments arguments = argumentsOf(env, info);
  std::string path = textOf(env, arguments.values[arguments.next++]) + "/scratch-XXXXXX";
  const auto length = arguments.take<off_t>();
  const int file = mkstemp(path.data());
  int code = file < 0 ? errno : 0;
  if (file >= 0) unlink(path.c_str());
    // Reserve all disk space now: later, a full disk would raise a signal inside a kernel.
#if defined(__APPLE__)
  if (code == 0 && ftruncate(file, length) != 0) code = errno;  // macOS has no call that reserves disk space
#else
  if (code == 0) code = posix_fallocate(file, 0, length);
#endif
  void* data = MAP_FAILED;
  if (code == 0) {
    data = mmap(nullptr, static_cast<size_t>(length), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (data == MAP_FAILED) code = errno;
  }
  if (file >= 0) close(file);
  if (code != 0) {
    napi_throw_error(env, nullptr, std::strerror(code));
    return nullptr;
  }
  return wrap(env, data, static_cast<size_t>(length), unmap);
}

// release(view of scratch memory): drops its pages from this process; the file keeps the values
napi_value release(napi_env env, napi_callback_info info) {
  size_t length = 0;
  void* data = nullptr;
  napi_get_typedarray_info(env, argumentsOf(env, info).values[0], nullptr, &length, &data, nullptr, nullptr);
  // Elements have 4 bytes. Pages shared with neighboring data are loaded again when that data is used.
  const auto begin = reinterpret_cast<uintptr_t>(data), page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t start = begin / page * page;
  madvise(reinterpret_cast<void*>(start), begin + 4 * length - start, MADV_DONTNEED);
  return nullptr;
}

// endProcess(exit code): exits at once, without shutting down the JavaScript engine
napi_value endProcess(napi_env env, napi_callback_info info) { std::_Exit(argumentsOf(env, info).take<int>()); }

void exportFunction(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace
}  // namespace strata

NAPI_MODULE_INIT() {
  using namespace strata;
  napi_set_named_property(env, exports, "instructionSets", describeSets(env));
  exportFunction(env, exports, "createContext", createContext);
  exportFunction(env, exports, "allocate", allocate);
  exportFunction(env, exports, "map", map);
  exportFunction(env, exports, "mapScratch", mapScratch);
  exportFunction(env, exports, "release", release);
  exportFunction(env, exports, "endProcess", endProcess);
  exportFunction(env, exports, "startTransfer", startTransfer);
  exportFunction(env, exports, "finishTransfer", finishTransfer);
  exportFunction(env, exports, "expectRead", expectRead);
#define STRATA_EXPORT(name, parameters) exportFunction(env, exports, #name, kernelCallback<&KernelTable::name>);
  STRATA_KERNELS(STRATA_EXPORT)
  napi_value pageSize;
  napi_create_double(env, static_cast<double>(sysconf(_SC_PAGESIZE)), &pageSize);
  napi_set_named_property(env, exports, "pageSize", pageSize);
#if defined(__clang__)
  const char* compilerName = "clang " __clang_version__;
#else
  const char* compilerName = "GCC " __VERSION__;
#endif
  napi_value compiler;
  napi_create_string_utf8(env, compilerName, NAPI_AUTO_LENGTH, &compiler);
  napi_set_named_property(env, exports, "compiler", compiler);
  return exports;
}
