/** The ids of a piece of text that is encoded without regard to what stands around it. */
export type EncodePiece = (piece: string) => Int32Array;
