/**
 * Reorders the rows of each head from Hugging Face's RoPE pairs (j, j + E/2) to llama.cpp's (2j, 2j + 1): row j moves
 * to 2j, row j + E/2 to 2j + 1, as convert_hf_to_gguf.py does for the query and key of Llama.
 *
 * @param values   whole heads: [heads · E, columns]
 * @param columns  1 for a bias
 */
export function interleaveRows(values: Float32Array, headDim: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  const half = headDim / 2;
  for (let row = 0; row < values.length / columns; row++) {
    const j = row % headDim;
    const target = row - j + (j < half ? 2 * j : 2 * (j - half) + 1);
    out.set(values.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return out;
}
