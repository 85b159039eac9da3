import { findAdapter } from "#strata/device/webgpu/adapter/find-adapter.js";
import type { Prepared } from "./prepared.js";

const workgroups = 4096;
const threads = 256;
const chains = 8;
const steps = 512;

/** Independent chains of multiply-adds, so that none waits for another; the factors come from memory. */
const code = `
@group(0) @binding(0) var<storage, read_write> values: array<vec4<f32>>;
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = values[0];
  let b = values[1];
${Array.from({ length: chains }, (_, i) => `  var x${i} = a * f32(id.x + ${i}u);`).join("\n")}
  for (var step = 0u; step < ${steps}u; step++) {
${Array.from({ length: chains }, (_, i) => `    x${i} = fma(x${i}, a, b);`).join("\n")}
  }
  let sum = ${Array.from({ length: chains }, (_, i) => `x${i}`).join(" + ")};
  if (sum.x == 12345.678) { values[2] = sum; }
}`;

/** The rate of f32 multiply-adds of the adapter. Units are floating-point operations. */
export async function prepareRegisters(): Promise<Prepared> {
  const { found } = await findAdapter();
  if (!found) throw new Error("there is no graphics adapter");
  const device = await found.adapter.requestDevice();
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
  const [storage, copyTarget] = [128, 8];
  const buffer = device.createBuffer({ size: 48, usage: storage | copyTarget });
  device.queue.writeBuffer(buffer, 0, Float32Array.of(0.5, 0.25, 0.125, 0.75, 1, 2, 3, 4));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const run = async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return 2 * 4 * chains * steps * threads * workgroups;
  };
  await run();
  return { run, proof: [] };
}
