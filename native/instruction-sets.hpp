// Selects the kernels of an instruction set at run time.
#pragma once
#include <vector>

#include "kernels.hpp"

namespace strata {

struct InstructionSet {
  const char* name;
  const char* bf16;     // how bf16 operands are multiplied: rounded, pairs, tiles
  bool emulated;        // without the instructions of the set, to the same bits
  bool tiles;           // large products of bf16 are computed by tiles
  const char* refusal;  // why it cannot be used on this machine; null if it can
  const KernelTable* kernels;
};

// The sets compiled into this addon, fastest first.
const std::vector<InstructionSet>& instructionSets();

// Why this process cannot use the tiles of AMX; null if it can. Asks the system for them.
const char* tilesRefusal();

}  // namespace strata
