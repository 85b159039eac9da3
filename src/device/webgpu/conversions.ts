/**
 * Functions of shaders between f32 and the bits of bf16 and f16. Rounding is to nearest even, whatever the GPU does
 * with its own conversions; widening f16 has one exact result.
 */
export const conversions = `
fn bf16_bits(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let rounded = (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
  return select(rounded, (bits >> 16u) | 0x40u, (bits & 0x7fffffffu) > 0x7f800000u);
}
fn bf16_value(bits: u32) -> f32 { return bitcast<f32>(bits << 16u); }
fn round_bf16(value: f32) -> f32 { return bf16_value(bf16_bits(value)); }
fn f16_value(half: u32) -> f32 { return unpack2x16float(half).x; }
// Of a magnitude below the normal numbers of f16 in multiples of 2^-24: the sum with 0.5 has that as its last digit, so
// that it is rounded there.
fn f16_steps(magnitude: u32) -> u32 { return bitcast<u32>(bitcast<f32>(magnitude) + 0.5) - 0x3f000000u; }
fn f16_bits(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  let normal = (magnitude + 0xfffu + ((magnitude >> 13u) & 1u) - 0x38000000u) >> 13u;
  let finite = select(normal, f16_steps(magnitude), magnitude < 0x38800000u);
  let large = select(0x7c00u, 0x7e00u, magnitude > 0x7f800000u);
  return sign | select(finite, large, magnitude >= 0x47800000u);
}
fn round_f16(value: f32) -> f32 {
  let magnitude = bitcast<u32>(value) & 0x7fffffffu;
  let normal = (magnitude + 0xfffu + ((magnitude >> 13u) & 1u)) & 0xffffe000u;
  let small = bitcast<u32>(f32(f16_steps(magnitude)) * 5.9604644775390625e-8);
  let finite = select(normal, small, magnitude < 0x38800000u);
  let large = select(0x7f800000u, 0x7fc00000u, magnitude > 0x7f800000u);
  return bitcast<f32>((bitcast<u32>(value) & 0x80000000u) | select(finite, large, normal >= 0x47800000u));
}`;
