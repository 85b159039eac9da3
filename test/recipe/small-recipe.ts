/** Eleven lines that a test can add to. */
export const smallRecipe = `data:
  words: { synthetic: stories, documents: 100 }
tokenizer: { train: { data: words, vocabSize: 300 } }
model: { random: { layers: 8, hiddenSize: 64, attentionHeads: 4 } }
training: { data: words }
strategies:
  - vanilla
  - slerp-4
  - name: mine
    windows: [full, 0-4, 4-8, 6-8+embeddings]
    merge: { method: union, outerOptimizer: { learningRate: 0.7, momentum: 0.5 } }
`;
