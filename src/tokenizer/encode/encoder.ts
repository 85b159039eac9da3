import type { IdList } from "./id-list.js";
import { createPreTokenCache } from "./pre-token-cache.js";
import type { TokenizerFile } from "../format/tokenizer-file.js";

/** Longer pre-tokens, in UTF-16 units, are rare and seldom repeat. */
const longestCached = 48;

/** Encodes text without added tokens and appends its ids to `ids`. Caches the ids of pre-tokens. */
export function createEncoder({
  preTokenize,
  scanPreToken,
  encodePreToken,
}: Pick<TokenizerFile, "preTokenize" | "scanPreToken" | "encodePreToken">): (
  text: string,
  isStart: boolean,
  ids: IdList,
) => void {
  const cache = createPreTokenCache();
  const encode = (text: string, start: number, end: number, ids: IdList): void => {
    if (end - start > longestCached) {
      ids.append(encodePreToken(text.slice(start, end)));
      return;
    }
    const entry = cache.find(text, start, end);
    cache.append(entry < 0 ? cache.add(text, start, end, encodePreToken(text.slice(start, end))) : entry, ids);
  };
  if (scanPreToken === null) {
    return (text, isStart, ids) => {
      for (const preToken of preTokenize(text, isStart)) encode(preToken, 0, preToken.length, ids);
    };
  }
  return (text, _isStart, ids) => {
    for (let start = 0, end = 0; start < text.length; start = end) {
      end = scanPreToken(text, start);
      encode(text, start, end, ids);
    }
  };
}
