/** How well the changes of the parts agree in direction. */
export interface Agreement {
  /** Mean cosine over pairs of parts that trained the same tensors; null if no tensor has two owners. */
  readonly cosine: number | null;
  /** ‖mean change‖ / mean ‖change‖ over tensors with two owners or more: 1 when they agree, 1/√n when independent. */
  readonly meanNormRatio: number | null;
  /** ‖change‖ of each part, over all its trained tensors. */
  readonly changeNorms: readonly number[];
}

export interface AgreementMeter {
  /** A chunk of the current tensor: the base's elements and those of each owner. */
  add(base: Float32Array, owners: readonly { readonly part: number; readonly values: Float32Array }[]): void;
  /** Ends the current tensor. */
  endTensor(): void;
  finish(): Agreement;
}

/** Accumulates dot products of the parts' changes, in f64. */
export function measureAgreement(parts: number): AgreementMeter {
  const square = () => Array.from({ length: parts }, () => new Float64Array(parts));
  let tensor = square();
  let owners: readonly number[] = [];
  /** [i][j], i < j: dot product of the changes of parts i and j, over the tensors that both trained. */
  const dots = square();
  /** [i][j]: squared norm of i's change, over the tensors that both trained. */
  const squares = square();
  let meanSquared = 0;
  let normSquared = 0;
  return {
    add(base, chunks) {
      owners = chunks.map(({ part }) => part);
      addDots(
        base,
        chunks.map(({ values }) => values),
        (a, b, dot) => void (tensor[owners[a]][owners[b]] += dot),
      );
    },
    endTensor() {
      let sum = 0;
      for (const i of owners) {
        for (const j of owners) {
          sum += tensor[Math.min(i, j)][Math.max(i, j)];
          squares[i][j] += tensor[i][i];
          if (i < j) dots[i][j] += tensor[i][j];
        }
      }
      if (owners.length > 1) {
        meanSquared += Math.max(0, sum) / owners.length ** 2;
        normSquared += (owners.reduce((total, i) => total + Math.sqrt(tensor[i][i]), 0) / owners.length) ** 2;
      }
      tensor = square();
      owners = [];
    },
    finish() {
      const cosines: number[] = [];
      for (let i = 0; i < parts; i++) {
        for (let j = i + 1; j < parts; j++) {
          const norms = Math.sqrt(squares[i][j] * squares[j][i]);
          if (norms > 0) cosines.push(dots[i][j] / norms);
        }
      }
      return {
        cosine: cosines.length > 0 ? cosines.reduce((a, b) => a + b, 0) / cosines.length : null,
        meanNormRatio: normSquared > 0 ? Math.sqrt(meanSquared / normSquared) : null,
        changeNorms: squares.map((row, i) => Math.sqrt(row[i])),
      };
    },
  };
}

/** Elements whose changes stay in the cache of the processor while all their products are added. */
const blockElements = 1 << 12;

/** Changes of one block, by owner; reused. */
const blocks: Float32Array[] = [];

/**
 * Calls `add` with the dot product of the changes of owners a ≤ b, for each pair. Each sum runs over the elements in
 * order, so that its value does not depend on the blocks.
 */
function addDots(
  base: Float32Array,
  values: readonly Float32Array[],
  add: (a: number, b: number, dot: number) => void,
): void {
  const P = values.length;
  while (blocks.length < P) blocks.push(new Float32Array(blockElements));
  const sums = new Float64Array(P * P);
  for (let from = 0; from < base.length; from += blockElements) {
    const count = Math.min(blockElements, base.length - from);
    for (let a = 0; a < P; a++) subtract(values[a], base, from, count, blocks[a]);
    for (let a = 0; a < P; a++) {
      for (let b = a; b < P; b += 2) {
        if (b + 1 < P) addTwo(blocks[a], blocks[b], blocks[b + 1], count, sums, a * P + b);
        else addOne(blocks[a], blocks[b], count, sums, a * P + b);
      }
    }
  }
  for (let a = 0; a < P; a++) for (let b = a; b < P; b++) add(a, b, sums[a * P + b]);
}

/** out ← values − base, of `count` elements from `from` on. */
function subtract(values: Float32Array, base: Float32Array, from: number, count: number, out: Float32Array): void {
  for (let i = 0; i < count; i++) out[i] = values[from + i] - base[from + i];
}

function addOne(a: Float32Array, b: Float32Array, count: number, sums: Float64Array, at: number): void {
  let sum = sums[at];
  for (let i = 0; i < count; i++) sum += a[i] * b[i];
  sums[at] = sum;
}

/** As `addOne` for two tensors, whose additions do not wait for each other. */
function addTwo(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  count: number,
  sums: Float64Array,
  at: number,
): void {
  let [first, second] = [sums[at], sums[at + 1]];
  for (let i = 0; i < count; i++) {
    const value = a[i];
    first += value * b[i];
    second += value * c[i];
  }
  sums[at] = first;
  sums[at + 1] = second;
}
