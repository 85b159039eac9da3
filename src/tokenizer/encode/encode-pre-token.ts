/** The model: encodes one pre-token, independently of the text around it. */
export type EncodePreToken = (preToken: string) => Int32Array;
