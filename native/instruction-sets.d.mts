export interface InstructionSet {
  readonly name: string;
  readonly arch: string | null;
  readonly width: number;
  readonly flags: readonly string[];
  readonly needs: readonly string[];
  readonly multipliesBf16: boolean;
}
export function setsOf(arch: string): readonly InstructionSet[];
export function setsDefinition(arch: string): string;
