// Selects the kernels of an instruction set at run time.
#pragma once
#include <string>

#include "kernels.hpp"

namespace strata {

// The kernels of a set; null if it was not compiled for this processor family or this processor does not support it.
const KernelTable* kernelsOf(const std::string& set);

}  // namespace strata
