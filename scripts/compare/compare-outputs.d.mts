export interface JobOutputs {
  readonly title: string;
  readonly outputs: Readonly<Record<string, { readonly sha256: string; readonly json?: string }>>;
}
export function compareOutputs(
  before: readonly JobOutputs[],
  after: readonly JobOutputs[],
): { equal: number; lines: string[]; onlyRenamed: boolean };
export function renamedKeys(before: string, after: string): string[] | null;
