/** Flags of the WebGPU specification, which Node has no globals for. */
export const bufferUsage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
export const computeStage = 4;
export const mapForReading = 1;
