#include "instruction-sets.hpp"

namespace strata {

const KernelTable* kernelsOf(const std::string& set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool wide = fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (set == "avx512bf16" && wide && __builtin_cpu_supports("avx512bf16")) return &avx512bf16::table;
  if (set == "avx512" && wide) return &avx512::table;
  if (set == "avx2" && fma) return &avx2::table;
#endif
#if defined(__aarch64__)
  return set == "neon" ? &neon::table : nullptr;  // every 64-bit Arm processor has it
#else
  return set == "portable" ? &portable::table : nullptr;
#endif
}

}  // namespace strata
