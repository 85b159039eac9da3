export interface Lab {
  readonly folder: string;
}

export interface Trial {
  /** Faults that were delivered. */
  readonly hits: number;
  readonly outcome: "survived" | "named" | "lost";
  readonly detail: string;
}

export interface Random {
  integer(below: number): number;
}

export const shortTrials: readonly {
  readonly name: string;
  /** Why it cannot be tried here. */
  readonly reason: string | null;
  readonly run: (lab: Lab, random: Random) => Promise<Trial>;
}[];

/** @param parent  where the folder of the lab is created */
export function openShortLab(parent: string): Promise<Lab>;
export function closeLab(lab: Lab): Promise<void>;
export function createRandom(...parts: readonly (string | number)[]): Random;
