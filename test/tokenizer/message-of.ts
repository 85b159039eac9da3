/** The message of the error that a call ends with. */
export function messageOf(doing: () => unknown): string {
  try {
    doing();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}
