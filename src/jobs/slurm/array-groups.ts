import { dependenciesOf, inOrder, type Job } from "../job.js";

/** Jobs that one array executes. */
export interface ArrayGroup {
  readonly jobs: readonly Job[];
  /** Ids of open jobs that must be done first; those that follow from others are left out. */
  readonly after: readonly string[];
}

/**
 * Groups jobs of the same kind that wait for the same jobs, such as the parts of a round: an array has one dependency.
 *
 * @param jobs      to submit
 * @param all       the jobs that may wait for each other
 * @param isOpen    whether a job is not done
 * @param sameAs    further property that must be equal in a group, such as the memory it asks for
 * @param maxTasks  of an array
 * @returns groups in an order in which each follows those that it waits for
 */
export function arrayGroups(
  jobs: readonly Job[],
  all: ReadonlyMap<string, Job>,
  isOpen: (id: string) => boolean,
  sameAs: (job: Job) => string,
  maxTasks: number,
): ArrayGroup[] {
  const ancestors = openAncestors(all, isOpen);
  const groups = new Map<string, { readonly jobs: Job[]; readonly after: readonly string[] }>();
  for (const job of inOrder(jobs)) {
    const direct = dependenciesOf(job).filter(isOpen);
    const after = direct.filter((id) => !direct.some((other) => other !== id && ancestors(other).has(id))).sort();
    const key = JSON.stringify([job.kind, after, sameAs(job)]);
    const group = groups.get(key) ?? { jobs: [], after };
    group.jobs.push(job);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => split(group, maxTasks));
}

function openAncestors(all: ReadonlyMap<string, Job>, isOpen: (id: string) => boolean) {
  const known = new Map<string, ReadonlySet<string>>();
  const ancestors = (id: string): ReadonlySet<string> => {
    const found = known.get(id);
    if (found) return found;
    const job = all.get(id);
    const direct = job === undefined ? [] : dependenciesOf(job).filter(isOpen);
    const set = new Set(direct.flatMap((one) => [one, ...ancestors(one)]));
    known.set(id, set);
    return set;
  };
  return ancestors;
}

function split({ jobs, after }: ArrayGroup, maxTasks: number): ArrayGroup[] {
  const count = Math.ceil(jobs.length / maxTasks);
  return Array.from({ length: count }, (_, i) => ({ jobs: jobs.slice(i * maxTasks, (i + 1) * maxTasks), after }));
}
