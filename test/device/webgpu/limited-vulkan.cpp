// A Vulkan library that refuses memory beyond VULKAN_LIMIT bytes, and is otherwise the one at VULKAN_LIBRARY.
#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

using Find = void* (*)(void* owner, const char* name);
/** VkMemoryAllocateInfo. */
struct Request {
  uint32_t type;
  const void* next;
  uint64_t bytes;
  uint32_t memoryType;
};
using Allocate = int (*)(void* device, const Request*, const void* allocator, uint64_t* memory);

constexpr int outOfDeviceMemory = -2;
Find findInDevice = nullptr;
Allocate allocateMemory = nullptr;
uint64_t allocated = 0;

int allocate(void* device, const Request* request, const void* allocator, uint64_t* memory) {
  static const uint64_t limit = std::strtoull(std::getenv("VULKAN_LIMIT"), nullptr, 10);
  if (allocated + request->bytes > limit) return outOfDeviceMemory;
  allocated += request->bytes;
  return allocateMemory(device, request, allocator, memory);
}

void* inDevice(void* device, const char* name) {
  void* found = findInDevice(device, name);
  if (!found || std::strcmp(name, "vkAllocateMemory") != 0) return found;
  allocateMemory = reinterpret_cast<Allocate>(found);
  return reinterpret_cast<void*>(allocate);
}

}  // namespace

extern "C" void* vkGetInstanceProcAddr(void* instance, const char* name) {
  static void* const library = dlopen(std::getenv("VULKAN_LIBRARY"), RTLD_NOW);
  static const auto find = reinterpret_cast<Find>(dlsym(library, "vkGetInstanceProcAddr"));
  void* const found = find(instance, name);
  if (!found || std::strcmp(name, "vkGetDeviceProcAddr") != 0) return found;
  findInDevice = reinterpret_cast<Find>(found);
  return reinterpret_cast<void*>(inDevice);
}
