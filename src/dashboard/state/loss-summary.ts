/** How many buckets a summary has at most: about two per pixel of a panel. */
const most = 256;

/** Of the losses of a run of adjacent steps: the lowest and the highest one, where they are, and their mean. */
export interface LossBucket {
  readonly low: number;
  readonly lowStep: number;
  readonly high: number;
  readonly highStep: number;
  readonly mean: number;
  /** The mean of the steps. */
  readonly step: number;
}

/**
 * The losses of a training in bounded memory: each bucket holds as many steps, a power of two that doubles when the
 * buckets are full. The lowest and the highest loss of every bucket are kept, so that no spike is lost.
 */
export interface LossSummary {
  /** Steps that were added, of finite losses. */
  readonly count: number;
  /** @param step  from 1 */
  add(step: number, loss: number): void;
  buckets(): LossBucket[];
  /** Calls with each bucket in turn; the object is the same each time. */
  forEach(visit: (bucket: LossBucket) => void): void;
  /** The lowest and the highest step; null without one. */
  readonly range: readonly [number, number] | null;
}

export function createLossSummary(): LossSummary {
  // [low, lowStep, high, highStep, sum of losses, sum of steps, count] of each bucket; grown by need.
  const fields = 7;
  let values = new Float64Array(16 * fields);
  let width = 1;
  let used = 0;
  let count = 0;
  let [first, last] = [Infinity, 0];
  const merge = () => {
    const half = Math.ceil(used / 2);
    for (let i = 0; i < half; i++) {
      const a = values.slice(2 * i * fields, (2 * i + 1) * fields);
      const b = values.subarray((2 * i + 1) * fields, (2 * i + 2) * fields);
      if (2 * i + 1 < used) combine(a, b);
      values.set(a, i * fields);
    }
    used = half;
    width *= 2;
  };
  const forEach = (visit: (bucket: LossBucket) => void) => {
    const bucket = { low: 0, lowStep: 0, high: 0, highStep: 0, mean: 0, step: 0 };
    for (let at = 0; at < used * fields; at += fields) {
      const n = values[at + 6];
      if (n === 0) continue;
      bucket.low = values[at];
      bucket.lowStep = values[at + 1];
      bucket.high = values[at + 2];
      bucket.highStep = values[at + 3];
      bucket.mean = values[at + 4] / n;
      bucket.step = values[at + 5] / n;
      visit(bucket);
    }
  };
  return {
    get count() {
      return count;
    },
    add(step, loss) {
      if (!Number.isFinite(loss)) return;
      while (Math.floor((step - 1) / width) >= most) merge();
      const index = Math.floor((step - 1) / width);
      if ((index + 1) * fields > values.length) {
        const grown = new Float64Array(Math.min(most, 2 * (index + 1)) * fields);
        grown.set(values);
        values = grown;
      }
      // Skipped steps, such as those without a finite loss, leave empty buckets.
      if (index >= used) values.fill(0, used * fields, (index + 1) * fields);
      used = Math.max(used, index + 1);
      const at = index * fields;
      const isEmpty = values[at + 6] === 0;
      if (isEmpty || loss < values[at]) {
        values[at] = loss;
        values[at + 1] = step;
      }
      if (isEmpty || loss > values[at + 2]) {
        values[at + 2] = loss;
        values[at + 3] = step;
      }
      values[at + 4] += loss;
      values[at + 5] += step;
      values[at + 6]++;
      count++;
      first = Math.min(first, step);
      last = Math.max(last, step);
    },
    get range(): readonly [number, number] | null {
      return count === 0 ? null : [first, last];
    },
    buckets() {
      const found: LossBucket[] = [];
      forEach((bucket) => found.push({ ...bucket }));
      return found;
    },
    forEach,
  };
}

/** Adds bucket b to bucket a; either may be empty. */
function combine(a: Float64Array, b: Float64Array): void {
  if (b[6] === 0) return;
  const isEmpty = a[6] === 0;
  if (isEmpty || b[0] < a[0]) [a[0], a[1]] = [b[0], b[1]];
  if (isEmpty || b[2] > a[2]) [a[2], a[3]] = [b[2], b[3]];
  a[4] += b[4];
  a[5] += b[5];
  a[6] += b[6];
}
