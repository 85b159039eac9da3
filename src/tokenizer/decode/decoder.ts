/**
 * Turns the tokens of one text into text, one token at a time. What comes out at once, or at the end, depends on the kind;
 * all of it together is the text.
 */
export interface TokenDecoder {
  push(token: string): string;
  end(): string;
}

/** Starts the decoding of one text. */
export type Decoder = () => TokenDecoder;

/** One step of it. It gives texts that are tokens to the next step. */
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
