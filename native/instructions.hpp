// What some sets compute by an instruction of their processor. An emulated set has the vectors of a set that this
// processor lacks, and computes the same without its instructions, to the last bit. Included by vector.hpp.
#pragma once

#if STRATA_WIDTH == 16 && !STRATA_EMULATED
#define STRATA_512 1
#else
#define STRATA_512 0
#endif

namespace strata::STRATA_ISA {

// a · b + c, rounded once where the set has such an instruction. Only this function fuses: the compiler does not, so
// that every compiler and version gives the same bits.
STRATA_INLINE vf multiplyAdd(vf a, vf b, vf c) {
#if STRATA_512
  return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif STRATA_EMULATED
  __m256 x[2], y[2], z[2];
  std::memcpy(x, &a, sizeof x);
  std::memcpy(y, &b, sizeof y);
  std::memcpy(z, &c, sizeof z);
  for (int half = 0; half < 2; half++) z[half] = _mm256_fmadd_ps(x[half], y[half], z[half]);
  vf sum;
  std::memcpy(&sum, z, sizeof sum);
  return sum;
#elif defined(__FMA__)
  return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_NEON)
  return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

// W bf16 values of an exact vector, as f32. The compiler generates four instructions for the other form.
STRATA_INLINE vf widenBf16(vh bits) {
#if STRATA_512
  return (vf)((vu)_mm512_maskz_cvtepu16_epi32(0xffff, (__m256i)bits) << 16);
#else
  return (vf)(__builtin_convertvector(bits, vu) << 16);
#endif
}

// Half as many floats as f64.
STRATA_INLINE vdHalf loadWide(const float* p) {
#if STRATA_512
  // The compiler converts two halves in the other form.
  return (vdHalf)_mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(p));
#else
  vfHalf x;
  std::memcpy(&x, p, sizeof x);
  return __builtin_convertvector(x, vdHalf);
#endif
}

// The larger of a and b, b where one is NaN.
STRATA_INLINE vf larger(vf a, vf b) {
#if STRATA_512
  return (vf)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);
#else
  return a > b ? a : b;
#endif
}

// The smaller of a and b, b where one is NaN.
STRATA_INLINE vf lesser(vf a, vf b) {
#if STRATA_512
  return (vf)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);
#else
  return a < b ? a : b;
#endif
}

// Adding it to a float of at most 2^22 leaves the nearest whole number in the lower bits.
constexpr float wholeNumbers = 12582912.0f;

// x · 2^n, if that is a normal number or infinity, for a whole n of −125 to 128 as n + `wholeNumbers`.
STRATA_INLINE vf timesPowerOfTwo(vf x, vf shifted) {
#if STRATA_512
  return (vf)_mm512_maskz_scalef_ps(0xffff, (__m512)x, (__m512)(shifted - wholeNumbers));
#else
  // 2^128 has no float: by 2^(n − 1), then by 2.
  return x * (vf)(((vi)shifted - 0x4b400000 + 126) << 23) * 2.0f;
#endif
}

// Subnormals as 0 with their sign, as the bf16 instructions of x86 take and give them.
STRATA_INLINE vf flushed(vf x) {
  const vu bits = (vu)x;
  return (vf)(bits & ((vu)((bits & 0x7f800000u) != 0) | 0x80000000u));
}

// Rounds to nearest even; NaN stays NaN. The instruction treats subnormals as 0.
STRATA_INLINE vh narrowBf16(vf x) {
#if STRATA_PAIRS && STRATA_512
  return (vh)_mm512_cvtneps_pbh((__m512)x);
#else
#if STRATA_PAIRS
  x = flushed(x);
#endif
  const vu bits = (vu)x, rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return __builtin_convertvector(((vu)(x == x) & rounded) | ((vu)(x != x) & (bits >> 16 | 0x40)), vh);
#endif
}

#if STRATA_PAIRS
// a · b + c as in the bf16 instructions: subnormals are 0. Whether a sum is one is decided after rounding as if
// exponents had no limit, so that a sum just below the smallest normal number is 0 also where it would round up to it.
// The operands have no subnormals; `scaled` is a · 2^32.
STRATA_INLINE vf multiplyAddNormal(vf a, vf scaled, vf b, vf c) {
  const vf sum = multiplyAdd(a, b, c), large = multiplyAdd(scaled, b, c * 0x1p32f);
  const vf magnitude = (vf)((vu)large & 0x7fffffffu);
  return (vf)((vu)sum & (~(vu)(magnitude < 0x1p-94f) | 0x80000000u));
}

// The same for all operands.
STRATA_INLINE vf multiplyAddFlushed(vf a, vf b, vf c) {
  a = flushed(a);
  return multiplyAddNormal(a, a * 0x1p32f, flushed(b), flushed(c));
}

// sum + a · b for both bf16 halves of each lane: the upper product is added first, then the lower one, each sum rounded
// once.
STRATA_INLINE vf addPairs(vf sum, vf a, vf b) {
#if STRATA_512
  return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
  const vf upper = multiplyAddFlushed((vf)((vu)a & 0xffff0000u), (vf)((vu)b & 0xffff0000u), sum);
  return multiplyAddFlushed((vf)((vu)a << 16), (vf)((vu)b << 16), upper);
#endif
}

STRATA_INLINE vf joinHalves(vh low, vh high) {
#if STRATA_512
  return (vf)_mm512_maskz_inserti64x4(0xff, _mm512_castsi256_si512((__m256i)low), (__m256i)high, 1);
#else
  const vh both[2] = {low, high};
  vf words;
  std::memcpy(&words, both, sizeof words);
  return words;
#endif
}

// 2W bf16 values as W words: those of `low` in the first half of the vector.
STRATA_INLINE vf narrowBoth(vf high, vf low) {
#if STRATA_512
  return (vf)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
#else
  return joinHalves(narrowBf16(low), narrowBf16(high));
#endif
}

// Word l: element l of the first half, and element l of the second half above it.
STRATA_INLINE vf interleaveHalves(vf halves) {
#if STRATA_512
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                         5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (vf)_mm512_permutexvar_epi16(order, (__m512i)halves);
#else
  vh both[2];
  std::memcpy(both, &halves, sizeof both);
  return (vf)(__builtin_convertvector(both[0], vu) | __builtin_convertvector(both[1], vu) << 16);
#endif
}
#endif

}  // namespace strata::STRATA_ISA
