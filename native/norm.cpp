// RMS norm over rows of D: y = x̂ · weight with x̂ = x · r, r = 1/√(mean(x²) + epsilon).
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

// Rows per task: a function of the sizes only, because dWeight is summed task by task.
int64_t rowsPerTask(int64_t N) { return greater(16, ceilDivide(N, 64)); }

}  // namespace

void rmsNorm(Pool& pool, MutableElements out, float* rstd, const float* x, Elements weight, double epsilon, int64_t N,
             int64_t D) {
  parallelChunks(pool, N, 16, [=](int64_t begin, int64_t end, int) {
    withAccess({weight.dtype}, [=](auto from) {
      withAccess({out.dtype}, [=](auto to) {
        for (int64_t n = begin; n < end; n++) {
          const float* row = x + n * D;
          vf squares = {};
          forVectors(0, D, [&](int64_t d, auto part) {
            const vf v = loadUpTo(row + d, part);
            squares = multiplyAdd(v, v, squares);
          });
          const float r = static_cast<float>(1.0 / std::sqrt(sumLanes(squares) / static_cast<double>(D) + epsilon));
          rstd[n] = r;
          forVectors(0, D, [=](int64_t d, auto part) {
            to.write(out, n * D + d, loadUpTo(row + d, part) * r * from.read(weight, d, part), part);
          });
        }
      });
    });
  });
}

// forward: y = x̂ · weight, x̂ = x · r. So dWeight += dy · x̂, and with g = dy · weight:
// dx = r · (g − x̂ · mean(g · x̂)); the second term is needed because r depends on every x of the row.
void rmsNormBackward(Pool& pool, float* dx, float* dWeight, const float* dy, const float* x, Elements weight,
                     const float* rstd, const float* residual, int64_t N, int64_t D) {
  const int64_t chunk = rowsPerTask(N), chunks = ceilDivide(N, chunk);
  float* sums = dWeight != nullptr ? pool.scratch(0, partials, chunks * D) : nullptr;
  parallelChunks(pool, N, chunk, [=](int64_t begin, int64_t end, int) {
    float* sum = sums != nullptr ? sums + begin / chunk * D : nullptr;
    if (sum != nullptr) std::memset(sum, 0, static_cast<size_t>(D) * sizeof(float));
    withAccess({weight.dtype}, [=](auto from) {
      for (int64_t n = begin; n < end; n++) {
        const int64_t at = n * D;
        const float r = rstd[n];
        vf dot = {};
        forVectors(0, D, [&](int64_t d, auto part) {
          const vf dyHat = loadUpTo(dy + at + d, part) * (loadUpTo(x + at + d, part) * r);
          dot = multiplyAdd(dyHat, from.read(weight, d, part), dot);
          if (sum != nullptr) storeUpTo(sum + d, loadUpTo(sum + d, part) + dyHat, part);
        });
        const float mean = sumLanes(dot) / static_cast<float>(D);
        forVectors(0, D, [=](int64_t d, auto part) {
          const vf g = loadUpTo(dy + at + d, part) * from.read(weight, d, part);
          vf result = r * (g - loadUpTo(x + at + d, part) * r * mean);
          if (residual != nullptr) result += loadUpTo(residual + at + d, part);
          storeUpTo(dx + at + d, result, part);
        });
      }
    });
  });
  if (dWeight == nullptr) return;
  for (int64_t c = 0; c < chunks; c++)
    for (int64_t d = 0; d < D; d++) dWeight[d] += sums[c * D + d];
}

}  // namespace strata::STRATA_ISA
