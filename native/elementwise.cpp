// Kernels that process each element or row independently: fill, copy, embedding, biases, RoPE, swiglu.
#include "vector.hpp"

namespace strata::STRATA_ISA {
namespace {

constexpr int64_t chunkLength = 16384;

float readOne(Elements x, int64_t i) { return loadElements(x, i, 1)[0]; }

// 1/(1 + e^−x)
STRATA_INLINE vf sigmoid(vf x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace

void fill(Pool& pool, float* out, double value, int64_t length) {
  const float number = static_cast<float>(value);
  parallelChunks(pool, length, chunkLength * 16, [=](int64_t begin, int64_t end, int) {
    if (bitsOfFloat(number) == 0) std::memset(out + begin, 0, static_cast<size_t>(end - begin) * sizeof(float));
    else
      for (int64_t i = begin; i < end; i++) out[i] = number;
  });
}

void copy(Pool& pool, MutableElements out, Elements x, int64_t length) {
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    if (out.dtype == x.dtype) {
      const int64_t size = out.dtype == DType::f64 ? 8 : out.dtype == DType::f32 || out.dtype == DType::i32 ? 4 : 2;
      std::memmove(static_cast<char*>(out.data) + begin * size, static_cast<const char*>(x.data) + begin * size,
                   static_cast<size_t>((end - begin) * size));
    } else if (out.dtype == DType::f32) {
      float* to = static_cast<float*>(out.data);
      for (int64_t i = begin; i < end; i += W) storeUpTo(to + i, loadElements(x, i, end - i), end - i);
    } else if (out.dtype == DType::bf16) {
      for (int64_t i = begin; i < end; i += W)
        storeElements<DType::bf16>(out.data, i, loadElements(x, i, end - i), end - i);
    } else {
      uint16_t* to = static_cast<uint16_t*>(out.data);
      for (int64_t i = begin; i < end; i++) to[i] = toF16(readOne(x, i));
    }
  });
}

void embed(Pool& pool, float* out, Elements table, const int32_t* ids, int64_t N, int64_t D) {
  parallelChunks(pool, N, 64, [=](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; n++)
      for (int64_t d = 0; d < D; d += W) storeUpTo(out + n * D + d, loadElements(table, ids[n] * D + d, D - d), D - d);
  });
}

// A task owns columns, so that the rows of one id are added in ascending n.
void embedBackward(Pool& pool, float* dTable, const float* dOut, const int32_t* ids, int64_t N, int64_t D) {
  parallelChunks(pool, D, 64, [=](int64_t begin, int64_t end, int) {
    for (int64_t n = 0; n < N; n++) {
      float* to = dTable + ids[n] * D;
      for (int64_t d = begin; d < end; d++) to[d] += dOut[n * D + d];
    }
  });
}

void addBias(Pool& pool, MutableElements out, Elements x, Elements bias, int64_t N, int64_t O) {
  parallelChunks(pool, N, 16, [=](int64_t begin, int64_t end, int) {
    for (int64_t n = begin; n < end; n++)
      for (int64_t o = 0; o < O; o += W)
        storeElements(out, n * O + o, loadElements(x, n * O + o, O - o) + loadElements(bias, o, O - o), O - o);
  });
}

// A task owns columns, so that rows are added in ascending n.
void biasGradient(Pool& pool, float* dBias, Elements dy, int64_t N, int64_t O) {
  parallelChunks(pool, O, 64, [=](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o += W) {
      vf sum = {};
      for (int64_t n = 0; n < N; n++) sum += loadElements(dy, n * O + o, end - o);
      storeUpTo(dBias + o, loadUpTo(dBias + o, end - o) + sum, end - o);
    }
  });
}

void rope(Pool& pool, MutableElements out, Elements x, const int32_t* positions, const float* cosine, const float* sine,
          bool inverse, int64_t N, int64_t heads, int64_t E) {
  const int64_t half = E / 2;
  const float sign = inverse ? -1.0f : 1.0f;
  parallelChunks(pool, N, 16, [=](int64_t begin, int64_t end, int) {
    withAccess({x.dtype}, [=](auto from) {
      withAccess({out.dtype}, [=](auto to) {
        for (int64_t n = begin; n < end; n++)
          for (int64_t head = 0; head < heads; head++) {
            const int64_t low = (n * heads + head) * E, high = low + half;
            forVectors(0, half, [=](int64_t j, auto part) {
              const int64_t at = positions[n] * half + j;
              const vf c = loadUpTo(cosine + at, part), s = loadUpTo(sine + at, part) * sign;
              const vf a = from.read(x, low + j, part), b = from.read(x, high + j, part);
              to.write(out, low + j, a * c - b * s, part);
              to.write(out, high + j, b * c + a * s, part);
            });
          }
      });
    });
  });
}

void swiglu(Pool& pool, MutableElements out, Elements gate, Elements up, int64_t length) {
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    withAccess({out.dtype, gate.dtype, up.dtype}, [=](auto access) {
      forVectors(begin, end, [=](int64_t i, auto part) {
        const vf g = access.read(gate, i, part);
        access.write(out, i, g * sigmoid(g) * access.read(up, i, part), part);
      });
    });
  });
}

// forward: y = g · σ(g) · u. So du = dy · g·σ(g) and dg = dy · u · σ(g) · (1 + g · (1 − σ(g))).
void swigluBackward(Pool& pool, MutableElements dGate, MutableElements dUp, MutableElements gated, Elements dOut,
                    Elements gate, Elements up, int64_t length) {
  const bool isKept = gated.data != nullptr;
  const DType kept = isKept ? gated.dtype : dGate.dtype;
  parallelChunks(pool, length, chunkLength, [=](int64_t begin, int64_t end, int) {
    withAccess({dGate.dtype, dUp.dtype, kept, dOut.dtype, gate.dtype, up.dtype}, [=](auto access) {
      forVectors(begin, end, [=](int64_t i, auto part) {
        const vf g = access.read(gate, i, part), u = access.read(up, i, part), dy = access.read(dOut, i, part),
                 s = sigmoid(g);
        access.write(dGate, i, dy * u * s * (1.0f + g * (1.0f - s)), part);
        access.write(dUp, i, dy * g * s, part);
        if (isKept) access.write(gated, i, g * s * u, part);
      });
    });
  });
}

}  // namespace strata::STRATA_ISA
