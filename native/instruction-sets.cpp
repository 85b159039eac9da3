#include "instruction-sets.hpp"

#include <cstring>

namespace strata {
namespace {

const char* refusalOf(bool has, bool emulated, const char* bf16) {
  if (!has) return "this processor lacks its instructions";
  return !emulated && std::strcmp(bf16, "tiles") == 0 ? tilesRefusal() : nullptr;
}

}  // namespace

#define STRATA_HAS(feature) (__builtin_cpu_supports(feature) != 0)
#define STRATA_SET(name, kernels, bf16, emulated, has) \
  {#name, #bf16, emulated, std::strcmp(#bf16, "tiles") == 0, refusalOf((has), emulated, #bf16), &kernels::table},

const std::vector<InstructionSet>& instructionSets() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  static const std::vector<InstructionSet> sets = {STRATA_SETS};
  return sets;
}

}  // namespace strata
