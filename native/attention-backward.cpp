// Gradients of attention. forward: S = q·kᵀ/√E, P = softmax(S), out = P·v. So with dP = dOut·vᵀ
//   dS = P ∘ (dP − δ),  δ = rowsum(P ∘ dP) = rowsum(dOut ∘ out)
//   dq = dS·k/√E,  dk = dSᵀ·q/√E,  dv = Pᵀ·dOut
// P is recomputed from q, k and the kept log Σ e^S. A task owns one key/value head of one sequence, or a part of its
// queries; dk and dv are summed over its blocks of rows in ascending order, then over the parts.
#include "attention.hpp"

namespace strata::STRATA_ISA {
namespace {

// Heads are split if there would be fewer tasks than this.
constexpr int64_t enoughTasks = 8;
// P and dS are computed in blocks of blockRows × blockKeys.
constexpr int64_t blockStrips = blockKeys / panelColumns;

struct Task {
  float* dq;
  Elements dOut, out;
  const float* logSumExp;
  Elements q, k, v;
  Rows rows;
  int64_t begin, end;
  // Keys of the sequence, and elements from one key to the next.
  int64_t keys, stride;
};

// Keys [first, end) of one head, packed; first is a multiple of panelColumns.
struct Packed {
  Range keys;
  // Panels of keys, words along E; panels of columns of E, words along the keys.
  float *k, *v, *kByColumn;
  // Sums [keys of the sequence, width]; width is E rounded up to whole panels.
  float *dk, *dv;
  int64_t width;
};

// Memory of one block of rows.
template <typename Tiles>
struct Block {
  int64_t begin, count;
  // Strips of each tile; panels of columns of E, words along the rows of the block.
  float *q, *dOut, *qByColumn, *dOutByColumn;
  // [rows of the block]
  float *delta, *logSumExp;
  // [rows of the block, width]
  float* dq;
  // S and dP of one panel of one tile.
  float *score, *gradient;
  // dS in strips, for dq; P and dS as words along the rows, for dv and dk.
  float *dsStrips, *pByRow, *dsByRow;
  // The keys of the block that each tile attends to, relative to the block's first key; empty if first = end.
  Range seen[Tiles::blockTiles];

  int64_t tiles() const { return ceilDivide(count, Tiles::rows); }
};

// Two rows of W adjacent keys as words along the rows.
template <typename Tiles>
STRATA_INLINE void storeColumnWords(float* to, vf row, vf next) {
#if STRATA_PAIRS
  if constexpr (Tiles::product == Product::pairs) return store(to, interleaveHalves(narrowBoth(next, row)));
#endif
  store(to, Tiles::product == Product::rounded ? roundToBf16(row) : row);
  store(to + Tiles::columnStep, Tiles::product == Product::rounded ? roundToBf16(next) : next);
}

// δ and the kept log Σ e^S, converted to base 2; a missing row gets P = 0.
template <typename Tiles>
void prepareRows(const Task& x, Block<Tiles>& block) {
  const int64_t E = x.rows.E;
  for (int64_t i = 0; i < block.tiles() * Tiles::rows; i++) {
    const int64_t r = block.begin + i;
    vf sum = {};
    if (i < block.count) {
      const int64_t at = x.rows.element(r);
      for (int64_t e = 0; e < E; e += W) {
        const bool whole = E - e >= W;
        const vf d = whole ? loadElements(x.dOut, at + e, W) : loadElements(x.dOut, at + e, E - e);
        const vf y = whole ? loadElements(x.out, at + e, W) : loadElements(x.out, at + e, E - e);
        sum = multiplyAdd(Tiles::product == Product::f32 ? d : roundToBf16(d), y, sum);
      }
    }
    block.delta[i] = laneSum(sum);
    block.logSumExp[i] = i < block.count ? x.logSumExp[x.rows.head(r)] * log2e : INFINITY;
  }
}

// P and dS/√E of a tile from its S and dP, two rows per step; `edge`: some row does not attend to some key. Rows and
// keys are relative to the first ones of the block.
template <typename Tiles, bool edge>
STRATA_INLINE void softmaxBackward(const Task& x, Block<Tiles>& block, int64_t tile, int64_t strip, int64_t origin) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(x.rows.E));
  float* strips = block.dsStrips + (tile * blockStrips + strip) * Tiles::stripSize;
  float *pByRow = Tiles::columnsOf(block.pByRow, tile, strip), *dsByRow = Tiles::columnsOf(block.dsByRow, tile, strip);
  for (int64_t i = 0; i < Tiles::rows; i += 2) {
    const int64_t row = tile * Tiles::rows + i, word = i / elementsPerWord<Tiles::product> * Tiles::columnStep;
    vf p[2][2], ds[2][2];
#pragma GCC unroll 2
    for (int64_t side = 0; side < 2; side++) {
      const float normal = block.logSumExp[row + side], shift = block.delta[row + side] * scale;
#pragma GCC unroll 2
      for (int64_t j = 0; j < 2; j++) {
        const int64_t at = (i + side) * panelColumns + j * W;
        vf probability = powerOfTwo(multiplyAdd(load(block.score + at), scale * log2e, -normal));
        vf gradient = probability * multiplyAdd(load(block.gradient + at), scale, -shift);
        if constexpr (edge) {
          const int64_t r = smaller(block.begin + row + side, block.begin + block.count - 1);
          const vi seen = seenLanes(origin + strip * panelColumns + j * W, x.rows.keys(r));
          probability = seen ? probability : vf{};
          gradient = seen ? gradient : vf{};
        }
        p[side][j] = probability;
        ds[side][j] = gradient;
      }
      storeRowWords<Tiles::product>(strips + (i + side) * Tiles::stripWords, ds[side][0], ds[side][1]);
    }
#pragma GCC unroll 2
    for (int64_t j = 0; j < 2; j++) {
      storeColumnWords<Tiles>(pByRow + word + j * W, p[0][j], p[1][j]);
      storeColumnWords<Tiles>(dsByRow + word + j * W, ds[0][j], ds[1][j]);
    }
  }
  Tiles::finishColumns(pByRow);
  Tiles::finishColumns(dsByRow);
}

// The keys that every row of a tile attends to; first > end if there are none.
Range commonRange(const Rows& rows, int64_t begin, int64_t end) {
  Range all = rows.keys(begin);
  for (int64_t q = rows.query(begin) + 1; q <= rows.query(end - 1); q++)
    all = {greater(all.first, rows.first[q]), smaller(all.end, rows.end[q])};
  return all;
}

// P and dS of one tile for keys origin … origin + count; 0 for keys that it does not attend to.
template <typename Tiles>
void tileGradients(const Task& x, const Packed& packed, Block<Tiles>& block, int64_t tile, int64_t origin,
                   int64_t count) {
  const int64_t E = x.rows.E, words = Tiles::words(E), strips = ceilDivide(E, panelColumns);
  const int64_t r0 = block.begin + tile * Tiles::rows, r1 = smaller(r0 + Tiles::rows, block.begin + block.count);
  const Range common = commonRange(x.rows, r0, r1), seen = block.seen[tile];
  const int64_t begin = seen.first / panelColumns, end = ceilDivide(seen.end, panelColumns);
  // 1. S = q·kᵀ and dP = dOut·vᵀ, then P and dS, panel by panel of keys
  for (int64_t s = begin; s < end; s++) {
    const int64_t key = origin + s * panelColumns, at = (key - packed.keys.first) * words;
    Tiles::multiply(block.score, panelColumns, nullptr, block.q + tile * strips * Tiles::stripSize, packed.k + at,
                    words);
    Tiles::multiply(block.gradient, panelColumns, nullptr, block.dOut + tile * strips * Tiles::stripSize, packed.v + at,
                    words);
    if (common.first <= key && key + panelColumns <= common.end && r1 - r0 == Tiles::rows)
      softmaxBackward<Tiles, false>(x, block, tile, s, origin);
    else softmaxBackward<Tiles, true>(x, block, tile, s, origin);
  }
  // 2. Set the other keys to 0
  for (float* byRow : {block.pByRow, block.dsByRow}) {
    Tiles::clearColumns(byRow, tile, 0, begin);
    Tiles::clearColumns(byRow, tile, end, greater(end, ceilDivide(count, panelColumns)));
  }
}

// sums += Aᵀ·B for `count` keys, at most those of a tile, from `key` of the block, summed over the rows of `tiles`. A:
// words along the rows; B: panels of columns.
template <typename Tiles>
void addKeyGradients(float* sums, int64_t width, const float* a, const float* b, int64_t panelWords, Range tiles,
                     int64_t key, int64_t count, int64_t E) {
  const int64_t all = tiles.end - tiles.first;
  for (int64_t e = 0; e < E; e += panelColumns) {
    const float* panel = b + e * panelWords;
    if (count == Tiles::rows) {
      Tiles::multiplyColumns(sums + e, width, sums + e, a, tiles.first, all, key, panel);
    } else {
      alignas(64) float whole[Tiles::stripSize];
      Tiles::multiplyColumns(whole, panelColumns, nullptr, a, tiles.first, all, key, panel);
      for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < panelColumns; j += W)
          store(sums + i * width + e + j, load(sums + i * width + e + j) + load(whole + i * panelColumns + j));
    }
  }
}

// Gradients of the block of rows for keys origin … origin + count, count ≤ blockKeys.
template <typename Tiles>
void blockGradients(const Task& x, const Packed& packed, Block<Tiles>& block, int64_t origin, int64_t count) {
  const int64_t E = x.rows.E, tiles = block.tiles(), panelWords = Tiles::words(tiles * Tiles::rows);
  // 1. P and dS of each tile, for those of the keys that it attends to
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t r0 = block.begin + t * Tiles::rows;
    const Range seen = visibleRange(x.rows, r0, smaller(r0 + Tiles::rows, block.begin + block.count));
    block.seen[t] = {greater(0, seen.first - origin), smaller(count, seen.end - origin)};
    if (block.seen[t].first >= block.seen[t].end) block.seen[t] = {0, 0};
    tileGradients<Tiles>(x, packed, block, t, origin, count);
    for (Elements next : {x.q, x.dOut, x.out}) prefetchRows(next, x.rows, r0 + Tiles::blockRows, Tiles::rows, x.end);
    for (int64_t r = r0; r < smaller(r0 + Tiles::rows, x.end); r++) prefetchForWriting(x.dq + x.rows.element(r), E);
  }
  // 2. dq += dS·k/√E
  const int64_t keyWords = Tiles::words(packed.keys.end - packed.keys.first);
  for (int64_t t = 0; t < tiles; t++) {
    if (block.seen[t].end == 0) continue;
    const int64_t first = roundDown(block.seen[t].first, panelColumns), at = origin - packed.keys.first + first;
    for (int64_t e = 0; e < E; e += panelColumns) {
      float* dq = block.dq + t * Tiles::rows * packed.width + e;
      Tiles::multiply(dq, packed.width, dq, block.dsStrips + t * blockStrips * Tiles::stripSize + first * Tiles::rows,
                      packed.kByColumn + e * keyWords + at / elementsPerWord<Tiles::product> * panelColumns,
                      Tiles::words(block.seen[t].end - first), E - e);
    }
  }
  // 3. dv += Pᵀ·dOut and dk += dSᵀ·q/√E
  for (int64_t key = 0; key < count; key += Tiles::rows) {
    const int64_t part = smaller(Tiles::rows, count - key);
    Range seeing = {tiles, 0};
    for (int64_t t = 0; t < tiles; t++)
      if (block.seen[t].first < key + part && block.seen[t].end > key) seeing = {smaller(seeing.first, t), t + 1};
    if (seeing.first >= seeing.end) continue;
    const int64_t at = (origin + key) * packed.width;
    addKeyGradients<Tiles>(packed.dv + at, packed.width, block.pByRow, block.dOutByColumn, panelWords, seeing, key,
                           part, E);
    addKeyGradients<Tiles>(packed.dk + at, packed.width, block.dsByRow, block.qByColumn, panelWords, seeing, key, part,
                           E);
  }
}

template <typename Tiles>
void rowsGradients(const Task& x, const Packed& packed, Block<Tiles>& block) {
  const Rows& rows = x.rows;
  const int64_t strips = ceilDivide(rows.E, panelColumns), tiles = block.tiles();
  // 1. Pack q and dOut along E and along the rows
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t r0 = block.begin + t * Tiles::rows, count = smaller(Tiles::rows, block.begin + block.count - r0);
    packRowStrips<Tiles>(block.q + t * strips * Tiles::stripSize, x.q, rows, r0, count);
    packRowStrips<Tiles>(block.dOut + t * strips * Tiles::stripSize, x.dOut, rows, r0, count);
  }
  const int64_t words = Tiles::words(tiles * Tiles::rows);
  const auto rowAt = [&](int64_t i) { return rows.element(block.begin + i); };
  packColumns<Tiles::product>(block.qByColumn, x.q, block.count, words, rows.E, rowAt);
  packColumns<Tiles::product>(block.dOutByColumn, x.dOut, block.count, words, rows.E, rowAt);
  prepareRows<Tiles>(x, block);
  zero(block.dq, tiles * Tiles::rows * packed.width);
  // 2. Process the keys that the block attends to, block by block
  const Range seen = visibleRange(rows, block.begin, block.begin + block.count);
  for (int64_t key = roundDown(seen.first, panelColumns); key < seen.end; key += blockKeys)
    blockGradients<Tiles>(x, packed, block, key, smaller(blockKeys, seen.end - key));
  // 3. Store dq
  for (int64_t i = 0; i < block.count; i++)
    for (int64_t e = 0; e < rows.E; e += W)
      storeUpTo(x.dq + rows.element(block.begin + i) + e, load(block.dq + i * packed.width + e), rows.E - e);
}

// Sums the gradients of the task's rows: sums holds dk [keys, width], then dv.
template <typename Tiles>
void taskGradients(Pool& pool, int thread, const Task& x, float* sums, int64_t width) {
  const Range seen = visibleRange(x.rows, x.begin, x.end);
  const Range keys = {roundDown(seen.first, panelColumns), seen.end};
  const int64_t E = x.rows.E, count = keys.end - keys.first, padded = roundUp(count, panelColumns);
  const int64_t words = Tiles::words(E), panelSize = padded * words, columnSize = width * Tiles::words(count);
  const int64_t rowSize = Tiles::blockRows * width, scoreSize = Tiles::blockRows * blockKeys;
  Workspace work(
      pool, thread,
      panelSize * 2 + columnSize + rowSize * 5 + scoreSize * 3 + 2 * Tiles::blockRows + 2 * Tiles::stripSize + W);
  // 1. Pack the keys and values that a row attends to
  const Packed packed = {
      keys, work.take(panelSize), work.take(panelSize), work.take(columnSize), sums, sums + x.keys * width, width};
  prefetchKeys(x.k, keys, x.stride, E);
  prefetchKeys(x.v, keys, x.stride, E);
  for (Elements next : {x.q, x.dOut, x.out}) prefetchRows(next, x.rows, x.begin, Tiles::blockRows, x.end);
  pack<Tiles::product, panelColumns>(packed.k, x.k, keys.first * x.stride, x.stride, 1, count, E, words);
  pack<Tiles::product, panelColumns>(packed.v, x.v, keys.first * x.stride, x.stride, 1, count, E, words);
  packColumns<Tiles::product>(packed.kByColumn, x.k, count, Tiles::words(count), E,
                              [&](int64_t j) { return (keys.first + j) * x.stride; });
  // 2. Process the rows block by block
  Block<Tiles> block = {0,
                        0,
                        work.take(rowSize),
                        work.take(rowSize),
                        work.take(rowSize),
                        work.take(rowSize),
                        work.take(Tiles::blockRows),
                        work.take(Tiles::blockRows),
                        work.take(rowSize),
                        work.take(Tiles::stripSize),
                        work.take(Tiles::stripSize),
                        work.take(scoreSize),
                        work.take(scoreSize),
                        work.take(scoreSize),
                        {}};
  zero(sums, 2 * x.keys * width);
  [[maybe_unused]] const typename Tiles::Session session;
  for (int64_t r = x.begin; r < x.end; r += Tiles::blockRows) {
    block.begin = r;
    block.count = smaller(Tiles::blockRows, x.end - r);
    rowsGradients<Tiles>(x, packed, block);
  }
}

// out[key] = Σ over parts of sums[key]; the sums of two parts are `step` floats apart.
void storeSums(float* out, int64_t stride, const float* sums, int64_t step, int64_t parts, int64_t keys, int64_t width,
               int64_t E) {
  constexpr int64_t ahead = 16;
  for (int64_t j = 0; j < keys; j++) {
    if (j + ahead < keys) prefetchForWriting(out + (j + ahead) * stride, E);
    for (int64_t e = 0; e < E; e += W) {
      vf sum = load(sums + j * width + e);
      for (int64_t part = 1; part < parts; part++) sum += load(sums + part * step + j * width + e);
      storeUpTo(out + j * stride + e, sum, E - e);
    }
  }
}

}  // namespace

void attentionBackward(Pool& pool, float* dq, float* dk, float* dv, Elements dOut, Elements out, const float* logSumExp,
                       Elements q, Elements k, Elements v, const int32_t* first, const int32_t* end, int64_t B,
                       int64_t queries, int64_t keys, int64_t H, int64_t K, int64_t E) {
  const int64_t stride = K * E, group = H / K, width = roundUp(E, panelColumns), step = 2 * keys * width;
  const int64_t parts = smaller(queries, ceilDivide(enoughTasks, B * K));
  const auto finish = [=](int64_t head, const float* sums) {
    const int64_t at = head / K * keys * stride + head % K * E;
    storeSums(dk + at, stride, sums, step, parts, keys, width, E);
    storeSums(dv + at, stride, sums + keys * width, step, parts, keys, width, E);
  };
  float* partial = parts > 1 ? pool.scratch(0, partials, B * K * parts * step) : nullptr;
  parallel(pool, B * K * parts, [=, &pool](int64_t task, int thread) {
    const int64_t head = task / parts, b = head / K, n = b * queries, at = (n * H + head % K * group) * E;
    const int64_t keyAt = b * keys * stride + head % K * E;
    const Range share = shareOfQueries(first + n, end + n, queries, task % parts, parts);
    float* sums = parts > 1 ? partial + task * step : pool.scratch(thread, scoreGradients, step);
    if (share.first == share.end) return zero(sums, step);
    const Task x = {dq + at,
                    elementsFrom(dOut, at),
                    elementsFrom(out, at),
                    logSumExp + n * H + head % K * group,
                    elementsFrom(q, at),
                    elementsFrom(k, keyAt),
                    elementsFrom(v, keyAt),
                    {H, group, E, first + n, end + n},
                    share.first * group,
                    share.end * group,
                    keys,
                    stride};
    withTiles(pool, [&](auto tiles) { taskGradients<decltype(tiles)>(pool, thread, x, sums, width); });
    if (parts == 1) finish(head, sums);
  });
  if (parts > 1) parallel(pool, B * K, [=](int64_t head, int) { finish(head, partial + head * parts * step); });
}

}  // namespace strata::STRATA_ISA
