"""One matrix product x · wᵀ of `size` rows, inputs and outputs. Units are floating-point operations."""

import numpy
import torch


def operand(size, step):
    """The same numbers as in ours/matmul.ts: multiples of 1/64 in [−1, 1), which are exact in bf16."""
    i = numpy.arange(size * size, dtype=numpy.int64)
    return ((i * step % 1009 % 128 - 64) / 64).astype(numpy.float32).reshape(size, size)


def prepare(work):
    size = work["size"]
    x, w = operand(size, 7919), operand(size, 104729)
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[work["dtype"]]
    if work["device"] == "webgpu":
        return on_gpu(size, x, w, dtype)
    product = products(x, w, dtype)[work["mode"]]

    def run():
        product()
        return 2 * size**3

    out = torch.as_tensor(product()).to_dense().float()
    run()
    return run, [out[n, (n * 31) % size].item() for n in range(0, size, size // 16)]


def on_gpu(size, x, w, dtype):
    """Several products before the GPU is waited for, as Strata does."""
    a, b = (torch.from_numpy(values).to("cuda", dtype) for values in (x, w))

    def run():
        for _ in range(16):
            out = torch.matmul(a, b.t())
        torch.cuda.synchronize()
        run.out = out
        return 16 * 2 * size**3

    run()
    out = run.out.float().cpu()
    return run, [out[n, (n * 31) % size].item() for n in range(0, size, size // 16)]


def products(x, w, dtype):
    a, b = torch.from_numpy(x).to(dtype), torch.from_numpy(w).to(dtype)
    a_onednn = a.to_mkldnn()
    return {
        "torch": lambda: torch.matmul(a, b.t()),
        "torch-onednn": lambda: torch._C._nn.mkldnn_linear(a_onednn, b),
        "numpy": lambda: x @ w.T,
    }
