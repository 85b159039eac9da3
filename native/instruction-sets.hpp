// Picks the kernels of an instruction set when the program runs.
#pragma once
#include <string>

#include "kernels.hpp"

namespace strata {

// The kernels of a set, or null where it was not compiled for this processor's family or this processor lacks it.
const KernelTable* kernelsOf(const std::string& set);

}  // namespace strata
