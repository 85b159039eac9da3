// Attention with grouped heads over visible keys: S = q·kᵀ/√E, P = softmax(S), out = P·v. Scores are computed for one
// tile of rows after the other, only for panels of keys that a row of the tile attends to.
#include "attention-few.hpp"

namespace strata::STRATA_ISA {
namespace {

// Heads are split if there would be fewer tasks than this.
constexpr int64_t enoughTasks = 16;

// Keys [first, end) of one head, packed; first is a multiple of panelColumns.
struct Packed {
  Range keys;
  // k: panels of keys, words along E. v: panels of columns of E, words along the keys.
  float *k, *v;
};

// Memory of one tile of rows; for each row the maximum of its scores and Σ = Σ 2^(score − maximum).
template <typename Tiles>
struct Tile {
  float *q, *scores, *sums;
  static constexpr int64_t padded = roundUp(Tiles::rows, 16);
  alignas(64) float maximum[padded], sum[padded];
};

// The maximum of a row's visible scores; other scores of the strips that it reads become −∞. `row` points to the row in
// the first strip; `keys` is relative to the first key of that strip.
template <typename Tiles>
STRATA_INLINE float maskedMaximum(float* row, Range keys) {
  const int64_t begin = keys.first / panelColumns, end = ceilDivide(keys.end, panelColumns);
  for (int64_t s : {begin, end - 1})
    for (int64_t j = 0; j < panelColumns; j += W) {
      float* at = row + s * Tiles::stripSize + j;
      store(at, seenLanes(s * panelColumns + j, keys) ? load(at) : broadcast(-INFINITY));
    }
  vf most = broadcast(-INFINITY), most2 = most;
  for (int64_t s = begin; s < end; s++) {
    most = larger(load(row + s * Tiles::stripSize), most);
    most2 = larger(load(row + s * Tiles::stripSize + W), most2);
  }
  return laneMaximum(larger(most, most2));
}

// to [n strips] ← 2^(row · scale − maximum) as words, 0 in strips without visible keys; returns the sum.
template <typename Tiles>
STRATA_INLINE float powersOfRow(float* to, const float* row, Range keys, int64_t n, float scale, float maximum) {
  const int64_t begin = keys.first / panelColumns, end = ceilDivide(keys.end, panelColumns);
  vf sum = {}, sum2 = {};
  for (int64_t s = begin; s < end; s++) {
    const vf p = powerOfTwo(multiplyAdd(load(row + s * Tiles::stripSize), scale, -maximum));
    const vf p2 = powerOfTwo(multiplyAdd(load(row + s * Tiles::stripSize + W), scale, -maximum));
    sum += p;
    sum2 += p2;
    storeRowWords<Tiles::product>(to + s * Tiles::stripSize, p, p2);
  }
  for (int64_t s = 0; s < begin; s++) storeRowWords<Tiles::product>(to + s * Tiles::stripSize, vf{}, vf{});
  for (int64_t s = end; s < n; s++) storeRowWords<Tiles::product>(to + s * Tiles::stripSize, vf{}, vf{});
  return laneSum(sum + sum2);
}

// Scores of `count` rows from r0, in n strips from key `origin`, become P · Σ. P overwrites the scores in place; rows
// are processed in order, so that a write never reaches scores that are still to be read.
template <typename Tiles>
STRATA_INLINE void softmaxTile(const Rows& rows, Tile<Tiles>& tile, int64_t r0, int64_t count, int64_t origin,
                               int64_t n) {
  const float scale = log2e / std::sqrt(static_cast<float>(rows.E));
  Range keys[Tiles::rows];
  for (int64_t i = 0; i < count; i++) {
    keys[i] = rows.keys(r0 + i);
    keys[i] = {keys[i].first - origin, keys[i].end - origin};
    tile.maximum[i] = maskedMaximum<Tiles>(tile.scores + i * panelColumns, keys[i]) * scale;
  }
  for (int64_t i = 0; i < count; i++)
    tile.sum[i] = powersOfRow<Tiles>(tile.scores + i * Tiles::stripWords, tile.scores + i * panelColumns, keys[i], n,
                                     scale, tile.maximum[i]);
}

template <typename Tiles>
void attendTile(const Attend& x, const Packed& packed, Tile<Tiles>& tile, int64_t r0, int64_t count) {
  const Rows& rows = x.rows;
  const int64_t E = rows.E, words = Tiles::words(E);
  const Range seen = visibleRange(rows, r0, r0 + count);
  const int64_t first = roundDown(seen.first - packed.keys.first, panelColumns),
                keys = seen.end - packed.keys.first - first;
  const int64_t origin = packed.keys.first + first;
  // 1. S = q·kᵀ, in strips
  packRowStrips<Tiles>(tile.q, x.q, rows, r0, count);
  prefetchRows(x.q, rows, r0 + Tiles::rows, Tiles::rows, x.end);
  for (int64_t j = 0; j < keys; j += panelColumns)
    Tiles::multiply(tile.scores + j * Tiles::rows, panelColumns, nullptr, tile.q, packed.k + (first + j) * words, words,
                    keys - j);
  // 2. P · Σ and log Σ e^S
  softmaxTile<Tiles>(rows, tile, r0, count, origin, ceilDivide(keys, panelColumns));
  if (x.logSumExp != nullptr) {
    alignas(64) float normal[Tile<Tiles>::padded];
    for (int64_t i = 0; i < count; i += W)
      store(normal + i, multiplyAdd(load(tile.maximum + i), ln2, logarithm(load(tile.sum + i))));
    for (int64_t i = 0; i < count; i++) x.logSumExp[rows.head(r0 + i)] = normal[i];
  }
  // 3. out = P·v
  const int64_t keyWords = Tiles::words(packed.keys.end - packed.keys.first);
  for (int64_t e = 0; e < E; e += panelColumns) {
    const float* v = packed.v + e * keyWords + first / elementsPerWord<Tiles::product> * panelColumns;
    Tiles::multiply(tile.sums, panelColumns, nullptr, tile.scores, v, Tiles::words(keys), E - e);
    for (int64_t i = 0; i < count; i++) {
      const int64_t at = rows.element(r0 + i);
      const float inverse = 1.0f / tile.sum[i];
      for (int64_t j = e; j < smaller(E, e + panelColumns); j += W) {
        const vf sum = load(tile.sums + i * panelColumns + j - e) * inverse;
        if (E - j >= W) storeElements(x.out, at + j, sum, W);
        else storeElements(x.out, at + j, sum, E - j);
      }
    }
  }
}

template <typename Tiles>
void attendRows(Pool& pool, int thread, const Attend& x) {
  const Range seen = visibleRange(x.rows, x.begin, x.end);
  const Range keys = {roundDown(seen.first, panelColumns), seen.end};
  const int64_t E = x.rows.E, count = keys.end - keys.first, words = Tiles::words(E), keyWords = Tiles::words(count);
  const int64_t strips = ceilDivide(E, panelColumns), panels = ceilDivide(count, panelColumns);
  const int64_t kSize = panels * panelColumns * words, vSize = strips * panelColumns * keyWords;
  Workspace work(pool, thread, kSize + vSize + (strips + panels + 1) * Tiles::stripSize);
  // 1. Pack the keys and values that a row attends to.
  const Packed packed = {keys, work.take(kSize), work.take(vSize)};
  prefetchKeys(x.k, keys, x.stride, E);
  prefetchRows(x.q, x.rows, x.begin, Tiles::rows, x.end);
  pack<Tiles::product, panelColumns>(packed.k, x.k, keys.first * x.stride, x.stride, 1, count, E, words);
  packColumns<Tiles::product>(packed.v, x.v, count, keyWords, E,
                              [&](int64_t j) { return (keys.first + j) * x.stride; });
  // 2. Process the rows tile by tile.
  Tile<Tiles> tile = {
      work.take(strips * Tiles::stripSize), work.take(panels * Tiles::stripSize), work.take(Tiles::stripSize), {}, {}};
  [[maybe_unused]] const typename Tiles::Session session;
  for (int64_t r = x.begin; r < x.end; r += Tiles::rows)
    attendTile<Tiles>(x, packed, tile, r, smaller(Tiles::rows, x.end - r));
}

}  // namespace

void attention(Pool& pool, MutableElements out, float* logSumExp, Elements q, Elements k, Elements v,
               const int32_t* first, const int32_t* end, int64_t B, int64_t queries, int64_t keys, int64_t H, int64_t K,
               int64_t E) {
  const int64_t stride = K * E, group = H / K;
  const int64_t parts = smaller(queries, ceilDivide(enoughTasks, B * K));
  parallel(pool, B * K * parts, [=, &pool](int64_t task, int thread) {
    const int64_t b = task / (K * parts), head = task / parts % K, n = b * queries;
    const int64_t at = (n * H + head * group) * E, keyAt = b * keys * stride + head * E;
    const Range share = shareOfQueries(first + n, end + n, queries, task % parts, parts);
    if (share.first == share.end) return;
    const Attend x = {elementsFrom(out, at),
                      logSumExp != nullptr ? logSumExp + n * H + head * group : nullptr,
                      elementsFrom(q, at),
                      elementsFrom(k, keyAt),
                      elementsFrom(v, keyAt),
                      {H, group, E, first + n, end + n},
                      share.first * group,
                      share.end * group,
                      stride};
    withTiles(pool, [&](auto tiles) {
      using Tiles = decltype(tiles);
      if (x.end - x.begin <= fewRows) attendFewRows<Tiles::product>(pool, thread, x);
      else attendRows<Tiles>(pool, thread, x);
    });
  });
}

}  // namespace strata::STRATA_ISA
