// Kernels of merging that choose elements of changes by magnitude or at random.
#include "merge.hpp"

namespace strata::STRATA_ISA {
namespace {

constexpr uint32_t noSign = 0x7fffffff;
constexpr int64_t upperBins = 1 << 15, lowerBins = 1 << 16;

STRATA_INLINE vu magnitudesOf(vf x) { return bitsOf(x) & noSign; }
STRATA_INLINE uint32_t magnitudeOf(float x) { return bitsOfFloat(x) & noSign; }
STRATA_INLINE bool anyLane(vi lanes) {
  int32_t any = 0;
  for (int lane = 0; lane < W; lane++) any |= lanes[lane];
  return any != 0;
}

void countPiece(uint32_t* counts, const float* values, int64_t length, int32_t upper) {
  if (upper < 0) {
    for (int64_t i = 0; i < length; i++) counts[magnitudeOf(values[i]) >> 16]++;
    return;
  }
  for (int64_t i = 0; i < length; i++) {
    const uint32_t magnitude = magnitudeOf(values[i]);
    if (magnitude >> 16 == static_cast<uint32_t>(upper)) counts[magnitude & 0xffff]++;
  }
}

// The elements of two magnitudes in a piece.
struct Equals {
  int64_t low, high;
};

Equals countEquals(const float* values, int64_t length, uint32_t low, uint32_t high) {
  Equals equals = {0, 0};
  for (int64_t i = 0; i < length; i++) {
    const uint32_t magnitude = magnitudeOf(values[i]);
    equals.low += magnitude == low;
    equals.high += magnitude == high;
  }
  return equals;
}

struct Range {
  uint32_t low, high;
  int64_t lowFirst, lowEnd, highEnd;
};

void keepPiece(float* values, int64_t length, const Range& range, Equals seen) {
  for (int64_t i = 0; i < length; i += W) {
    const int64_t n = length - i;
    const vf x = loadUpTo(values + i, n);
    const vu magnitude = magnitudesOf(x);
    const vi inside = (vi)(magnitude > range.low) & (vi)(magnitude < range.high);
    storeUpTo(values + i, (vf)(bitsOf(x) & (vu)inside), n);
    // Which of the changes of 0 are inside does not matter.
    const vi low = range.low == 0 ? vi{} : (vi)(magnitude == range.low);
    if (!anyLane(low | (vi)(magnitude == range.high))) continue;
    for (int64_t lane = 0; lane < smaller(W, n); lane++) {
      bool kept = false;
      if (magnitude[lane] == range.low) {
        kept = seen.low >= range.lowFirst && seen.low < range.lowEnd;
        seen.low++;
      } else if (magnitude[lane] == range.high) {
        kept = seen.high < range.highEnd;
        seen.high++;
      }
      if (kept) values[i + lane] = x[lane];
    }
  }
}

constexpr int64_t stateWords = 624, middle = 397;

STRATA_INLINE uint32_t twisted(uint32_t word, uint32_t next) {
  return (((word & 0x80000000u) | (next & noSign)) >> 1) ^ (next & 1 ? 0x9908b0dfu : 0);
}
// The first n words at p, at most W.
STRATA_INLINE vu loadWords(const uint32_t* p, int64_t n) {
  vu words = {};
  if (n >= W) std::memcpy(&words, p, sizeof words);
  else std::memcpy(&words, p, static_cast<size_t>(n) * sizeof *p);
  return words;
}
STRATA_INLINE void storeWords(uint32_t* p, vu words, int64_t n) {
  if (n >= W) std::memcpy(p, &words, sizeof words);
  else std::memcpy(p, &words, static_cast<size_t>(n) * sizeof *p);
}

// state[i] = state[i + offset] ^ twist of words i and i + 1, for i in [from, end); |offset| is more than W.
void regeneratePart(uint32_t* state, int64_t from, int64_t end, int64_t offset) {
  for (int64_t i = from; i < end; i += W) {
    const int64_t n = end - i;
    const vu word = loadWords(state + i, n), next = loadWords(state + i + 1, n);
    const vu odd = (vu)((next & 1) != 0) & 0x9908b0dfu;
    const vu twist = (((word & 0x80000000u) | (next & noSign)) >> 1) ^ odd;
    storeWords(state + i, loadWords(state + i + offset, n) ^ twist, n);
  }
}

void regenerate(uint32_t* state) {
  regeneratePart(state, 0, stateWords - middle, middle);
  regeneratePart(state, stateWords - middle, stateWords - 1, middle - stateWords);
  state[stateWords - 1] = state[middle - 1] ^ twisted(state[stateWords - 1], state[0]);
}

void temper(uint32_t* out, const uint32_t* state, int64_t count) {
  for (int64_t i = 0; i < count; i += W) {
    vu words = loadWords(state + i, count - i);
    words ^= words >> 11;
    words ^= (words << 7) & 0x9d2c5680u;
    words ^= (words << 15) & 0xefc60000u;
    words ^= words >> 18;
    storeWords(out + i, words, count - i);
  }
}

// Sorts positions by ascending key, equal ones by position, with a count per byte; bytes that all keys share are
// skipped.
// @return which of the two arrays holds the order
uint32_t* sortByKey(const uint32_t* keys, uint32_t* order, uint32_t* other, int64_t length) {
  for (int64_t i = 0; i < length; i++) order[i] = static_cast<uint32_t>(i);
  for (int shift = 0; shift < 32; shift += 8) {
    int64_t starts[257] = {};
    for (int64_t i = 0; i < length; i++) starts[(keys[i] >> shift & 0xff) + 1]++;
    if (starts[(keys[0] >> shift & 0xff) + 1] == length) continue;
    for (int digit = 0; digit < 256; digit++) starts[digit + 1] += starts[digit];
    for (int64_t i = 0; i < length; i++) other[starts[keys[order[i]] >> shift & 0xff]++] = order[i];
    uint32_t* sorted = other;
    other = order;
    order = sorted;
  }
  return order;
}

}  // namespace

void mergeCountMagnitudes(Pool& pool, double* totals, const float* values, int32_t upper, int64_t length) {
  const int64_t bins = upper < 0 ? upperBins : lowerBins;
  std::vector<uint32_t*> counts(static_cast<size_t>(pool.threads()), nullptr);
  parallelChunks(pool, length, mergeTask, [&](int64_t begin, int64_t end, int thread) {
    uint32_t*& own = counts[static_cast<size_t>(thread)];
    if (own == nullptr) {
      own = reinterpret_cast<uint32_t*>(pool.scratch(thread, 0, bins));
      std::memset(own, 0, static_cast<size_t>(bins) * sizeof *own);
    }
    countPiece(own, values + begin, end - begin, upper);
  });
  for (const uint32_t* own : counts)
    for (int64_t bin = 0; own != nullptr && bin < bins; bin++)
      if (own[bin] != 0) totals[bin] += own[bin];
}

void mergeKeepRange(Pool& pool, float* values, const double* range, double* seen, int64_t length) {
  const Range kept = {static_cast<uint32_t>(range[0]), static_cast<uint32_t>(range[3]), static_cast<int64_t>(range[1]),
                      static_cast<int64_t>(range[2]), static_cast<int64_t>(range[4])};
  std::vector<Equals> before(static_cast<size_t>(ceilDivide(length, mergeTask)));
  parallelChunks(pool, length, mergeTask, [&](int64_t begin, int64_t end, int) {
    before[static_cast<size_t>(begin / mergeTask)] = countEquals(values + begin, end - begin, kept.low, kept.high);
  });
  Equals sum = {static_cast<int64_t>(seen[0]), static_cast<int64_t>(seen[1])};
  for (Equals& equals : before) {
    const Equals own = equals;
    equals = sum;
    sum.low += own.low;
    // A range whose ends are the same magnitude counts it as the low one.
    if (kept.low != kept.high) sum.high += own.high;
  }
  parallelChunks(pool, length, mergeTask, [&](int64_t begin, int64_t end, int) {
    keepPiece(values + begin, end - begin, kept, before[static_cast<size_t>(begin / mergeTask)]);
  });
  seen[0] = static_cast<double>(sum.low);
  seen[1] = static_cast<double>(sum.high);
}

void mergeKeepWhere(Pool& pool, float* values, const float* mask, int64_t length) {
  parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) {
      const vf x = loadUpTo(values + i, end - i), other = loadUpTo(mask + i, end - i);
      storeUpTo(values + i, (vf)(bitsOf(x) & ~(vu)(other == vf{})), end - i);
    }
  });
}

void mergeFillWords(Pool&, uint32_t* state, uint32_t* out, int64_t count) {
  int64_t position = state[stateWords];
  for (int64_t done = 0; done < count;) {
    if (position == stateWords) {
      regenerate(state);
      position = 0;
    }
    const int64_t part = smaller(count - done, stateWords - position);
    if (out != nullptr) temper(out + done, state + position, part);
    position += part;
    done += part;
  }
  state[stateWords] = static_cast<uint32_t>(position);
}

void mergeKeepAtRandom(Pool& pool, float* values, const uint32_t* words, int32_t bound, int64_t length) {
  parallelChunks(pool, length, mergeTask, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i += W) {
      const vf x = loadUpTo(values + i, end - i);
      const vi draw = (vi)(bitsOf(loadUpTo(reinterpret_cast<const float*>(words) + i, end - i)) & 0xffffff);
      storeUpTo(values + i, (vf)(bitsOf(x) & (vu)(draw < bound)), end - i);
    }
  });
}

void mergeKeepByRank(Pool& pool, float* values, const uint32_t* words, const uint32_t* bounds, int64_t rowLength,
                     int64_t stride, int64_t length) {
  parallel(pool, length / rowLength, [=, &pool](int64_t row, int thread) {
    const int64_t first = row / stride * rowLength * stride + row % stride;
    auto* keys = reinterpret_cast<uint32_t*>(pool.scratch(thread, 0, 3 * rowLength));
    for (int64_t i = 0; i < rowLength; i++) keys[i] = magnitudeOf(values[first + i * stride]);
    const uint32_t* order = sortByKey(keys, keys + rowLength, keys + 2 * rowLength, rowLength);
    for (int64_t rank = 0; rank < rowLength; rank++) {
      const int64_t at = first + order[rank] * stride;
      if ((words[at] & 0xffffff) >= bounds[rank]) values[at] = 0.0f;
    }
  });
}

}  // namespace strata::STRATA_ISA
