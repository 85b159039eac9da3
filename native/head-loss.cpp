// Output head with cross-entropy: logits z = x·wᵀ, loss = log Σ e^z − z[target], dz = scale · (softmax(z) − 1[target]).
// Logits are computed in chunks of `chunk` rows; their gradient overwrites them.
#include "gemm.hpp"

namespace strata::STRATA_ISA {
namespace {

// The largest logit and its first index.
float maximumOf(const float* z, int64_t V, int32_t* best) {
  vf most = broadcast(-INFINITY);
  for (int64_t v = 0; v + W <= V; v += W) most = larger(load(z + v), most);
  float maximum = largestLane(most);
  for (int64_t v = V / W * W; v < V; v++) maximum = z[v] > maximum ? z[v] : maximum;
  if (best != nullptr) {
    int64_t at = 0;
    while (at < V && z[at] != maximum) at++;
    *best = at < V ? static_cast<int32_t>(at) : 0;
  }
  return maximum;
}

// z ← e^(z − maximum); returns the sum: short runs are summed in f32, their sums in f64.
double exponentiate(float* z, float maximum, int64_t V) {
  double total = 0;
  for (int64_t begin = 0; begin < V; begin += 64 * W) {
    const int64_t end = smaller(V, begin + 64 * W);
    vf sum = {};
    for (int64_t v = begin; v < end; v += W) {
      const vf e = exponential(loadUpTo(z + v, end - v) - maximum);
      storeUpTo(z + v, e, end - v);
      if (end - v >= W) sum += e;
      else
        for (int64_t i = v; i < end; i++) total += z[i];
    }
    total += sumLanes(sum);
  }
  return total;
}

void lossOfRow(float* z, float* loss, int32_t* best, int32_t target, bool gradient, double scale, int64_t V) {
  if (target < 0) {
    if (best != nullptr) maximumOf(z, V, best);
    if (gradient) std::memset(z, 0, static_cast<size_t>(V) * sizeof(float));
    *loss = 0;
    return;
  }
  const float maximum = maximumOf(z, V, best), logit = z[target];
  const double sum = exponentiate(z, maximum, V);
  *loss = static_cast<float>(std::log(sum) + (static_cast<double>(maximum) - logit));
  if (!gradient) return;
  const float factor = static_cast<float>(scale / sum);
  for (int64_t v = 0; v < V; v += W) storeUpTo(z + v, loadUpTo(z + v, V - v) * factor, V - v);
  z[target] -= static_cast<float>(scale);
}

}  // namespace

void headLoss(Pool& pool, float* losses, int32_t* best, float* dx, float* dw, Elements x, Elements w,
              const int32_t* targets, double scale, int64_t N, int64_t D, int64_t V, int64_t chunk) {
  float* z = pool.scratch(0, logits, smaller(chunk, N) * V);
  for (int64_t n = 0; n < N; n += chunk) {
    const int64_t rows = smaller(chunk, N - n);
    const Elements inputs = elementsFrom(x, n * D);
    matmul(pool, {z, DType::f32}, inputs, w, nullptr, false, rows, D, V);
    parallel(pool, rows, [=](int64_t i, int) {
      lossOfRow(z + i * V, losses + n + i, best != nullptr ? best + n + i : nullptr, targets[n + i], dx != nullptr,
                scale, V);
    });
    if (dx != nullptr) matmulInputGradient(pool, {dx + n * D, DType::f32}, {z, DType::f32}, w, false, rows, D, V);
    if (dw != nullptr) matmulWeightGradient(pool, dw, {z, DType::f32}, inputs, false, rows, D, V);
  }
}

}  // namespace strata::STRATA_ISA
