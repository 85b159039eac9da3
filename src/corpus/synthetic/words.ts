/** A person in stories and problems. */
export interface Person {
  readonly name: string;
  readonly he: "he" | "she";
  readonly him: "him" | "her";
  readonly his: "his" | "her";
}

const boys = ["Tom", "Ben", "Sam", "Max", "Leo", "Jack", "Tim", "Dan"];
const girls = ["Anna", "Mia", "Lily", "Eva", "Zoe", "Nora", "Sue", "Amy"];

export const people: readonly Person[] = [
  ...boys.map((name) => ({ name, he: "he", him: "him", his: "his" }) as const),
  ...girls.map((name) => ({ name, he: "she", him: "her", his: "her" }) as const),
];

/** Things that people own. */
export const things = [
  "books",
  "coins",
  "pens",
  "cards",
  "shells",
  "stones",
  "balls",
  "keys",
  "stars",
  "boxes",
] as const;

/** Things that people eat. */
export const foods = ["apples", "eggs", "cakes", "nuts", "pears", "plums"] as const;

export interface Animal {
  readonly one: string;
  readonly many: string;
}

export const animals: readonly Animal[] = [
  ...["dog", "cat", "bird", "duck", "horse", "cow", "goat", "frog", "bear", "hen"].map((one) => ({
    one,
    many: `${one}s`,
  })),
  { one: "fox", many: "foxes" },
  { one: "mouse", many: "mice" },
];

export const places = [
  "park",
  "forest",
  "garden",
  "market",
  "school",
  "barn",
  "field",
  "house",
  "yard",
  "town",
] as const;

/** Capitalizes the first character. */
export function sentence(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
