import { PythonSet } from "./python-set.js";

/** A tensor that is read for an output tensor. */
export interface Load {
  readonly model: string;
  /** The name that the output tensor asks for. */
  readonly wanted: string;
  /** The name in the file: another one for a head that is tied to the embedding. */
  readonly stored: string;
}

/** An output tensor and what it is made of. */
export interface TensorLoads {
  /** In the order of the configuration. */
  readonly loads: readonly Load[];
  /** Whether its rows follow a new vocabulary. */
  readonly isReindexed: boolean;
}

/**
 * The order in which mergekit merges tensors, and in which they consume random numbers: that of the names that are
 * read. Where several tensors read the same one, as when a layer is repeated or a head is tied, the order is that of
 * its graph of tasks, which sorts equal names by the order in which a hash table of Python 3.11 gives tasks back.
 *
 * @param tensors  in the order in which mergekit plans them: before the layers, layers, after the layers
 */
export function mergeOrder<Tensor extends TensorLoads>(tensors: readonly Tensor[]): readonly Tensor[] {
  const graph = taskGraph(tensors);
  const ranks = exploredRanks(graph);
  const rankOf = (task: number) => ranks.get(task) ?? 0;
  const gathers = tensors.map((tensor, i) => ({ tensor, task: graph.gathers[i], missing: 0 }));
  const users = new Map<number, typeof gathers>();
  for (const gather of gathers) {
    for (const load of new Set(graph.needs[gather.task])) {
      users.set(load, [...(users.get(load) ?? []), gather]);
      gather.missing++;
    }
  }
  const loads = [...graph.loads].sort((a, b) => compare(a.stored, b.stored) || rankOf(a.task) - rankOf(b.task));
  return loads.flatMap(({ task }) => {
    const waiting = users.get(task) ?? [];
    for (const gather of waiting) gather.missing--;
    const ready = waiting.filter(({ missing }) => missing === 0).sort((a, b) => rankOf(a.task) - rankOf(b.task));
    return ready.map(({ tensor }) => tensor);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface TaskGraph {
  /** Of each task, by its number: the tasks that it needs. */
  readonly needs: readonly (readonly number[])[];
  /** Tasks that are to be done, in their order. */
  readonly targets: readonly number[];
  /** Of each tensor: the task that waits for what it reads. */
  readonly gathers: readonly number[];
  readonly loads: readonly { readonly task: number; readonly stored: string }[];
}

/** mergekit's tasks with their numbers: each is numbered before those that it needs, equal ones once. */
function taskGraph(tensors: readonly TensorLoads[]): TaskGraph {
  const needs: number[][] = [];
  const known = new Map<string, number>();
  const loads: { readonly task: number; readonly stored: string }[] = [];
  const add = (needed: () => readonly number[] = () => []): number => {
    const own: number[] = [];
    const task = needs.push(own) - 1;
    own.push(...needed());
    return task;
  };
  const once = (key: string): number => {
    const task = known.get(key) ?? add();
    known.set(key, task);
    return task;
  };
  const gathers: number[] = [];
  const loadOf = ({ model, wanted, stored }: Load): number => {
    const count = needs.length;
    const task = once(JSON.stringify([model, wanted]));
    if (task === count) loads.push({ task, stored });
    return task;
  };
  const gather = ({ loads: own }: TensorLoads): number => {
    const task = add(() => own.map(loadOf));
    gathers.push(task);
    return task;
  };
  const merge = (tensor: TensorLoads): number => {
    const inputs = () => (tensor.isReindexed ? add(() => [once("tokenizer"), gather(tensor)]) : gather(tensor));
    return add(() => [inputs()]);
  };
  const saves = tensors.map((tensor) => add(() => [once("writer"), merge(tensor)]));
  const finish = add(() => [once("writer"), ...saves]);
  const tokenizer = known.get("tokenizer");
  return { needs, targets: [...saves, finish, ...(tokenizer === undefined ? [] : [tokenizer])], gathers, loads };
}

/** The rank of each task: the order in which the graph first names it, as a dependency or as one that has some. */
function exploredRanks({ needs, targets }: TaskGraph): ReadonlyMap<number, number> {
  const ranks = new Map<number, number>();
  const rank = (task: number) => void (ranks.has(task) || ranks.set(task, ranks.size));
  const toExplore = new PythonSet();
  for (const target of targets) toExplore.add(target);
  const explored = new Set<number>();
  while (toExplore.size > 0) {
    const task = toExplore.pop();
    if (explored.has(task)) continue;
    explored.add(task);
    for (const needed of needs[task]) {
      toExplore.add(needed);
      rank(needed);
      rank(task);
    }
  }
  return ranks;
}
