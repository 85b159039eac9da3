// Calls every kernel of every instruction set that this processor supports, with odd sizes and buffers of exactly the
// required length, for memory and thread checkers (test/native/sanitize.mjs). Also checks that results do not depend on
// the number of threads and that the sets agree.
//
//   check-kernels [--write FILE] [--compare FILE]   results of the first set go to, or are compared with, a file
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "check-pool.hpp"
#include "instruction-sets.hpp"

namespace {

using namespace strata;

constexpr size_t sizeOf(DType dtype) {
  return dtype == DType::f64 ? 8 : dtype == DType::bf16 || dtype == DType::f16 ? 2 : 4;
}

float valueOf(const char* data, DType dtype, size_t i) {
  const char* at = data + i * sizeOf(dtype);
  if (dtype == DType::f64) {
    double x;
    std::memcpy(&x, at, 8);
    return static_cast<float>(x);
  }
  if (dtype == DType::i32) {
    int32_t x;
    std::memcpy(&x, at, 4);
    return static_cast<float>(x);
  }
  if (dtype == DType::f32) {
    float x;
    std::memcpy(&x, at, 4);
    return x;
  }
  uint16_t bits;
  std::memcpy(&bits, at, 2);
  if (dtype == DType::f16)
    return std::ldexp(static_cast<float>(bits & 0x3ff) + (bits >> 10 & 31 ? 1024.0f : 0.0f),
                      (bits >> 10 & 31 ? bits >> 10 & 31 : 1) - 25) *
           (bits >> 15 ? -1.0f : 1.0f);
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float x;
  std::memcpy(&x, &wide, 4);
  return x;
}

// The buffers of one call, each exactly one malloc allocation. All of them are the result of the call.
class Run {
 public:
  Run(const InstructionSet& set, int threads, DType products)
      : kernels(*set.kernels), pool(threads, products, set.tiles) {}
  Run(const Run&) = delete;
  ~Run() {
    for (const auto& buffer : buffers_) std::free(buffer.memory);
  }

  const KernelTable& kernels;
  Pool pool;

  // Undefined contents, for outputs.
  float* blank(int64_t length) { return reinterpret_cast<float*>(add(length, DType::f32, false)); }
  double* blankF64(int64_t length) { return reinterpret_cast<double*>(add(length, DType::f64, false)); }
  int32_t* blankI32(int64_t length) { return reinterpret_cast<int32_t*>(add(length, DType::i32, false)); }
  MutableElements blank(int64_t length, DType dtype) { return {add(length, dtype, false), dtype}; }
  // Seeded numbers within ±scale, the same on every machine; multiples of scale · 2⁻¹².
  float* random(int64_t length, float scale = 1) {
    float* data = blank(length);
    for (int64_t i = 0; i < length; i++) data[i] = scale * (static_cast<float>(next() & 0x1fff) - 4096) / 4096;
    return data;
  }
  // The same as elements that start at an odd byte, as in a mapped file.
  Elements random(int64_t length, DType dtype, float scale = 1) {
    const float* exact = random(length, scale);
    char* data = add(length, dtype, true);
    MutableElements aligned = blank(length, dtype);
    kernels.copy(pool, aligned, {exact, DType::f32}, length);
    std::memcpy(data, aligned.data, static_cast<size_t>(length) * sizeOf(dtype));
    return {data, dtype};
  }
  int32_t* integers(int64_t length, int32_t low, int32_t bound) {
    int32_t* data = blankI32(length);
    for (int64_t i = 0; i < length; i++)
      data[i] = low + static_cast<int32_t>(next() % static_cast<uint32_t>(bound - low));
    return data;
  }
  std::vector<std::vector<float>> results() const {
    std::vector<std::vector<float>> all;
    for (const auto& buffer : buffers_) {
      all.emplace_back(buffer.length);
      for (size_t i = 0; i < buffer.length; i++) all.back()[i] = valueOf(buffer.data, buffer.dtype, i);
    }
    return all;
  }

 private:
  struct Buffer {
    void* memory;
    char* data;
    size_t length;
    DType dtype;
  };

  char* add(int64_t length, DType dtype, bool odd) {
    void* memory = std::malloc(static_cast<size_t>(length) * sizeOf(dtype) + odd);
    if (memory == nullptr) throw std::bad_alloc();
    buffers_.push_back({memory, static_cast<char*>(memory) + odd, static_cast<size_t>(length), dtype});
    return buffers_.back().data;
  }
  uint32_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 40);
  }

  std::vector<Buffer> buffers_;
  uint64_t state_ = 7;
};

// Calls f(p…); the arguments create buffers and are evaluated from left to right on every machine.
struct Call {
  template <typename... P>
  Call(void (*f)(Pool&, P...), Pool& pool, std::common_type_t<P>... p) {
    f(pool, p...);
  }
};

struct Case {
  std::string name;
  std::function<void(Run&)> call;
};

const DType weightTypes[] = {DType::f32, DType::bf16, DType::f16};
const DType operandTypes[] = {DType::f32, DType::bf16};

void addProducts(std::vector<Case>& cases) {
  const int64_t shapes[][3] = {{1, 1, 1},     {3, 33, 65},    {33, 65, 3},  {65, 3, 33},   {34, 1, 17},    {40, 31, 70},
                               {7, 500, 301}, {34, 1100, 35}, {1700, 3, 5}, {33, 2, 4100}, {130, 130, 130}};
  for (const auto& [N_, I_, O_] : shapes)
    for (const DType w : weightTypes)
      for (const DType operand : operandTypes) {
        const int64_t N = N_, I = I_, O = O_;
        cases.push_back(
            {"products " + std::to_string(N) + "x" + std::to_string(I) + "x" + std::to_string(O), [=](Run& r) {
               const Elements weight = r.random(O * I, w), x = r.random(N * I, operand), dy = r.random(N * O, operand);
               float* y = r.random(N * O);
               float* dx = r.random(N * I);
               Call{r.kernels.matmul, r.pool, r.blank(N * O, operand), x, weight, nullptr, false, N, I, O};
               Call{r.kernels.matmul, r.pool, {y, DType::f32}, x, weight, y, true, N, I, O};
               Call{r.kernels.matmulInputGradient, r.pool, r.blank(N * I, operand), dy, weight, false, N, I, O};
               Call{r.kernels.matmulInputGradient, r.pool, {dx, DType::f32}, dy, weight, true, N, I, O};
               Call{r.kernels.matmulWeightGradient, r.pool, r.random(O * I), dy, x, false, N, I, O};
               Call{r.kernels.matmulWeightGradient, r.pool, r.random(O * I), dy, x, true, N, I, O};
             }});
      }
}

void addRows(std::vector<Case>& cases) {
  for (const int64_t N : {1, 3, 33, 200})
    for (const int64_t D : {1, 3, 33, 65})
      for (const DType w : weightTypes)
        cases.push_back(
            {"rows " + std::to_string(N) + "x" + std::to_string(D), [=](Run& r) {
               const int32_t* ids = r.integers(N, 0, 5);
               Call{r.kernels.embed, r.pool, r.blank(N * D), r.random(5 * D, w), ids, N, D};
               Call{r.kernels.embedBackward, r.pool, r.random(5 * D), r.random(N * D), ids, N, D};
               const Elements weight = r.random(D, w);
               const float *x = r.random(N * D), *dy = r.random(N * D);
               float *rstd = r.blank(N), *residual = r.random(N * D);
               Call{r.kernels.rmsNorm,
                    r.pool,
                    r.blank(N * D, w == DType::bf16 ? w : DType::f32),
                    rstd,
                    x,
                    weight,
                    0.1,
                    N,
                    D};
               Call{r.kernels.rmsNormBackward, r.pool, r.blank(N * D), r.random(D), dy, x, weight, rstd, nullptr, N, D};
               Call{r.kernels.rmsNormBackward, r.pool, residual, nullptr, dy, x, weight, rstd, residual, N, D};
             }});
}

void addElements(std::vector<Case>& cases) {
  for (const int64_t length : {1, 3, 33, 65, 20001})
    for (const DType operand : operandTypes)
      cases.push_back(
          {"elements " + std::to_string(length), [=](Run& r) {
             const Elements gate = r.random(length, operand, 20), up = r.random(length, operand),
                            dOut = r.random(length, operand);
             Call{r.kernels.swiglu, r.pool, r.blank(length, operand), gate, up, length};
             Call{r.kernels.swigluBackward,
                  r.pool,
                  r.blank(length, operand),
                  r.blank(length, operand),
                  r.blank(length, operand),
                  dOut,
                  gate,
                  up,
                  length};
             Call{r.kernels.swigluBackward,
                  r.pool,
                  r.blank(length, operand),
                  r.blank(length, operand),
                  {nullptr, DType::f32},
                  dOut,
                  gate,
                  up,
                  length};
             for (const DType from : weightTypes)
               for (const DType to : weightTypes)
                 Call{r.kernels.copy, r.pool, r.blank(length, to), r.random(length, from, 3), length};
             Call{r.kernels.copy, r.pool, r.blank(length, DType::i32), {r.integers(length, -9, 9), DType::i32}, length};
             Call{r.kernels.fill, r.pool, r.blank(length), 0.25, length};
             Call{r.kernels.fill, r.pool, r.blank(length), 0, length};
             float* gradient = r.random(length, 0.01f);
             double* norms = r.blankF64(1);
             Call{r.kernels.squaredNorm, r.pool, norms, 0, gradient, length};
             float* v = r.random(length, 0.01f);
             for (int64_t i = 0; i < length; i++) v[i] *= v[i];
             Call{r.kernels.adamW,
                  r.pool,
                  r.random(length),
                  gradient,
                  r.random(length, 0.01f),
                  v,
                  1e-3,
                  0.9,
                  0.95,
                  1e-8,
                  0.1,
                  3,
                  0.5,
                  length};
           }});
}

void addAttention(std::vector<Case>& cases) {
  const int64_t shapes[][6] = {
      {1, 1, 1, 1, 1, 1}, {3, 3, 33, 3, 1, 33}, {2, 33, 33, 4, 2, 3}, {2, 65, 65, 2, 2, 33}, {1, 130, 195, 4, 2, 32}};
  for (const auto& [B_, queries_, keys_, H_, K_, E_] : shapes)
    for (const DType operand : operandTypes) {
      const int64_t B = B_, queries = queries_, keys = keys_, H = H_, K = K_, E = E_;
      cases.push_back(
          {"attention " + std::to_string(queries) + "x" + std::to_string(keys), [=](Run& r) {
             const int64_t N = B * queries, length = N * H * E, keyLength = B * keys * K * E;
             // Rows are the last positions of the keys; each attends from the start of its document of 20 keys to
             // itself.
             int32_t *first = r.blankI32(N), *end = r.blankI32(N);
             for (int64_t n = 0; n < N; n++) {
               end[n] = static_cast<int32_t>(keys - queries + n % queries + 1);
               first[n] = (end[n] - 1) / 20 * 20;
             }
             const Elements q = r.random(length, operand), k = r.random(keyLength, operand),
                            v = r.random(keyLength, operand);
             const Elements dOut = r.random(length, operand);
             const MutableElements out = r.blank(length, operand);
             float* logSumExp = r.blank(N * H);
             Call{r.kernels.attention, r.pool, out, logSumExp, q, k, v, first, end, B, queries, keys, H, K, E};
             Call{r.kernels.attention,
                  r.pool,
                  r.blank(length, operand),
                  nullptr,
                  q,
                  k,
                  v,
                  first,
                  end,
                  B,
                  queries,
                  keys,
                  H,
                  K,
                  E};
             Call{r.kernels.attentionBackward,
                  r.pool,
                  r.blank(length),
                  r.blank(keyLength),
                  r.blank(keyLength),
                  dOut,
                  {out.data, out.dtype},
                  logSumExp,
                  q,
                  k,
                  v,
                  first,
                  end,
                  B,
                  queries,
                  keys,
                  H,
                  K,
                  E};
           }});
    }
  const int64_t biased[][2] = {{1, 1}, {3, 33}, {33, 65}, {130, 70}};
  for (const auto& [N_, O_] : biased)
    for (const DType w : weightTypes)
      for (const DType operand : operandTypes) {
        const int64_t N = N_, O = O_;
        cases.push_back({"bias " + std::to_string(N) + "x" + std::to_string(O), [=](Run& r) {
                           const Elements x = r.random(N * O, operand), bias = r.random(O, w);
                           Call{r.kernels.addBias, r.pool, r.blank(N * O, operand), x, bias, N, O};
                           Call{r.kernels.biasGradient, r.pool, r.random(O), x, N, O};
                         }});
      }
  const int64_t rotations[][3] = {{1, 1, 2}, {33, 3, 6}, {65, 2, 64}};
  for (const auto& [N_, heads_, E_] : rotations)
    for (const DType operand : operandTypes) {
      const int64_t N = N_, heads = heads_, E = E_;
      cases.push_back(
          {"rope " + std::to_string(N), [=](Run& r) {
             const float *cosine = r.random(70 * (E / 2)), *sine = r.random(70 * (E / 2));
             const int32_t* positions = r.integers(N, 0, 70);
             const Elements x = r.random(N * heads * E, operand);
             for (const bool inverse : {false, true})
               Call{r.kernels.rope, r.pool, r.blank(N * heads * E, operand), x, positions, cosine, sine, inverse, N,
                    heads,          E};
           }});
    }
}

void addHead(std::vector<Case>& cases) {
  const int64_t shapes[][3] = {{1, 1, 1}, {3, 33, 65}, {33, 3, 1}, {65, 17, 33}, {450, 3, 1100}};
  for (const auto& [N_, D_, V_] : shapes)
    for (const DType w : weightTypes) {
      const int64_t N = N_, D = D_, V = V_;
      cases.push_back({"head " + std::to_string(N) + "x" + std::to_string(D) + "x" + std::to_string(V), [=](Run& r) {
                         const Elements x = r.random(N * D, w == DType::bf16 ? w : DType::f32),
                                        weight = r.random(V * D, w, 0.2f);
                         const int32_t* targets = r.integers(N, -1, static_cast<int32_t>(V));
                         // Two logits may be equal in one set but not in another, so the argmax is not compared.
                         std::vector<int32_t> best(static_cast<size_t>(N));
                         const int64_t chunk = 200;
                         Call{r.kernels.headLoss,
                              r.pool,
                              r.blank(N),
                              best.data(),
                              r.blank(N * D),
                              r.random(V * D),
                              x,
                              weight,
                              targets,
                              0.5,
                              N,
                              D,
                              V,
                              chunk};
                         Call{r.kernels.headLoss,
                              r.pool,
                              r.blank(N),
                              nullptr,
                              nullptr,
                              nullptr,
                              x,
                              weight,
                              targets,
                              1,
                              N,
                              D,
                              V,
                              chunk};
                         Call{r.kernels.headLoss,
                              r.pool,
                              r.blank(N),
                              nullptr,
                              r.blank(N * D),
                              nullptr,
                              x,
                              weight,
                              targets,
                              2,
                              N,
                              D,
                              V,
                              chunk};
                       }});
    }
}

// Σ(a − b)² / Σb²
double normalizedError(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  double difference = 0, energy = 0;
  for (size_t i = 0; i < b.size(); i++) {
    difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    energy += static_cast<double>(b[i]) * b[i];
  }
  return difference / (energy > 0 ? energy : static_cast<double>(b.size()));
}

std::vector<std::vector<float>> resultsOf(const Case& one, const InstructionSet& set, int threads, DType products) {
  Run run(set, threads, products);
  one.call(run);
  return run.results();
}

}  // namespace

int main(int count, char** arguments) {
  std::ofstream write;
  std::ifstream compare;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::string(arguments[i]) == "--write") write.open(arguments[i + 1], std::ios::binary);
    if (std::string(arguments[i]) == "--compare") compare.open(arguments[i + 1], std::ios::binary);
  }
  std::vector<Case> cases;
  addProducts(cases);
  addRows(cases);
  addElements(cases);
  addAttention(cases);
  addHead(cases);
  std::vector<const InstructionSet*> sets;
  for (auto set = instructionSets().rbegin(); set != instructionSets().rend(); ++set)
    if (set->refusal == nullptr) sets.push_back(&*set);

  checkPool();
  checkTransfers();
  double largest = 0;
  for (const auto& one : cases)
    for (const DType products : {DType::f32, DType::bf16}) {
      std::vector<std::vector<float>> first;
      for (const InstructionSet* set : sets) {
        const std::string where = one.name + (products == DType::bf16 ? ", bf16 products, " : ", ") + set->name;
        const auto results = resultsOf(one, *set, 1, products);
        expect(results == resultsOf(one, *set, 3, products), where + ": the same with 3 threads");
        const bool isFirst = set == sets.front();
        if (isFirst) first = results;
        for (size_t i = 0; i < results.size(); i++) {
          std::vector<float> other = first[i];
          if (isFirst && write.is_open())
            write.write(reinterpret_cast<const char*>(other.data()), static_cast<std::streamsize>(other.size() * 4));
          if (isFirst && compare.is_open())
            compare.read(reinterpret_cast<char*>(other.data()), static_cast<std::streamsize>(other.size() * 4));
          // The inputs have few bits, so most sums are exact in any order.
          const double error = normalizedError(results[i], other);
          largest = std::fmax(largest, error);
          expect(error <= 1e-7, where + ": buffer " + std::to_string(i) + " differs by " + std::to_string(error));
        }
      }
    }
  if (compare.is_open())
    expect(compare.good() && compare.peek() == std::ifstream::traits_type::eof(), "the file holds the same results");
  std::printf("%zu cases, %zu instruction sets:", cases.size(), sets.size());
  for (const InstructionSet* set : sets) std::printf(" %s", set->name);
  std::printf("; largest normalized error %.1e; %d failures\n", largest, failures);
  return failures == 0 ? 0 : 1;
}
