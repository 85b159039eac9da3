/** Eleven lines that a test can add to. */
export const smallRecipe = `data:
  words: { generate: stories, documents: 100 }
tokenizer: { train: { data: words, vocabularySize: 300 } }
model: { random: { layers: 8, width: 64, queryHeads: 4 } }
training: { data: words }
strategies:
  - vanilla
  - slerp-4
  - name: mine
    windows: [full, 0-4, 4-8, 6-8+outer]
    merge: { method: union, outer: { learningRate: 0.7, momentum: 0.5 } }
`;
