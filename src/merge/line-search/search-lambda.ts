import { climb, lambdaGrid, type Candidate } from "./climb.js";
import { tensorGroups, type Lambdas, type TensorGroup } from "./scaled-model.js";

export interface MeasuredCandidate extends Candidate {
  /** The group whose λ it is; null for a common one. */
  readonly group: TensorGroup | null;
}

export interface FoundLambda {
  /** The best common λ. */
  readonly lambda: number;
  /** λ of each changed group, if they were searched; else null. */
  readonly groups: Partial<Lambdas> | null;
  /** The loss at the result. */
  readonly loss: number;
  /** In the order in which they were measured. */
  readonly candidates: readonly MeasuredCandidate[];
}

export type Loss = Pick<Candidate, "loss" | "standardError">;

/**
 * Finds the best common λ; then, on request, one pass of coordinate search over the groups, in their order, each with
 * the others fixed.
 *
 * @param maximum  the largest λ
 * @param groups   the groups that the merge changed; null for a common λ only
 * @param lossAt   the loss of base + λ · change, with a λ for each group
 */
export async function searchLambda(
  maximum: number,
  groups: readonly TensorGroup[] | null,
  lossAt: (lambdas: Lambdas) => Promise<Loss>,
): Promise<FoundLambda> {
  const grid = lambdaGrid(maximum);
  const candidates: MeasuredCandidate[] = [];
  const measure = async (lambdas: Lambdas, group: TensorGroup | null, lambda: number): Promise<Candidate> => {
    const { loss, standardError } = await lossAt(lambdas);
    candidates.push({ group, lambda, loss, standardError });
    return { lambda, loss, standardError };
  };
  const common = (lambda: number) => measure(allAt(lambda), null, lambda);
  const found = await climb(grid, await common(1), common);
  let best = found;
  let lambdas = allAt(found.lambda);
  for (const group of groups ?? []) {
    const current = lambdas;
    best = await climb(grid, { ...best, lambda: found.lambda }, (lambda) =>
      measure({ ...current, [group]: lambda }, group, lambda),
    );
    lambdas = { ...current, [group]: best.lambda };
  }
  return {
    lambda: found.lambda,
    groups: groups && Object.fromEntries(groups.map((group) => [group, lambdas[group]])),
    loss: best.loss,
    candidates,
  };
}

export function allAt(lambda: number): Lambdas {
  return Object.fromEntries(tensorGroups.map((group) => [group, lambda])) as unknown as Lambdas;
}
