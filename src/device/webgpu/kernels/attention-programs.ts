import type { Program } from "../program.js";
import type { BindingShape } from "../shader.js";
import {
  addWeighted,
  blockSize,
  dotProducts,
  dotStageFloats,
  loadVisible,
  loadVisibleRange,
  lowest,
  outputRows,
  ownTile,
  perRow,
  scalarTypes,
  scaleRows,
  scoresDeclaration,
  sees,
  stageDeclaration,
  stagedRowFloats,
  storeRows,
  storeScores,
  threads,
  visiblePlaces,
  type Sizes,
  type Staged,
} from "./attention-shader.js";

/** Elements between rows of scores: of a row, or of a column, no two are in the same bank of memory. */
const paddedLine = blockSize + 1;
const q: Staged = { name: "q", of: "queries" };
const k: Staged = { name: "k", of: "keys" };
const v: Staged = { name: "v", of: "keys" };
const dOut: Staged = { name: "dOut", of: "queries" };

const stageOf = (groups: number) => stageDeclaration(Math.max(dotStageFloats, stagedRowFloats(groups)));

/** visible ← first and end of the rows, and of blocks of rows; one invocation a block. */
export const visibleRanges: Program<"first" | "end" | "visible", "B" | "queries"> = {
  name: "visibleRanges",
  buffers: { first: "read", end: "read", visible: "write" },
  scalars: { B: "u32", queries: "u32" },
  workgroup: 64,
  source: () => ({
    body: `
  let blocks = (numbers.queries + ${blockSize - 1}u) / ${blockSize}u;
  let index = block * 64u + lane;
  let b = index / blocks;
  if (b >= numbers.B) { return; }
  let q0 = (index % blocks) * ${blockSize}u;${visiblePlaces}
  var first = 0x7fffffff;
  var end = 0;
  for (var row = q0; row < min(numbers.queries, q0 + ${blockSize}u); row++) {
    let rowFirst = integer_first(b * numbers.queries + row);
    let rowEnd = integer_end(b * numbers.queries + row);
    store_visible(visibleSequence + 2u * row, f32(rowFirst));
    store_visible(visibleSequence + 2u * row + 1u, f32(rowEnd));
    first = min(first, rowFirst);
    end = max(end, rowEnd);
  }
  let place = visibleSequence + 2u * (numbers.queries + index % blocks);
  store_visible(place, f32(first));
  store_visible(place + 1u, f32(end));`,
  }),
};

/** The number of a workgroup → a block of query rows, a head and a sequence, and the keys that the block sees. */
const queryBlock = `
  let number = block + numbers.firstBlock;
  let b = number / ((numbers.queries + ${blockSize - 1}u) / ${blockSize}u) / numbers.H;
  if (b >= numbers.B) { return; }${visiblePlaces}
  let q0 = (number % queryBlocks) * ${blockSize}u;
  let h = (number / queryBlocks) % numbers.H;
  let kvHead = h * numbers.K / numbers.H;${loadVisibleRange}`;

// s = q·k/√E and p = softmax(s), out = Σ p · v, with a running maximum and sum over blocks of keys.
export const forward: Program<"q" | "k" | "v" | "visible" | "logSumExp" | "out", Sizes> = {
  name: "attention",
  buffers: {
    q: "read",
    k: "read",
    v: "read",
    visible: "read",
    logSumExp: "write",
    out: "write",
  },
  scalars: scalarTypes,
  workgroup: threads,
  source: (bindings, variant) => {
    const groups = Number(variant);
    const score = (row: string) => `scores[${row} * ${paddedLine}u + j]`;
    return {
      declarations: `${stageOf(groups)}
${scoresDeclaration("scores", paddedLine)}
var<workgroup> maxima: array<f32, ${blockSize * 8}>;`,
      body: `${queryBlock}${ownTile}
${loadVisible}
  var maximum0 = ${lowest};
  var maximum1 = ${lowest};
  var sum0 = 0.0;
  var sum1 = 0.0;
${outputRows("mean", groups)}
  for (var k0 = begin; k0 < until; k0 += ${blockSize}u) {
${dotProducts([{ name: "s", a: q, b: k }], bindings)}
${perRow(
  (row, i) => `    let sees${i} = ${sees(i)};
    s${i} = select(vec4<f32>(${lowest}), s${i} * numbers.scale, sees${i});
    maxima[${row} * 8u + lane % 8u] = max(max(s${i}.x, s${i}.y), max(s${i}.z, s${i}.w));`,
)}
    workgroupBarrier();
    var next0 = maximum0;
    var next1 = maximum1;
    for (var t = 0u; t < 8u; t++) {
      next0 = max(next0, maxima[row0 * 8u + t]);
      next1 = max(next1, maxima[(row0 + 1u) * 8u + t]);
    }
${perRow(
  (row, i) => `    let keep${i} = exp(maximum${i} - next${i});
    maximum${i} = next${i};
    let p${i} = select(vec4<f32>(), exp(s${i} - vec4<f32>(next${i})), sees${i});
    ${storeScores("scores", row, `p${i}`, paddedLine)}
    sum${i} *= keep${i};
    ${scaleRows("mean", i, groups, `keep${i}`)}`,
)}
${addWeighted("mean", score, v, groups, bindings, "sum0 += score0; sum1 += score1;")}
  }
${storeRows("mean", { name: "out", of: "queries" }, groups, (sum, i) => `${sum} / sum${i}`, bindings)}
${bindings.some(({ name }) => name === "logSumExp") ? storeLogSumExp : ""}`,
    };
  },
};

const storeLogSumExp = perRow(
  (row, i) => `  if (lane % 8u == 0u && q0 + ${row} < numbers.queries) {
    store_logSumExp((b * numbers.queries + q0 + ${row}) * numbers.H + h, maximum${i} + log(sum${i}));
  }`,
);

// facts = logSumExp and δ = dOut · out of each row and head.
export const rowFacts: Program<"dOut" | "out" | "logSumExp" | "facts", "count" | "E"> = {
  name: "attentionRowFacts",
  buffers: { dOut: "read", out: "read", logSumExp: "read", facts: "write" },
  scalars: { count: "u32", E: "u32" },
  workgroup: 64,
  source: () => ({
    body: `
  let index = block * 64u + lane;
  if (index >= numbers.count) { return; }
  var sum = 0.0;
  for (var e = 0u; e < numbers.E; e++) {
    sum = fma(operand_dOut(index * numbers.E + e), load_out(index * numbers.E + e), sum);
  }
  store_facts(2u * index, load_logSumExp(index));
  store_facts(2u * index + 1u, sum);`,
  }),
};

// No more than eight buffers with the outputs: some adapters bind no more.
type BackwardInputs = "q" | "k" | "v" | "dOut" | "visible" | "facts";
const backwardInputs: Readonly<Record<BackwardInputs, "read">> = {
  q: "read",
  k: "read",
  v: "read",
  dOut: "read",
  visible: "read",
  facts: "read",
};

/** p0, p1 and ds0, ds1: probabilities and gradients of scores of the invocation's tile of a pair of blocks. */
function scoreGradients(bindings: readonly BindingShape[]): string {
  const products = [
    { name: "s", a: q, b: k },
    { name: "dp", a: dOut, b: v },
  ];
  return `${dotProducts(products, bindings)}
${perRow(
  (row, i) => `    var p${i} = vec4<f32>();
    var ds${i} = vec4<f32>();
    if (q0 + ${row} < numbers.queries) {
      let at = 2u * ((b * numbers.queries + q0 + ${row}) * numbers.H + h);
      p${i} = select(vec4<f32>(), exp(s${i} * numbers.scale - vec4<f32>(load_facts(at))), ${sees(i)});
      ds${i} = p${i} * (dp${i} - vec4<f32>(load_facts(at + 1u))) * numbers.scale;
    }`,
)}`;
}

// dq = Σ ds · k, over the keys that a block of queries sees.
export const queryGradient: Program<BackwardInputs | "dq", Sizes> = {
  name: "attentionQueryGradient",
  buffers: { ...backwardInputs, dq: "write" },
  scalars: scalarTypes,
  workgroup: threads,
  source: (bindings, variant) => {
    const groups = Number(variant);
    return {
      declarations: `${stageOf(groups)}\n${scoresDeclaration("gradients", paddedLine)}`,
      body: `${queryBlock}${ownTile}
${loadVisible}
${outputRows("sum", groups)}
  for (var k0 = begin; k0 < until; k0 += ${blockSize}u) {
${scoreGradients(bindings)}
${perRow((row, i) => `    ${storeScores("gradients", row, `ds${i}`, paddedLine)}`)}
${addWeighted("sum", (row) => `gradients[${row} * ${paddedLine}u + j]`, k, groups, bindings)}
  }
${storeRows("sum", { name: "dq", of: "queries" }, groups, (sum) => sum, bindings)}`,
    };
  },
};

// dk = Σ ds · q and dv = Σ p · dOut, over the heads of a key's group and the queries that see a block of keys.
export const keyGradient: Program<BackwardInputs | "dk" | "dv", Sizes> = {
  name: "attentionKeyGradient",
  buffers: { ...backwardInputs, dk: "write", dv: "write" },
  scalars: scalarTypes,
  workgroup: threads,
  source: (bindings, variant) => {
    const groups = Number(variant);
    // Transposed: the invocation's rows are keys, and j is a query.
    const column = (name: string) => (row: string) => `${name}[j * ${blockSize}u + ${row}]`;
    const scores = ["gradients", "probabilities"].map((name) => scoresDeclaration(name, blockSize));
    return {
      declarations: `${stageOf(groups)}\n${scores.join("\n")}`,
      body: `
  let number = block + numbers.firstBlock;
  let keyBlocks = (numbers.keys + ${blockSize - 1}u) / ${blockSize}u;
  let k0 = (number % keyBlocks) * ${blockSize}u;
  let kvHead = (number / keyBlocks) % numbers.K;
  let b = number / keyBlocks / numbers.K;
  if (b >= numbers.B) { return; }${visiblePlaces}${ownTile}
${outputRows("sumK", groups)}
${outputRows("sumV", groups)}
  for (var q0 = 0u; q0 < numbers.queries; q0 += ${blockSize}u) {
${loadVisibleRange}
    if (begin >= k0 + ${blockSize}u || until <= k0) { continue; }
${loadVisible}
    let group = numbers.H / numbers.K;
    for (var h = kvHead * group; h < (kvHead + 1u) * group; h++) {
${scoreGradients(bindings)}
${perRow(
  (row, i) =>
    `    ${storeScores("gradients", row, `ds${i}`, blockSize)}
    ${storeScores("probabilities", row, `p${i}`, blockSize)}`,
)}
${addWeighted("sumK", column("gradients"), q, groups, bindings)}
${addWeighted("sumV", column("probabilities"), dOut, groups, bindings)}
    }
  }
${storeRows("sumK", { name: "dk", of: "keys" }, groups, (sum) => sum, bindings)}
${storeRows("sumV", { name: "dv", of: "keys" }, groups, (sum) => sum, bindings)}`,
    };
  },
};
