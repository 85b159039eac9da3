// Persistent threads that share the tasks of a kernel call and move data of files in between, and the scratch memory of
// kernels.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "transfers.hpp"

namespace strata {

enum class DType : int32_t { f32 = 0, bf16 = 1, f16 = 2, f64 = 3, i32 = 4 };
// Of elements of f32, bf16 and f16, which weights and operands have.
constexpr int64_t elementBytes(DType dtype) { return dtype == DType::f32 ? 4 : 2; }

// What was packed into a slot of scratch memory, as a whole.
struct PackedOperand {
  const void* data = nullptr;
  DType dtype = DType::f32;
  int64_t rows = 0, K = 0, rowStride = 0, kStride = 0;

  bool operator==(const PackedOperand& other) const {
    return data == other.data && dtype == other.dtype && rows == other.rows && K == other.K &&
           rowStride == other.rowStride && kStride == other.kStride;
  }
};

class Pool {
 public:
  using Task = void (*)(void* context, int64_t task, int thread);
  static constexpr int slots = 8;

  // `products`: the compute dtype, f32 or bf16, that operands of matrix products are rounded to; `tiles`: whether large
  // products of bf16 are computed by tiles.
  Pool(int threads, DType products, bool tiles);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const { return threads_; }
  DType products() const { return products_; }
  bool tiles() const { return tiles_; }
  // Runs task 0 … tasks−1, each once, on any thread; returns when all are done. Must not be called within a task.
  // Throws bad_alloc after all tasks have ended if one of them ran out of memory.
  void run(int64_t tasks, Task task, void* context);
  // At least `floats` floats of private memory of a thread, 64-byte aligned, contents undefined. Each slot is one
  // buffer: requesting more may move it. Of thread 0 this forgets what the slot holds.
  float* scratch(int thread, int slot, int64_t floats);
  // What the slot of thread 0 holds; no data: nothing that can be used again.
  PackedOperand& packed(int slot) { return packed_[slot]; }
  // Lets idle threads read or write; `finishTransfer` gives what `Transfers::finish` does.
  int64_t startTransfer(const Transfer& transfer);
  void expectRead(const Expected& expected);
  int64_t finishTransfer(int64_t ticket) { return transfers_.finish(ticket); }

 private:
  struct Memory {
    float* data = nullptr;
    int64_t floats = 0;
  };

  void stop();
  void work(int thread);
  void takeTasks(uint64_t seen, int thread);
  void wakeParked();

  int threads_;
  DType products_;
  bool tiles_;
  std::vector<std::thread> workers_;
  std::vector<Memory> memory_;
  PackedOperand packed_[slots];
  Transfers transfers_;
  // The call's number in the upper half, its next task in the lower: a late thread cannot take a task of another call.
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<int64_t> done_{0};
  alignas(64) std::atomic<int64_t> tasks_{0};
  std::atomic<Task> task_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<int> parked_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace strata
