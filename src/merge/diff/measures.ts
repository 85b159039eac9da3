/** Sums over elements of two tensors, in f64; elements of which one is NaN or infinite are left out and counted. */
export interface DifferenceSums {
  readonly elements: number;
  /** Elements with different values. */
  readonly changed: number;
  readonly notFinite: number;
  /** Σ a², Σ a·b, Σ b², Σ (b − a)² */
  readonly aa: number;
  readonly ab: number;
  readonly bb: number;
  readonly dd: number;
  /** max |b − a| */
  readonly largest: number;
}

/** What the difference of two tensors, or of several as one vector, amounts to. */
export interface Measures {
  readonly elements: number;
  readonly changedElements: number;
  /** Elements that are NaN or infinite in A or B; the other numbers leave them out. */
  readonly notFinite: number;
  readonly normA: number;
  readonly normB: number;
  /** ‖B − A‖ */
  readonly change: number;
  /** ‖B − A‖ / ‖A‖; null if ‖A‖ is 0. */
  readonly relativeChange: number | null;
  /** Of A and B; null if one is 0. */
  readonly cosine: number | null;
  /** max |B − A| */
  readonly largestChange: number;
}

export const noSums: DifferenceSums = {
  elements: 0,
  changed: 0,
  notFinite: 0,
  aa: 0,
  ab: 0,
  bb: 0,
  dd: 0,
  largest: 0,
};

export function addSums(x: DifferenceSums, y: DifferenceSums): DifferenceSums {
  return {
    elements: x.elements + y.elements,
    changed: x.changed + y.changed,
    notFinite: x.notFinite + y.notFinite,
    aa: x.aa + y.aa,
    ab: x.ab + y.ab,
    bb: x.bb + y.bb,
    dd: x.dd + y.dd,
    largest: Math.max(x.largest, y.largest),
  };
}

export function measuresOf({ elements, changed, notFinite, aa, ab, bb, dd, largest }: DifferenceSums): Measures {
  const cosine = ab / (Math.sqrt(aa) * Math.sqrt(bb));
  return {
    elements,
    changedElements: changed,
    notFinite,
    normA: Math.sqrt(aa),
    normB: Math.sqrt(bb),
    change: Math.sqrt(dd),
    relativeChange: aa === 0 ? null : Math.sqrt(dd / aa),
    cosine: aa === 0 || bb === 0 ? null : Math.min(1, Math.max(-1, cosine)),
    largestChange: largest,
  };
}
