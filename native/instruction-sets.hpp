// Selects the kernels of an instruction set at run time.
#pragma once
#include <string>
#include <vector>

#include "kernels.hpp"

namespace strata {

struct InstructionSet {
  const char* name;
  bool multipliesBf16;
  bool available;  // on this processor
  const KernelTable* kernels;
};

// The sets compiled for this architecture, fastest first.
const std::vector<InstructionSet>& instructionSets();

// The kernels of a set, or null if it was not compiled for this architecture or this processor lacks it.
const KernelTable* kernelsOf(const std::string& name);

}  // namespace strata
