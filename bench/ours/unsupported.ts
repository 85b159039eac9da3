/** A mode that this version does not have: it is left out of the comparison. */
export class Unsupported extends Error {}
