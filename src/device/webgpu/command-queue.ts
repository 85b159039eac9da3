import { StrataError } from "../../errors/strata-error.js";
import { bufferUsage, computeStage } from "./gpu-constants.js";

/** Bytes of the numbers of one dispatch: a multiple of every alignment that adapters demand of uniform buffers. */
export const numbersBytes = 256;
/** About a layer: the GPU works while the next one is recorded. */
const dispatchesPerSubmit = 32;

/**
 * Records dispatches and submits them in order. Their numbers are in one buffer, which is written at each submit.
 * A failure of the GPU is found later than the call that caused it: it is kept, and thrown by the next call that can.
 */
export class CommandQueue {
  readonly device: GPUDevice;
  /** Bound to every pipeline with the offset of a dispatch. */
  readonly numbersGroup: GPUBindGroup;
  readonly numbersLayout: GPUBindGroupLayout;
  private readonly numbers: GPUBuffer;
  private readonly written = new ArrayBuffer(numbersBytes * dispatchesPerSubmit);
  /** For the numbers of the next dispatch. */
  readonly integers = new Uint32Array(this.written);
  readonly floats = new Float32Array(this.written);
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  /** Of the pass. */
  private pipeline: GPUComputePipeline | null = null;
  /** Bytes. */
  private readonly numbersAt = new Uint32Array(1);
  private recorded = 0;
  /** Bytes of the buffers that exist. */
  private bytes = 0;
  /** The most bytes that existed at a time. */
  peakBytes = 0;
  /** Estimated seconds of the recorded dispatches. */
  private seconds = 0;
  private failure: Error | null = null;
  /** Checks of allocations that are not finished. */
  private readonly checks = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.device = device;
    const size = this.written.byteLength;
    this.numbers = device.createBuffer({ size, usage: bufferUsage.uniform | bufferUsage.copyTarget });
    this.numbersLayout = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: computeStage, buffer: { type: "uniform", hasDynamicOffset: true } }],
    });
    this.numbersGroup = device.createBindGroup({
      layout: this.numbersLayout,
      entries: [{ binding: 0, resource: { buffer: this.numbers, size: numbersBytes } }],
    });
    device.onuncapturederror = ({ error }) => this.fail(new Error(`WebGPU: ${error.message}`));
    device.pushErrorScope("validation");
    void device.lost.then(({ reason, message }) => this.fail(deviceLost(reason, message)));
  }

  /** Keeps the first failure. */
  fail(failure: Error): void {
    this.failure ??= failure;
  }

  /** @throws the failure, if there was one */
  throwFailure(): void {
    if (this.failure) throw this.failure;
  }

  /** Index in `integers` and `floats` of the first number of the next dispatch. */
  get place(): number {
    return (this.recorded * numbersBytes) / 4;
  }

  /** @param seconds  how long the dispatch may take */
  dispatch(pipeline: GPUComputePipeline, bindings: GPUBindGroup, x: number, y: number, seconds: number): void {
    this.encoder ??= this.device.createCommandEncoder();
    if (this.pass === null) {
      this.pass = this.encoder.beginComputePass();
      this.pipeline = null;
    }
    if (this.pipeline !== pipeline) this.pass.setPipeline(pipeline);
    this.pipeline = pipeline;
    this.pass.setBindGroup(0, bindings);
    this.numbersAt[0] = this.recorded * numbersBytes;
    this.pass.setBindGroup(1, this.numbersGroup, this.numbersAt, 0, 1);
    this.pass.dispatchWorkgroups(x, y);
    this.recorded++;
    this.seconds += seconds;
    // Systems reset a GPU whose work takes seconds.
    if (this.recorded === dispatchesPerSubmit || this.seconds > submitSeconds) this.flush();
  }

  /** The encoder of copies between buffers, after the dispatches so far. */
  copies(): GPUCommandEncoder {
    this.pass?.end();
    this.pass = null;
    this.encoder ??= this.device.createCommandEncoder();
    return this.encoder;
  }

  /** Submits what is recorded. */
  flush(): void {
    if (this.encoder === null) return;
    this.pass?.end();
    const { queue } = this.device;
    if (this.recorded > 0) queue.writeBuffer(this.numbers, 0, this.written, 0, this.recorded * numbersBytes);
    queue.submit([this.encoder.finish()]);
    [this.encoder, this.pass, this.recorded, this.seconds] = [null, null, 0, 0];
  }

  /** Creates a zeroed buffer; that memory was too small is found later. @param failure  what to throw then */
  createBuffer(size: number, usage: GPUBufferUsageFlags, failure: (message: string) => StrataError): GPUBuffer {
    this.device.pushErrorScope("out-of-memory");
    this.device.pushErrorScope("validation");
    const buffer = this.device.createBuffer({ size, usage });
    this.bytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
    for (let scope = 0; scope < 2; scope++) {
      const check = this.device.popErrorScope().then(
        (error) => void (error && this.fail(failure(error.message))),
        // The device is lost, which is a failure already.
        () => {},
      );
      this.checks.add(check);
      void check.finally(() => this.checks.delete(check));
    }
    return buffer;
  }

  /** Frees a buffer after the dispatches so far. */
  destroyBuffer(buffer: GPUBuffer): void {
    this.flush();
    this.bytes -= buffer.size;
    buffer.destroy();
  }

  /** Waits until the checks of all allocations are finished, and submits. @throws the failure, if there was one */
  async settle(): Promise<void> {
    if (this.checks.size > 0) await this.checked();
    this.throwFailure();
    this.flush();
  }

  /** Keeps the first error of the calls so far. It is not left to the package, which would print all of them. */
  async collectErrors(): Promise<void> {
    const errors = this.device.popErrorScope();
    this.device.pushErrorScope("validation");
    const error = await errors.catch(() => null);
    // What uses a buffer for which there was no memory is an error too; that there was none is the one to tell.
    await this.checked();
    if (error) this.fail(new Error(`WebGPU: ${error.message}`));
  }

  private async checked(): Promise<void> {
    await Promise.all(this.checks);
  }
}

const submitSeconds = 0.1;

/** The GPU stopped working: the process can continue with a new device. */
export function deviceLost(reason: string, message: string): StrataError {
  return new StrataError("DeviceLostError", {
    where: "webgpu device",
    expected: "a graphics adapter that keeps working",
    got: `${message.trim() || "no message"} (${reason})`,
    hint: "Update its driver, close other programs that use it, or compute on the CPU with `machine.device: cpu`.",
  });
}
