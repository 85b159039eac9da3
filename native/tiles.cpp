// Whether this process may use the tiles of AMX: processor, system and a comparison with what they are meant to
// compute.
#include "instruction-sets.hpp"

#if defined(__x86_64__) && defined(__linux__) && STRATA_HAS_TILES
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace strata {

namespace avx512bf16 {
bool tilesAgree();
}

namespace {

constexpr long requestPermission = 0x1023, tileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA

const char* findRefusal() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d >> 22 & 1) == 0 || (d >> 24 & 1) == 0)
    return "this processor has no AMX";
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c >> 27 & 1) == 0) return "the system does not save tiles";
  unsigned low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low >> 17 & 3) != 3) return "the system does not save tiles";
  if (syscall(SYS_arch_prctl, requestPermission, tileData) != 0) return "the system does not permit tiles";
  return avx512bf16::tilesAgree() ? nullptr : "its tiles compute other bits than documented";
}

}  // namespace

const char* tilesRefusal() {
  static const char* const refusal = findRefusal();
  return refusal;
}

}  // namespace strata
#else
namespace strata {

const char* tilesRefusal() { return "this system has no tiles"; }

}  // namespace strata
#endif
