import type { AddedToken, Vocabulary } from "../inputs/read-vocabulary.js";

/** A tokenizer's vocabulary and the tokens that are new in it. */
export interface MergedVocabulary {
  readonly ids: ReadonlyMap<string, number>;
  /** With the added tokens of the tokenizer itself. */
  readonly added: readonly AddedToken[];
  readonly hasNewTokens: boolean;
}

/**
 * A vocabulary with the tokens of others: first those of their models, then their added tokens, each in the order of
 * the
 * others and of ids. All become added tokens.
 *
 * @param others  each with the number of ids that its model has rows for
 */
export function unionOf(
  base: Vocabulary,
  others: readonly { readonly vocabulary: Vocabulary; readonly size: number }[],
): MergedVocabulary {
  const plain = new Set<string>();
  const special = new Map<string, AddedToken>();
  for (const { vocabulary, size } of others) {
    for (const token of vocabulary.added)
      if (token.id < size && !special.has(token.content)) special.set(token.content, token);
    for (const [token, id] of vocabulary.ids) if (id < size) plain.add(token);
  }
  const news = [...plain].filter((token) => !special.has(token)).map((content) => describeToken(content));
  return withTokens(base, [...news, ...special.values()]);
}

function describeToken(content: string): AddedToken {
  return { id: -1, content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: false };
}

/** A vocabulary with tokens of these texts, which are added if they are not there. */
export function withTexts(base: Vocabulary, texts: Iterable<string>): MergedVocabulary {
  return withTokens(base, [...texts].map(describeToken));
}

function withTokens(base: Vocabulary, tokens: readonly AddedToken[]): MergedVocabulary {
  const ids = new Map(base.ids);
  const added = [...base.added];
  let next = sizeOf(base.ids);
  for (const token of tokens) {
    if (ids.has(token.content)) continue;
    ids.set(token.content, next);
    added.push({ ...token, id: next });
    next++;
  }
  return { ids, added, hasNewTokens: added.length > base.added.length };
}

/** One more than the highest id. */
export function sizeOf(ids: ReadonlyMap<string, number>): number {
  let size = 0;
  for (const id of ids.values()) size = Math.max(size, id + 1);
  return size;
}
