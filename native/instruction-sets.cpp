#include "instruction-sets.hpp"

namespace strata {

#define STRATA_HAS(feature) (__builtin_cpu_supports(feature) != 0)
#define STRATA_SET(name, multipliesBf16, available) {#name, multipliesBf16, available, &name::table},

const std::vector<InstructionSet>& instructionSets() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  static const std::vector<InstructionSet> sets = {STRATA_SETS};
  return sets;
}

const KernelTable* kernelsOf(const std::string& name) {
  for (const InstructionSet& set : instructionSets())
    if (set.available && name == set.name) return set.kernels;
  return nullptr;
}

}  // namespace strata
