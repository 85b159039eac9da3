// What Muon computes beside its matrix products.
#include "vector.hpp"

namespace strata::STRATA_ISA {
namespace {

constexpr int64_t chunkLength = 16384;

}  // namespace

// d ← scale · g; m ← μ m + (1 − μ) d; g ← μ m + (1 − μ) d with Nesterov, otherwise m
void momentumStep(Pool& pool, float* gradient, float* m, double momentum, bool nesterov, double gradientScale,
                  int64_t length) {
  const float keep = static_cast<float>(momentum), rest = static_cast<float>(1 - momentum);
  const float scale = static_cast<float>(gradientScale);
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) {
      const vf added = loadUpTo(gradient + i, end - i) * scale * rest;
      const vf mean = loadUpTo(m + i, end - i) * keep + added;
      storeUpTo(m + i, mean, end - i);
      storeUpTo(gradient + i, nesterov ? mean * keep + added : mean, end - i);
    }
  });
}

void normalize(Pool& pool, MutableElements out, const float* x, const double* squares, int64_t index, double epsilon,
               int64_t length) {
  const double norm = std::sqrt(squares[index]);
  const float scale = static_cast<float>(1 / (norm > epsilon ? norm : epsilon));
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) storeElements(out, i, loadUpTo(x + i, end - i) * scale, end - i);
  });
}

void blend(Pool& pool, float* out, Elements x, double keep, double add, int64_t length) {
  const float kept = static_cast<float>(keep), added = static_cast<float>(add);
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W)
      storeUpTo(out + i, loadUpTo(out + i, end - i) * kept + loadElements(x, i, end - i) * added, end - i);
  });
}

}  // namespace strata::STRATA_ISA
