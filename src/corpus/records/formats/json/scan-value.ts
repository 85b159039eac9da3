const [quote, backslash, comma, colon] = [34, 92, 44, 58];
const [openList, closeList, openObject, closeObject] = [91, 93, 123, 125];

/** Results of `scan` that are not a position. */
export const incomplete = -1;
export const invalid = -2;

/** Finds the end of one JSON value in a stream of bytes. */
export interface ValueScanner {
  /**
   * Continues with the bytes from `from`. Strings and the order of tokens are checked, so that a truncated value does
   * not extend over the values after it.
   *
   * @returns the position after the list or object, `incomplete` or `invalid`
   */
  scan(bytes: Uint8Array, from: number): number;
  /** The position of the byte that is invalid; at the end of the stream, that of the end. */
  stoppedAt(): number;
}

/** What must come next. */
type Expected = "value" | "valueOrClose" | "key" | "keyOrClose" | "colon" | "commaOrClose";

const literal = /^(?:true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const maxLiteral = 4096;

/** Scans a list or an object. */
export function createValueScanner(): ValueScanner {
  const stack: number[] = [];
  let expected: Expected = "value";
  let [inString, isEscaped] = [false, false];
  let word = "";
  let stopped = 0;
  /** Whether the token is allowed here. */
  const take = (byte: number): boolean => {
    const isClose = byte === closeList || byte === closeObject;
    if (isClose) {
      const fits = stack.pop() === (byte === closeList ? openList : openObject);
      const allowed = byte === closeList ? "valueOrClose" : "keyOrClose";
      const isAllowed = fits && (expected === "commaOrClose" || expected === allowed);
      expected = "commaOrClose";
      return isAllowed;
    }
    if (byte === comma) {
      const isAllowed = expected === "commaOrClose";
      expected = stack[stack.length - 1] === openObject ? "key" : "value";
      return isAllowed;
    }
    if (byte === colon) {
      const isAllowed = expected === "colon";
      expected = "value";
      return isAllowed;
    }
    if (byte === quote) {
      const isKey = expected === "key" || expected === "keyOrClose";
      const isAllowed = isKey || expected === "value" || expected === "valueOrClose";
      [inString, expected] = [true, isKey ? "colon" : "commaOrClose"];
      return isAllowed;
    }
    const isAllowed = expected === "value" || expected === "valueOrClose";
    stack.push(byte);
    expected = byte === openList ? "valueOrClose" : "keyOrClose";
    return isAllowed;
  };
  const endWord = (): boolean => {
    if (word === "") return true;
    const isAllowed = (expected === "value" || expected === "valueOrClose") && literal.test(word);
    [word, expected] = ["", "commaOrClose"];
    return isAllowed;
  };
  const scan = (bytes: Uint8Array, from: number): number => {
    for (let i = from; i < bytes.length; i++) {
      stopped = i;
      const byte = bytes[i];
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inString = false;
        if (byte < 32) return invalid;
        continue;
      }
      if (isWordByte(byte)) {
        if (word.length > maxLiteral) return invalid;
        word += String.fromCharCode(byte);
        continue;
      }
      if (!endWord()) return invalid;
      if (byte === 32 || byte === 9 || byte === 10 || byte === 13) continue;
      if (!isToken(byte) || !take(byte)) return invalid;
      if (stack.length === 0) return i + 1;
    }
    stopped = bytes.length;
    return incomplete;
  };
  return { scan, stoppedAt: () => stopped };
}

function isToken(byte: number): boolean {
  return (
    byte === quote ||
    byte === comma ||
    byte === colon ||
    byte === openList ||
    byte === closeList ||
    byte === openObject ||
    byte === closeObject
  );
}

/** Bytes of numbers and of words such as `true`. */
function isWordByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 65 && byte <= 90) ||
    byte === 43 ||
    byte === 45 ||
    byte === 46
  );
}
