export interface RedrawnBlock {
  /** Prints a text above the block. */
  print(text: string): void;
  /** Erases the block and shows the cursor again. Later texts are printed as they are. */
  stop(): void;
}

const everyMilliseconds = 200;
const eraseBelow = "\r\x1b[J";
const [hideCursor, showCursor] = ["\x1b[?25l", "\x1b[?25h"];

/**
 * Draws lines on a terminal again and again in the same place, without a visible cursor.
 *
 * Between two drawings the cursor is at the start of the block. So whatever a terminal does to the lines below when its
 * size changes (some wrap them, some cut them), the next drawing begins at the right place and erases the rest.
 *
 * @param lines  called for each drawing; each narrower than the terminal, at most as many as its rows
 */
export function redrawnBlock(out: NodeJS.WriteStream, lines: () => readonly string[]): RedrawnBlock {
  let stopped = false;
  const draw = () => void out.write(drawing(lines()));
  const erase = () => void out.write(eraseBelow + showCursor);
  // Ctrl-Z: the shell gets a clean line and its cursor.
  const suspend = () => {
    erase();
    process.kill(process.pid, "SIGSTOP");
  };
  const timer = setInterval(draw, everyMilliseconds);
  out.on("resize", draw);
  // Also after an exception that nobody caught, and after the second Ctrl-C, which ends the process at once.
  process.on("exit", erase).on("SIGTSTP", suspend).on("SIGCONT", draw);
  return {
    print(text) {
      out.write(stopped ? `${text}\n` : `${eraseBelow}${text}\n${drawing(lines())}`);
    },
    stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      out.off("resize", draw);
      process.off("exit", erase).off("SIGTSTP", suspend).off("SIGCONT", draw);
      erase();
    },
  };
}

/** The lines over what was there, then the cursor back to their start. */
function drawing(lines: readonly string[]): string {
  const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : "";
  return `${hideCursor}\r${lines.join("\x1b[K\n")}\x1b[J\r${up}`;
}
