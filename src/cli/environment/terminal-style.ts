type Environment = Readonly<Record<string, string | undefined>>;

/** What a terminal can show. */
export interface TerminalStyle {
  /** Whether the cursor can move, so that lines can be drawn again; false for files, pipes and TERM=dumb. */
  readonly redraws: boolean;
  /** Whether the locale has block characters (UTF-8). */
  readonly unicode: boolean;
  readonly colour: boolean;
}

/** From the stream, the locale (LC_ALL, LC_CTYPE, LANG), TERM and NO_COLOR (https://no-color.org). */
export function terminalStyle(out: NodeJS.WriteStream, environment: Environment): TerminalStyle {
  const redraws = out.isTTY === true && environment.TERM !== "dumb";
  // Node takes an empty NO_COLOR for one that is set.
  const { NO_COLOR: noColour, ...others } = environment;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return {
    redraws,
    unicode: environment.TERM !== "dumb" && /utf-?8/i.test(locale),
    colour: redraws && !noColour && out.hasColors(others),
  };
}
