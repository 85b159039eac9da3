/** Which graphics adapter the webgpu device uses. */
export interface AdapterChoice {
  /** Part of its name; a software adapter is used only if it is named. Null: the fastest GPU. */
  readonly name: string | null;
  /** Reasons why this machine may have no adapter, to be shown if it has none. */
  readonly hints: readonly string[];
}

let choice: AdapterChoice = { name: null, hints: [] };

export const adapterChoice = (): AdapterChoice => choice;

export function setAdapterChoice(given: AdapterChoice): void {
  choice = given;
}
