#include "kernels.hpp"

namespace strata::STRATA_ISA {

#define STRATA_ENTRY(name, parameters) name,
const KernelTable table = {STRATA_KERNELS(STRATA_ENTRY)};

}  // namespace strata::STRATA_ISA
