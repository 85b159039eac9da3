/**
 * The results that the paper prints in its figures 3, 5, 6 and 7: a model with 16 layers, four parts, one
 * round. Çelik, Arıcı, Kesgin: "Accelerated Large Language Model Pre-Training".
 */
export interface PaperExperiment {
  readonly title: string;
  /** The two scores, whose preserved improvement is printed. */
  readonly scores: readonly [string, string];
  readonly vanillaMinutes: number;
  /** By strategy: preserved improvement of the two scores in percent, duration in minutes. */
  readonly rows: Readonly<Record<PaperStrategy, readonly [number, number, number]>>;
}

export const paperStrategies = [
  "slerp-1",
  "slerp-2",
  "slerp-3",
  "slerp-4",
  "slerp-5",
  "slerp-6",
  "slerp-7",
  "slerp-8",
  "slerp-9",
] as const;
export type PaperStrategy = (typeof paperStrategies)[number];

export function isPaperStrategy(name: string): name is PaperStrategy {
  return (paperStrategies as readonly string[]).includes(name);
}

export const paperExperiments: readonly PaperExperiment[] = [
  {
    title: "Cosmopedia",
    scores: ["small loss", "large loss"],
    vanillaMinutes: 196,
    rows: {
      "slerp-1": [47.8, 54.4, 37.5],
      "slerp-2": [49.5, 58, 42],
      "slerp-3": [48.2, 55.9, 39],
      "slerp-4": [48.7, 70.9, 49.5],
      "slerp-5": [49.1, 55.2, 42],
      "slerp-6": [50.6, 62, 49.5],
      "slerp-7": [49.5, 59.6, 45],
      "slerp-8": [50.3, 59, 45],
      "slerp-9": [50.5, 59.2, 45],
    },
  },
  {
    title: "Cosmopedia, random weights",
    scores: ["small loss", "large loss"],
    vanillaMinutes: 44,
    rows: {
      "slerp-1": [8, 6.1, 9],
      "slerp-2": [14.3, 1.8, 9.75],
      "slerp-3": [1.3, 15.8, 9.5],
      "slerp-4": [20.1, 31.8, 11],
      "slerp-5": [4.9, 16.5, 9.75],
      "slerp-6": [19.9, 1.3, 11],
      "slerp-7": [16.7, 12.3, 10.5],
      "slerp-8": [7.4, 9.4, 10.5],
      "slerp-9": [10.4, -2.1, 10.5],
    },
  },
  {
    title: "GSM8K",
    scores: ["flexible", "strict"],
    vanillaMinutes: 5,
    rows: {
      "slerp-1": [28.5, 27.4, 1],
      "slerp-2": [29.1, 29.4, 1.25],
      "slerp-3": [36.2, 36.5, 1.17],
      "slerp-4": [60.6, 61.4, 1.42],
      "slerp-5": [30.6, 30.8, 1.25],
      "slerp-6": [27.8, 31.8, 1.42],
      "slerp-7": [34.8, 34.6, 1.33],
      "slerp-8": [46.9, 47.7, 1.33],
      "slerp-9": [7.8, 12.4, 1.33],
    },
  },
  {
    title: "MetaMathQA",
    scores: ["flexible", "strict"],
    vanillaMinutes: 301.5,
    rows: {
      "slerp-1": [18.5, 30.5, 56],
      "slerp-2": [48.1, 62, 62],
      "slerp-3": [37.5, 45, 59],
      "slerp-4": [80.6, 89.7, 74.5],
      "slerp-5": [18.8, 35.1, 62],
      "slerp-6": [41.7, 53.7, 74.5],
      "slerp-7": [60, 64, 68],
      "slerp-8": [58.4, 62.7, 68],
      "slerp-9": [20.5, 23.9, 68],
    },
  },
];

/** Preserved improvement of both scores, then the share of vanilla's duration. */
export function paperShares(
  { rows, vanillaMinutes }: PaperExperiment,
  name: PaperStrategy,
): readonly [number, number, number] {
  const [first, second, minutes] = rows[name];
  return [first / 100, second / 100, minutes / vanillaMinutes];
}
