import { bool, f32s, i32s, string, strings, u32, type Metadata } from "./metadata.js";
import { listTokens, tokenTypes, type TokenList } from "./token-list.js";
import { unwritable, type Section, type TokenizerJson } from "./tokenizer-json.js";

/**
 * SentencePiece BPE, as in Llama 2: pieces with ▁ for a space, and byte-fallback tokens. llama.cpp merges the pair that
 * gives the piece with the highest score first; scores are derived from merge ranks.
 *
 * @throws StrataError if the merges of a piece are not consecutive, since no scores give their order
 */
export function sentencePieceTokens(file: TokenizerJson, vocabSize: number): { list: TokenList; metadata: Metadata } {
  const list = listTokens(file, vocabSize, (token) =>
    /^<0x[0-9A-F]{2}>$/.test(token) ? tokenTypes.byte : tokenTypes.normal,
  );
  const ranks = rankPieces(file);
  const scores = list.texts.map((text) => 0 - (ranks.get(text) ?? 0));
  const unknownId = list.types.indexOf(tokenTypes.unknown);
  return {
    list,
    metadata: [
      ["tokenizer.ggml.model", string("llama")],
      ["tokenizer.ggml.pre", string("default")],
      ["tokenizer.ggml.tokens", strings(list.texts)],
      ["tokenizer.ggml.scores", f32s(scores)],
      ["tokenizer.ggml.token_type", i32s(list.types)],
      ["tokenizer.ggml.add_space_prefix", bool(addsSpacePrefix(file))],
      ...(unknownId < 0 ? [] : ([["tokenizer.ggml.unknown_token_id", u32(unknownId)]] as const)),
    ],
  };
}

/** The rank of each merged piece, from 0. */
function rankPieces({ path, merges, vocabulary, addedTokens }: TokenizerJson): Map<string, number> {
  const ranks = new Map<string, number>();
  let last: string | null = null;
  for (const [left, right] of merges) {
    const piece = left + right;
    if (piece === last) continue;
    if (ranks.has(piece))
      throw unwritable(
        `${path} model.merges`,
        "consecutive merges for each piece",
        `other merges between those of ${piece}`,
      );
    ranks.set(piece, ranks.size);
    last = piece;
  }
  const added = new Set(addedTokens.map(({ content }) => content));
  for (const piece of vocabulary.keys()) {
    const isMerged = ranks.has(piece) || [...piece].length === 1 || added.has(piece) || /^<0x[0-9A-F]{2}>$/.test(piece);
    if (!isMerged)
      throw unwritable(`${path} model.merges`, "a merge for each piece with several characters", `none for ${piece}`);
  }
  return ranks;
}

/** Whether a space is added before a text. */
function addsSpacePrefix({ path, normalizers, preTokenizers }: TokenizerJson): boolean {
  const described = JSON.stringify([...normalizers, ...preTokenizers].map(describe));
  const replace = 'Replace " " by ▁';
  const supported: readonly (readonly [parts: readonly string[], adds: boolean])[] = [
    [["Prepend ▁", replace], true],
    [[replace], false],
    [["Metaspace always"], true],
    [["Metaspace first"], true],
    [["Metaspace never"], false],
  ];
  const found = supported.find(([parts]) => JSON.stringify(parts) === described);
  if (found) return found[1];
  throw unwritable(`${path} normalizer and pre_tokenizer`, "only spaces replaced by ▁", described);
}

function describe(part: Section): string {
  const { String: from } = (part.pattern ?? {}) as { readonly String?: string };
  if (part.type === "Prepend") return `Prepend ${String(part.prepend)}`;
  if (part.type === "Replace") return `Replace ${JSON.stringify(from)} by ${String(part.content)}`;
  if (part.type === "Metaspace" && part.replacement === "▁" && part.split === false)
    return `Metaspace ${String(part.prepend_scheme)}`;
  return JSON.stringify(part);
}
