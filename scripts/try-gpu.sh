#!/usr/bin/env bash
# What a graphics card is worth: its adapter, the tests of the webgpu device, and its speed beside PyTorch with CUDA if
# there is one. After `npm ci` and `npm install --no-save webgpu@0.6.2`; minutes, most of them for PyTorch's compiler.
#   scripts/try-gpu.sh [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
# Tests take a software adapter unless another one is named; an empty name is the fastest GPU.
export STRATA_ADAPTER=${STRATA_ADAPTER:-}
npm run --silent build
node dist/cli/main.js doctor
npx vitest run test/device/webgpu
npm run --silent bench -- --device webgpu --python "$python" --rounds 3 \
  --only gpu-f32-rate matmul-2048-f32 matmul-2048-bf16 matmul-2048-f16 step-S step-M
