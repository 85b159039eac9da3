import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/model/config/model-config.js";
import { inverseFrequencies } from "../../src/model/layers/rope-table.js";
import { StrataError } from "../../src/errors/strata-error.js";

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  /** As transformers resolves it; null if it refuses the configuration. */
  readonly type: string | null;
  /** Null if transformers refuses the configuration, or its frequencies do not fit the heads or are not finite. */
  readonly frequencies: readonly number[] | null;
}

/** Made by test/golden/make-rope-configs.py. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/rope-configs.json"), "utf8")) as {
  readonly sizes: object;
  readonly cases: readonly Case[];
};

const read = ({ config }: Case) => {
  try {
    const sizes = { vocab_size: 40, intermediate_size: 24, ...golden.sizes };
    return inverseFrequencies(parseConfig({ ...sizes, ...config }, "config.json"));
  } catch (error) {
    expect(error).toBeInstanceOf(StrataError);
    return String(error);
  }
};

/** What Strata refuses although some classes of transformers ignore it. */
const refused = /"partial_rotary_factor":0.5|"full_attention":/;

const isSupported = ({ config, type, frequencies }: Case) =>
  frequencies !== null &&
  ["default", "linear", "llama3"].includes(String(type)) &&
  !refused.test(JSON.stringify(config));

describe("250 mixtures of the RoPE members of config.json", () => {
  test("that transformers reads with a type that Strata supports are read", () => {
    const cases = golden.cases.filter(isSupported);
    expect(cases.length).toBeGreaterThan(120);
    for (const given of cases) {
      const got = read(given);
      expect(typeof got === "string" ? got : "read", JSON.stringify(given)).toBe("read");
    }
  });

  test("have the frequencies of transformers, or are refused by the name of a member", () => {
    const counts = { read: 0, refused: 0 };
    for (const given of golden.cases) {
      const got = read(given);
      if (typeof got === "string") {
        counts.refused++;
        expect(got, JSON.stringify(given)).toMatch(
          /^ModelError: config\.json (rope_theta|rope_scaling|rope_parameters|original_max_|partial_rotary_factor)/,
        );
        continue;
      }
      counts.read++;
      expect(given.frequencies, JSON.stringify(given)).not.toBe(null);
      given.frequencies!.forEach((value, i) =>
        expect(Math.abs(got[i] - value) / value, JSON.stringify(given)).toBeLessThan(2e-7),
      );
    }
    expect(counts.read).toBeGreaterThan(120);
    expect(counts.refused).toBeGreaterThan(60);
  });
});
