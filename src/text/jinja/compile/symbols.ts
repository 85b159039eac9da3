import { unsupported } from "../template-error.js";

/** How a variable of a frame gets its first value. */
export type Load =
  | { readonly from: "parameter" }
  | { readonly from: "context"; readonly name: string }
  | { readonly from: "outer"; readonly variable: string }
  | { readonly from: "nothing" };

/**
 * The variables of one frame, as Jinja resolves them before a template runs: a name that is assigned anywhere in a
 * frame is a variable of this frame from its start, with the value of the outer variable, or without a value.
 */
export class Symbols {
  readonly level: number;
  readonly parent: Symbols | null;
  /** The variable of each name. */
  readonly variables: Map<string, string>;
  readonly loads: Map<string, Load>;
  readonly stores: Set<string>;

  constructor(parent: Symbols | null, level = parent === null ? 0 : parent.level + 1, copied?: Symbols) {
    this.parent = parent;
    this.level = level;
    this.variables = new Map(copied?.variables);
    this.loads = new Map(copied?.loads);
    this.stores = new Set(copied?.stores);
  }

  copy(): Symbols {
    return new Symbols(this.parent, this.level, this);
  }

  find(name: string): string | null {
    return this.variables.get(name) ?? this.parent?.find(name) ?? null;
  }

  /** @throws TemplateError where Jinja has overlooked a name, such as in the filter of a set block */
  variableOf(name: string): string {
    const variable = this.find(name);
    if (variable === null) throw unsupported(`the variable "${name}" in this place`);
    return variable;
  }

  #define(name: string, load: Load): void {
    const variable = `${this.level} ${name}`;
    this.variables.set(name, variable);
    this.loads.set(variable, load);
  }

  load(name: string): void {
    if (this.find(name) === null) this.#define(name, { from: "context", name });
  }

  store(name: string): void {
    this.stores.add(name);
    if (this.variables.has(name)) return;
    const outer = this.parent?.find(name) ?? null;
    this.#define(name, outer === null ? { from: "nothing" } : { from: "outer", variable: outer });
  }

  parameter(name: string): void {
    this.stores.add(name);
    this.#define(name, { from: "parameter" });
  }

  /** Merges the branches of an `if`: what only some of them assign has its outer value in the others. */
  mergeBranches(branches: readonly Symbols[]): void {
    const stored = new Set(branches.flatMap(({ stores }) => [...stores]).filter((name) => !this.stores.has(name)));
    for (const branch of branches) {
      for (const [name, variable] of branch.variables) this.variables.set(name, variable);
      for (const [variable, load] of branch.loads) this.loads.set(variable, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of stored) {
      const outer = this.parent?.find(name) ?? null;
      this.loads.set(
        this.variableOf(name),
        outer === null ? { from: "context", name } : { from: "outer", variable: outer },
      );
    }
  }

  /** The variables that this frame and those around it assign, by name. */
  stored(): Map<string, string> {
    const found = this.parent?.stored() ?? new Map<string, string>();
    for (const name of this.stores) found.set(name, this.variableOf(name));
    return found;
  }
}
