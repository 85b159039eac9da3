/** How the program ends; `usage`: wrong arguments or recipe, `interrupted`: the same command resumes. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
