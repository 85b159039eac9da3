/**
 * Decodes the tokens of one text incrementally. `push` may hold text back until a later call; the concatenated results
 * are the text.
 */
export interface TokenDecoder {
  push(token: string): string;
  end(): string;
}

/** Starts decoding one text. */
export type Decoder = () => TokenDecoder;

/** One step of a decoder. The texts that it returns are the tokens of the next step. */
export interface DecoderStep {
  push(token: string): readonly string[];
  end(): readonly string[];
}

export function chainSteps(steps: readonly DecoderStep[]): TokenDecoder {
  const through = (tokens: readonly string[], from: number): readonly string[] =>
    steps.slice(from).reduce((texts, step) => texts.flatMap((text) => step.push(text)), tokens);
  return {
    push: (token) => through([token], 0).join(""),
    end: () => steps.map((step, i) => through(step.end(), i + 1).join("")).join(""),
  };
}
