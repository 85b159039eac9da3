// Kernels of merging that add up changes: `changes` holds those of all inputs, `length` elements each.
#include "merge.hpp"

namespace strata::STRATA_ISA {
namespace {

enum class Vote : int32_t { none = 0, weighted = 1, changes = 2 };
enum class Division : int32_t { none = 0, fixed = 1, elected = 2 };

struct Mix {
  const float* changes;
  const float* weights;
  int64_t inputs, length;
  Division division;
  float divisor, lambda;
};

template <DType rounding>
STRATA_INLINE vf divided(vf mixed, vf shares, const Mix& mix) {
  if (mix.division == Division::none) return mixed;
  if (mix.division == Division::fixed) return roundTo<rounding>(mixed / mix.divisor);
  const vf sum = roundTo<rounding>(shares);
  const vf least = broadcast(mix.divisor), one = broadcast(1.0f);
  return roundTo<rounding>(mixed / (mix.divisor > 0 ? larger(sum, least) : sum == vf{} ? one : sum));
}

template <DType rounding, Vote vote>
STRATA_INLINE vf mixElements(const Mix& mix, int64_t i, int64_t n) {
  vf votes = {}, sum = {}, shares = {};
  if (vote != Vote::none)
    for (int64_t k = 0; k < mix.inputs; k++) {
      const vf change = loadUpTo(mix.changes + k * mix.length + i, n);
      votes += vote == Vote::changes ? change : roundTo<rounding>(change * mix.weights[k]);
    }
  const vi positive = votes >= vf{};
  for (int64_t k = 0; k < mix.inputs; k++) {
    const vf change = loadUpTo(mix.changes + k * mix.length + i, n);
    const vf weighted = roundTo<rounding>(change * mix.weights[k]);
    const vf ballot = vote == Vote::changes ? change : weighted;
    const vi other = vote == Vote::none ? vi{} : (positive & (ballot <= vf{})) | (~positive & (ballot >= vf{}));
    const vf added = sum + weighted, shared = shares + mix.weights[k];
    sum = (vf)choose(other, bitsOf(sum), bitsOf(added));
    shares = (vf)choose(other, bitsOf(shares), bitsOf(shared));
  }
  const vf mixed = divided<rounding>(roundTo<rounding>(sum), shares, mix);
  return mix.lambda == 1.0f ? mixed : roundTo<rounding>(mixed * mix.lambda);
}

template <DType rounding, Vote vote>
void mixAll(Pool& pool, float* out, const float* base, const Mix& mix) {
  parallelChunks(pool, mix.length, mergeTask, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) {
      const vf mixed = mixElements<rounding, vote>(mix, i, end - i), from = loadUpTo(base + i, end - i);
      const vf sum = roundTo<rounding>(from + mixed);
      storeUpTo(out + i, (vf)choose(mixed == vf{}, bitsOf(from), bitsOf(sum)), end - i);
    }
  });
}

STRATA_INLINE vi isOwned(vf change, float epsilon) { return (vf)(bitsOf(change) & 0x7fffffff) > epsilon; }

// How many inputs have a change above epsilon.
STRATA_INLINE vf ownersOf(const float* changes, int64_t inputs, int64_t length, int64_t i, int64_t n, float epsilon) {
  vf owners = {};
  for (int64_t k = 0; k < inputs; k++)
    owners += (vf)((vu)isOwned(loadUpTo(changes + k * length + i, n), epsilon) & bitsOf(broadcast(1.0f)));
  return owners;
}

// Σ of a block of at most mergeSumBlock values, padded with zeros, in the order of the lanes.
double sumOf(const float* values, int64_t n) {
  vdHalf sum[mergeParts] = {};
  for (int64_t i = 0; i < n; i += mergeLanes)
    for (int part = 0; part < mergeParts; part++) sum[part] += loadWide(values + i + part * mergeHalf);
  return sumOfLanes(sum);
}

// Σ of term(value) over all values, in a fixed order.
template <typename Term>
double sumInOrder(Pool& pool, const float* values, int64_t length, Term term) {
  std::vector<double> sums(static_cast<size_t>(ceilDivide(length, mergeSumBlock)));
  parallelChunks(pool, length, mergeSumBlock, [&](int64_t begin, int64_t end, int) {
    alignas(64) float block[mergeSumBlock + mergeLanes] = {};
    for (int64_t i = begin; i < end; i += W) store(block + i - begin, term(loadUpTo(values + i, end - i)));
    sums[static_cast<size_t>(begin / mergeSumBlock)] = sumOf(block, end - begin);
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

template <DType rounding>
void mixSharedAll(Pool& pool, float* out, const float* base, const float* changes, const float* factors, int64_t inputs,
                  float epsilon, int64_t length) {
  parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) {
      const int64_t n = end - i;
      const vf owners = ownersOf(changes, inputs, length, i, n, epsilon), from = loadUpTo(base + i, n);
      vf sum = {}, poison = {};
      for (int64_t k = 0; k < inputs; k++) {
        const vf change = loadUpTo(changes + k * length + i, n);
        // 0 for finite changes, otherwise NaN.
        poison += change * 0.0f;
        const vf sole = change * (factors == nullptr ? 1.0f : factors[k]), mean = roundTo<rounding>(change / owners);
        const vf added = sum + (vf)choose(owners > 1.0f, bitsOf(mean), bitsOf(sole));
        sum = (vf)choose(isOwned(change, epsilon), bitsOf(added), bitsOf(sum));
      }
      const vf merged = factors == nullptr ? roundTo<rounding>(from + roundTo<rounding>(sum)) : from + sum;
      const vu finite = choose(sum == vf{}, bitsOf(from), bitsOf(merged));
      storeUpTo(out + i, (vf)choose(poison == poison, finite, vu{} + 0x7fc00000), n);
    }
  });
}

}  // namespace

void mergeMix(Pool& pool, float* out, const float* base, const float* changes, const float* weights, int64_t inputs,
              int32_t vote, int32_t division, double divisor, double lambda, int32_t rounding, int64_t length) {
  const Mix mix = {changes,
                   weights,
                   inputs,
                   length,
                   static_cast<Division>(division),
                   static_cast<float>(divisor),
                   static_cast<float>(lambda)};
  withDType(static_cast<DType>(rounding), [&](auto to) {
    constexpr DType dtype = decltype(to)::value;
    if (vote == static_cast<int32_t>(Vote::none)) mixAll<dtype, Vote::none>(pool, out, base, mix);
    else if (vote == static_cast<int32_t>(Vote::weighted)) mixAll<dtype, Vote::weighted>(pool, out, base, mix);
    else mixAll<dtype, Vote::changes>(pool, out, base, mix);
  });
}

void mergeMagnitudeSum(Pool& pool, double* out, const float* values, int64_t length) {
  out[0] = sumInOrder(pool, values, length, [](vf x) { return (vf)(bitsOf(x) & 0x7fffffff); });
}

void mergeSquareSum(Pool& pool, double* out, const float* values, int32_t rounding, int64_t length) {
  withDType(static_cast<DType>(rounding), [&](auto to) {
    out[0] = sumInOrder(pool, values, length, [](vf x) { return roundTo<decltype(to)::value>(x * x); });
  });
}

void mergeScale(Pool& pool, float* values, double factor, int32_t rounding, int64_t length) {
  const float number = static_cast<float>(factor);
  withDType(static_cast<DType>(rounding), [&](auto to) {
    parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i += W)
        storeUpTo(values + i, roundTo<decltype(to)::value>(loadUpTo(values + i, end - i) * number), end - i);
    });
  });
}

void mergeVariance(Pool& pool, float* out, const float* changes, int64_t inputs, int32_t rounding, int64_t length) {
  const double count = static_cast<double>(inputs);
  withDType(static_cast<DType>(rounding), [&](auto to) {
    parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i += W) {
        vd sum = {}, squares = {};
        for (int64_t k = 0; k < inputs; k++)
          sum += __builtin_convertvector(loadUpTo(changes + k * length + i, end - i), vd);
        const vd mean = sum / count;
        for (int64_t k = 0; k < inputs; k++) {
          const vd apart = __builtin_convertvector(loadUpTo(changes + k * length + i, end - i), vd) - mean;
          squares += apart * apart;
        }
        const vf variance = __builtin_convertvector(squares / count, vf);
        storeUpTo(out + i, roundTo<decltype(to)::value>(variance), end - i);
      }
    });
  });
}

void mergeCountShared(Pool& pool, double* totals, const float* changes, int64_t inputs, double epsilon,
                      int64_t length) {
  const float least = static_cast<float>(epsilon);
  const size_t size = static_cast<size_t>(2 * inputs);
  std::vector<int64_t> counts(size * static_cast<size_t>(pool.threads()));
  parallelChunks(pool, length, mergeTask, [&](int64_t begin, int64_t end, int thread) {
    int64_t* own = counts.data() + size * static_cast<size_t>(thread);
    for (int64_t i = begin; i < end; i += W) {
      const vf owners = ownersOf(changes, inputs, length, i, end - i, least);
      for (int64_t k = 0; k < inputs; k++) {
        const vi owned = isOwned(loadUpTo(changes + k * length + i, end - i), least);
        for (int lane = 0; lane < W; lane++)
          if (owned[lane] != 0) own[2 * k + (owners[lane] > 1.0f ? 0 : 1)]++;
      }
    }
  });
  for (size_t i = 0; i < counts.size(); i++) totals[i % size] += static_cast<double>(counts[i]);
}

void mergeMixShared(Pool& pool, float* out, const float* base, const float* changes, const float* factors,
                    int64_t inputs, double epsilon, int32_t rounding, int64_t length) {
  withDType(static_cast<DType>(rounding), [&](auto to) {
    mixSharedAll<decltype(to)::value>(pool, out, base, changes, factors, inputs, static_cast<float>(epsilon), length);
  });
}

}  // namespace strata::STRATA_ISA
