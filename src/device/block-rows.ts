/** The most rows of a block of `orthogonalize`: more are faster as products of whole matrices. */
export const maxBlockRows = 64;
