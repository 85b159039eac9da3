import { expect, test } from "vitest";
import { checkedDevice } from "../../src/device/checked-device.js";
import { openScope } from "../../src/device/device-scope.js";
import type { Device } from "../../src/device/kernels.js";
import { createReferenceDevice, rawReferenceDevice } from "../../src/device/reference/reference-device.js";
import { messageOf } from "./message-of.js";

test("a device without `peek` has all checks except those of index values", () => {
  const device = checkedDevice({ ...rawReferenceDevice("f32"), peek: () => null });
  const [out, table, ids] = [device.allocate("f32", 4), device.allocate("f32", 4), device.allocate("i32", 2)];
  device.write(ids, Int32Array.of(0, 7));
  const embed = (N: number) => messageOf(() => device.kernels.embed({ out, table, ids, N, D: 2 }));
  expect(embed(2)).toBe("no error");
  expect(embed(3)).toBe(
    "DeviceError: embed ids — expected i32 with 3 elements, got i32 with 2.\n" +
      "  The caller of this kernel passed a wrong size or buffer.",
  );
});

test("a scope frees the buffers allocated through it and its inner scopes, and no others", async () => {
  const device = createReferenceDevice("f32");
  const outside = device.allocate("f32", 1);
  const scope = openScope(device);
  const inner = openScope(scope.device);
  const kept = scope.device.allocate("f32", 1);
  const [first, second] = [inner.device.allocate("f32", 1), inner.device.allocateScratch(".", 1)];
  inner.device.free(first);
  inner.close();
  const use = (buffer: Parameters<Device["free"]>[0]) => messageOf(() => device.kernels.fill({ buffer, value: 1 }));
  expect([first, second].map(use).every((message) => message.includes("one that was freed"))).toBe(true);
  expect(use(kept)).toBe("no error");
  scope.close();
  scope.close();
  expect(use(kept)).toContain("one that was freed");
  expect(use(outside)).toBe("no error");
});
