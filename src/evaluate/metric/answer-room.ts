/**
 * The largest number of tokens of an answer. Prompt and answer share the positions of the model: if `maxTokens` would
 * leave none for the prompt, the answer gets half of them.
 */
export function answerRoom(maxTokens: number, maxPositions: number): number {
  return maxTokens < maxPositions ? maxTokens : Math.floor(maxPositions / 2);
}
