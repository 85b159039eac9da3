// Vectors of STRATA_WIDTH floats as compiler vector types; each instruction set has its own namespace. Everything here
// has internal linkage: code of one set must never be linked into another.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>

#include "kernels.hpp"

#if defined(__FMA__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define STRATA_INLINE static inline __attribute__((always_inline, unused))

namespace strata::STRATA_ISA {

constexpr int64_t ceilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
constexpr int64_t greater(int64_t a, int64_t b) { return a > b ? a : b; }

constexpr int W = STRATA_WIDTH;
typedef float vf __attribute__((vector_size(W * 4)));
typedef int32_t vi __attribute__((vector_size(W * 4)));
typedef uint32_t vu __attribute__((vector_size(W * 4)));
typedef uint16_t vh __attribute__((vector_size(W * 2)));
typedef double vd __attribute__((vector_size(W * 8)));
// Half as many doubles, which fill a register where a vd needs two: compilers keep sums in a vd in memory.
typedef double vdHalf __attribute__((vector_size(W * 4)));
typedef float vfHalf __attribute__((vector_size(W * 2)));

STRATA_INLINE vf load(const void* p) {
  vf x;
  std::memcpy(&x, p, sizeof x);
  return x;
}
STRATA_INLINE void store(float* p, vf x) { std::memcpy(p, &x, sizeof x); }
STRATA_INLINE vf broadcast(float x) { return x - vf{}; }

// The 32 bits at p in every lane.
STRATA_INLINE vf broadcastWord(const void* p) {
  int32_t bits;
  std::memcpy(&bits, p, sizeof bits);
  return (vf)(bits - vi{});
}

}  // namespace strata::STRATA_ISA

#include "instructions.hpp"

namespace strata::STRATA_ISA {

STRATA_INLINE vf multiplyAdd(vf a, float b, float c) { return multiplyAdd(a, broadcast(b), broadcast(c)); }
STRATA_INLINE vf multiplyAdd(vf a, vf b, float c) { return multiplyAdd(a, b, broadcast(c)); }
STRATA_INLINE vf multiplyAdd(vf a, float b, vf c) { return multiplyAdd(a, broadcast(b), c); }

// The first n < W lanes: loading sets the others to 0, storing does not write them.
STRATA_INLINE vf loadPart(const float* p, int64_t n) {
  float lanes[W] = {};
  for (int64_t i = 0; i < n; i++) std::memcpy(lanes + i, p + i, sizeof(float));
  return load(lanes);
}
STRATA_INLINE void storePart(float* p, vf x, int64_t n) {
  float lanes[W];
  store(lanes, x);
  for (int64_t i = 0; i < n; i++) p[i] = lanes[i];
}
STRATA_INLINE vf loadUpTo(const float* p, int64_t n) { return n >= W ? load(p) : loadPart(p, n); }
STRATA_INLINE void storeUpTo(float* p, vf x, int64_t n) { n >= W ? store(p, x) : storePart(p, x, n); }

// Lane i holds i.
STRATA_INLINE vi laneNumbers() {
  vi lane;
  for (int i = 0; i < W; i++) lane[i] = i;
  return lane;
}
// The first n lanes, 0 in the others.
STRATA_INLINE vf firstLanes(vf x, int64_t n) {
  return (vf)((vi)x & (vi)(laneNumbers() < static_cast<int32_t>(smaller(n, W))));
}

STRATA_INLINE float sumLanes(vf x) {
  float lanes[W];
  store(lanes, x);
  for (int half = W / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

// Σ x², accumulated in f64 in a fixed order.
STRATA_INLINE double sumOfSquares(const float* x, int64_t length) {
  vd sum[2] = {};
  for (int64_t i = 0, part = 0; i < length; i += W, part ^= 1) {
    const vd wide = __builtin_convertvector(loadUpTo(x + i, length - i), vd);
    sum[part] += wide * wide;
  }
  const vd both = sum[0] + sum[1];
  double total = 0;
  for (int lane = 0; lane < W; lane++) total += both[lane];
  return total;
}

STRATA_INLINE float largestLane(vf x) {
  float lanes[W], best;
  store(lanes, x);
  best = lanes[0];
  for (int i = 1; i < W; i++) best = lanes[i] > best ? lanes[i] : best;
  return best;
}

// e^x to about 1e-7; 0 below −86.98, infinity above 88.72, NaN stays NaN.
// 2^n · e^r with n = round(x / ln 2), |r| ≤ ln 2 / 2 and a polynomial of degree 6 for e^r.
STRATA_INLINE vf exponential(vf x) {
  const vf low = broadcast(-86.98f), high = broadcast(88.72f);
  const vf y = lesser(high, larger(low, x));
  const vf shifted = multiplyAdd(y, 1.44269504088896341f, broadcast(wholeNumbers));
  const vf n = shifted - wholeNumbers;
  vf r = multiplyAdd(n, -0.693359375f, y);
  r = multiplyAdd(n, 2.12194440e-4f, r);
  vf p = multiplyAdd(r, 1.9875691500e-4f, 1.3981999507e-3f);
  p = multiplyAdd(p, r, 8.3334519073e-3f);
  p = multiplyAdd(p, r, 4.1665795894e-2f);
  p = multiplyAdd(p, r, 1.6666665459e-1f);
  p = multiplyAdd(p, r, 5.0000001201e-1f);
  p = multiplyAdd(p, r * r, r) + 1.0f;
  const vf result = x < low ? vf{} : timesPowerOfTwo(p, shifted);
  return x > high ? broadcast(INFINITY) : result;
}

STRATA_INLINE float floatOfBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
STRATA_INLINE uint32_t bitsOfFloat(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

STRATA_INLINE float fromBf16(uint16_t bits) { return floatOfBits(static_cast<uint32_t>(bits) << 16); }
STRATA_INLINE float fromF16(uint16_t bits) {
  // Shifted exponent and fraction give a value that is 2^112 too small; the scaling is correct for subnormals too.
  const uint32_t magnitude = static_cast<uint32_t>(bits & 0x7fff) << 13;
  const float scaled = floatOfBits(magnitude) * floatOfBits(0x77800000u);
  const uint32_t special = magnitude >= 0x0f800000u ? 0x7f800000u : 0;
  return floatOfBits(bitsOfFloat(scaled) | special | static_cast<uint32_t>(bits & 0x8000) << 16);
}
STRATA_INLINE uint16_t toF16(float x) {
  const uint32_t bits = bitsOfFloat(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00);
  // Subnormal: adding 0.5 leaves the nearest multiple of 2^-24 in the lower bits.
  if (magnitude < 0x38800000u)
    return static_cast<uint16_t>(sign | (bitsOfFloat(floatOfBits(magnitude) + 0.5f) - 0x3f000000u));
  return static_cast<uint16_t>(sign | (magnitude + 0xfff + (magnitude >> 13 & 1) - 0x38000000u) >> 13);
}

STRATA_INLINE vf widenF16(vh bits) {
  const vu wide = __builtin_convertvector(bits, vu);
  const vu magnitude = (wide & 0x7fff) << 13;
  const vf scaled = (vf)magnitude * floatOfBits(0x77800000u);
  const vu special = (vu)(magnitude >= 0x0f800000u) & 0x7f800000u;
  return (vf)((vu)scaled | special | (wide & 0x8000) << 16);
}

STRATA_INLINE vf roundToBf16(vf x) { return widenBf16(narrowBf16(x)); }

// The bits of W 16-bit elements from index i, or of the n ≥ 1 elements that remain.
STRATA_INLINE vh loadBits(const void* data, int64_t i, int64_t n) {
  vh x = {};
  const char* from = static_cast<const char*>(data) + i * 2;
  if (n >= W) std::memcpy(&x, from, sizeof x);
  else std::memcpy(&x, from, static_cast<size_t>(n) * 2);
  return x;
}

// W elements from index i, or the n ≥ 1 elements that remain.
template <DType dtype>
STRATA_INLINE vf loadElements(const void* data, int64_t i, int64_t n) {
  if constexpr (dtype == DType::f32) {
    const char* p = static_cast<const char*>(data) + i * 4;
    vf x = {};
    if (n >= W) std::memcpy(&x, p, sizeof x);
    else
      for (int64_t j = 0; j < n; j++) {
        float y;
        std::memcpy(&y, p + j * 4, 4);
        x[j] = y;
      }
    return x;
  } else {
    const vh x = loadBits(data, i, n);
    return dtype == DType::bf16 ? widenBf16(x) : widenF16(x);
  }
}
STRATA_INLINE vf loadElements(Elements x, int64_t i, int64_t n) {
  if (x.dtype == DType::f32) return loadElements<DType::f32>(x.data, i, n);
  if (x.dtype == DType::bf16) return loadElements<DType::bf16>(x.data, i, n);
  return loadElements<DType::f16>(x.data, i, n);
}

STRATA_INLINE Elements elementsFrom(Elements x, int64_t i) {
  return {static_cast<const char*>(x.data) + i * elementBytes(x.dtype), x.dtype};
}
STRATA_INLINE MutableElements elementsFrom(MutableElements x, int64_t i) {
  return {static_cast<char*>(x.data) + i * elementBytes(x.dtype), x.dtype};
}
template <DType dtype>
STRATA_INLINE void* elementAt(void* data, int64_t i) {
  return static_cast<char*>(data) + i * elementBytes(dtype);
}
// Stores the first n lanes, at most W, at index i of f32 or bf16 elements.
template <DType dtype>
STRATA_INLINE void storeElements(void* data, int64_t i, vf x, int64_t n) {
  if constexpr (dtype == DType::f32) {
    storeUpTo(static_cast<float*>(data) + i, x, n);
  } else {
    const vh bits = narrowBf16(x);
    // A constant length compiles to one store, a variable one to a call.
    if (n >= W) std::memcpy(elementAt<dtype>(data, i), &bits, sizeof bits);
    else std::memcpy(elementAt<dtype>(data, i), &bits, static_cast<size_t>(n) * 2);
  }
}
STRATA_INLINE void storeElements(MutableElements x, int64_t i, vf value, int64_t n) {
  if (x.dtype == DType::f32) storeElements<DType::f32>(x.data, i, value, n);
  else storeElements<DType::bf16>(x.data, i, value, n);
}

// Calls body with a dtype of elements as a constant.
template <typename Body>
STRATA_INLINE void withDType(DType dtype, Body body) {
  if (dtype == DType::f32) body(std::integral_constant<DType, DType::f32>{});
  else if (dtype == DType::bf16) body(std::integral_constant<DType, DType::bf16>{});
  else body(std::integral_constant<DType, DType::f16>{});
}

// Elements whose dtype is known when compiling, or not.
template <DType dtype>
struct Access {
  static vf read(Elements x, int64_t i, int64_t n) { return loadElements<dtype>(x.data, i, n); }
  static void write(MutableElements x, int64_t i, vf value, int64_t n) { storeElements<dtype>(x.data, i, value, n); }
};
struct AnyAccess {
  static vf read(Elements x, int64_t i, int64_t n) { return loadElements(x, i, n); }
  static void write(MutableElements x, int64_t i, vf value, int64_t n) { storeElements(x, i, value, n); }
};

// Calls body with the access to elements of these dtypes.
template <typename Body>
STRATA_INLINE void withAccess(std::initializer_list<DType> dtypes, Body body) {
  bool same = true;
  for (const DType dtype : dtypes) same = same && dtype == *dtypes.begin();
  if (same && *dtypes.begin() == DType::bf16) body(Access<DType::bf16>());
  else if (same && *dtypes.begin() == DType::f32) body(Access<DType::f32>());
  else body(AnyAccess());
}

// Calls body(i, part) for the vectors of begin … end: `part` is the constant W, but in the last one what remains.
template <typename Body>
STRATA_INLINE void forVectors(int64_t begin, int64_t end, Body body) {
  const int64_t whole = begin + (end - begin) / W * W;
  for (int64_t i = begin; i < whole; i += W) body(i, std::integral_constant<int64_t, W>());
  if (whole < end) body(whole, end - whole);
}

// Calls body(task, thread) for every task, distributed over the threads.
template <typename Body>
static inline void parallel(Pool& pool, int64_t tasks, Body body) {
  pool.run(
      tasks, [](void* context, int64_t task, int thread) { (*static_cast<Body*>(context))(task, thread); }, &body);
}
// Calls body(begin, end, thread) for fixed chunks of `length`, so that results do not depend on the threads.
template <typename Body>
static inline void parallelChunks(Pool& pool, int64_t length, int64_t chunk, Body body) {
  parallel(pool, ceilDivide(length, chunk),
           [&](int64_t task, int thread) { body(task * chunk, smaller(length, (task + 1) * chunk), thread); });
}

}  // namespace strata::STRATA_ISA
