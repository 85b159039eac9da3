/** Attention of one query row a sequence, as in generation: each invocation has a key, then columns of the output. */
import { reduction } from "../reduction.js";
import type { Program } from "../program.js";
import { loadVisibleRange, lowest, scalarTypes, threads, visiblePlaces, type Sizes } from "./attention-shader.js";

// s = q·k/√E and p = softmax(s), out = Σ p · v, with a running maximum and sum over blocks of keys.
export const forwardOfOne: Program<"q" | "k" | "v" | "visible" | "logSumExp" | "out", Sizes> = {
  name: "attentionOfOne",
  buffers: { q: "read", k: "read", v: "read", visible: "read", logSumExp: "write", out: "write" },
  scalars: scalarTypes,
  workgroup: threads,
  source: (bindings, variant) => {
    const bindingOf = (name: string) => bindings.find((one) => one.name === name);
    const columns = 32 * Number(variant);
    // Two columns of a word belong to one invocation.
    const width = bindingOf("out")?.paired ? 2 : 1;
    const own = Array.from({ length: Math.ceil(columns / (threads * width)) }, (_, i) => i);
    const parts = width === 2 ? ["0", "1"] : ["0"];
    const each = (text: (name: string, e: string) => string) =>
      own.map((i) => parts.map((part) => text(`mean${i}_${part}`, `(${columnOf(i, width)} + ${part}u)`)).join("\n"));
    const wide = bindingOf("k")?.wide ?? false;
    return {
      declarations: `
var<workgroup> query: array<f32, ${columns}>;
var<workgroup> scores: array<f32, ${threads}>;
${reduction("maximum", threads, "max(a, b)")}
${reduction("sum", threads, "a + b")}`,
      body: `
  let number = block + numbers.firstBlock;
  let b = number / numbers.H;
  if (b >= numbers.B) { return; }
  let h = number % numbers.H;
  let kvHead = h * numbers.K / numbers.H;
  let q0 = 0u;${visiblePlaces}${loadVisibleRange}
  for (var e = lane; e < numbers.E; e += ${threads}u) { query[e] = operand_q(number * numbers.E + e); }
  workgroupBarrier();
  var maximum = ${lowest};
  var sum = 0.0;
${each((name) => `  var ${name} = 0.0;`).join("\n")}
  for (var k0 = begin; k0 < until; k0 += ${threads}u) {
    let sees = k0 + lane < until;
    var s = ${lowest};
    if (sees) {
      let at = ((b * numbers.keys + k0 + lane) * numbers.K + kvHead) * numbers.E;
      ${wide ? dotOfFours : dotOfOnes}
      s = dot * numbers.scale;
    }
    let next = max(maximum, reduce_maximum(s, lane));
    let p = select(0.0, exp(s - next), sees);
    let keep = exp(maximum - next);
    maximum = next;
    scores[lane] = p;
    sum = sum * keep + reduce_sum(p, lane);
    let end = min(${threads}u, until - k0);
    let values = ((b * numbers.keys + k0) * numbers.K + kvHead) * numbers.E;
${each(
  (name, e) => `    if (${e} < numbers.E) {
      var add = 0.0;
      for (var j = 0u; j < end; j++) {
        add = fma(scores[j], operand_v(values + j * numbers.K * numbers.E + ${e}), add);
      }
      ${name} = ${name} * keep + add;
    }`,
).join("\n")}
  }
  let to = number * numbers.E;
${own.map((i) => storeColumns(i, width)).join("\n")}
${bindingOf("logSumExp") ? "  if (lane == 0u) { store_logSumExp(number, maximum + log(sum)); }" : ""}`,
    };
  },
};

const columnOf = (i: number, width: number) => `${i * threads * width}u + lane * ${width}u`;

const dotOfOnes = `var dot = 0.0;
      for (var e = 0u; e < numbers.E; e++) { dot = fma(query[e], operand_k(at + e), dot); }`;
const dotOfFours = `var dots = vec4<f32>();
      for (var e = 0u; e < numbers.E; e += 4u) {
        dots = fma(vec4<f32>(query[e], query[e + 1u], query[e + 2u], query[e + 3u]), operand4_k(at + e), dots);
      }
      let dot = (dots.x + dots.y) + (dots.z + dots.w);`;

function storeColumns(i: number, width: number): string {
  const e = columnOf(i, width);
  const store =
    width === 2
      ? `store2_out(to + ${e}, vec2<f32>(mean${i}_0, mean${i}_1) / sum);`
      : `store_out(to + ${e}, mean${i}_0 / sum);`;
  return `  if (${e} < numbers.E) { ${store} }`;
}
