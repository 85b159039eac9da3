#include "pool.hpp"

#include <cstdlib>
#include <new>

namespace strata {
namespace {

constexpr uint64_t taskMask = 0xffffffffu;
// About 30 µs, the gap between two kernel calls of a training step; after that a thread sleeps.
constexpr int spins = 2000;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Pool::Pool(int threads, DType products, bool tiles)
    : threads_(threads), products_(products), tiles_(tiles), memory_(static_cast<size_t>(threads) * slots) {
  try {
    for (int thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { work(thread); });
  } catch (...) {  // the system refuses more threads
    stop();
    throw;
  }
}

Pool::~Pool() {
  stop();
  for (auto& memory : memory_) std::free(memory.data);
}

void Pool::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

float* Pool::scratch(int thread, int slot, int64_t floats) {
  if (thread == 0) packed_[slot] = {};
  Memory& memory = memory_[static_cast<size_t>(thread) * slots + slot];
  if (memory.floats < floats) {
    std::free(memory.data);
    memory = {};
    // Not rounded up to whole pages, so that memory checkers detect an access past the end.
    void* data = nullptr;
    if (posix_memalign(&data, 4096, static_cast<size_t>(floats) * sizeof(float)) != 0) throw std::bad_alloc();
    memory = {static_cast<float*>(data), floats};
  }
  return memory.data;
}

void Pool::run(int64_t tasks, Task task, void* context) {
  if (threads_ == 1 || tasks <= 1) {
    for (int64_t i = 0; i < tasks; i++) task(context, i, 0);
    return;
  }
  // 1. Close the previous call, so that its late threads cannot compare their ticket with the new fields; then publish.
  const uint64_t last = ticket_.load(std::memory_order_relaxed) >> 32;
  ticket_.store(last << 32 | taskMask);
  tasks_.store(tasks, std::memory_order_release);
  task_.store(task, std::memory_order_release);
  context_.store(context, std::memory_order_release);
  done_.store(0, std::memory_order_release);
  const uint64_t seen = (last + 1) << 32;
  ticket_.store(seen);
  wakeParked();
  // 2. Take tasks like the other threads, then wait for the tasks that they took.
  takeTasks(seen, 0);
  for (int i = 0; done_.load(std::memory_order_acquire) < tasks; i++) {
    if (i < spins) pause();
    else std::this_thread::yield();
  }
  if (failed_.exchange(false)) throw std::bad_alloc();
}

void Pool::wakeParked() {
  if (parked_.load() == 0) return;
  { std::lock_guard<std::mutex> lock(mutex_); }
  wake_.notify_all();
}

int64_t Pool::startTransfer(const Transfer& transfer) {
  const int64_t ticket = transfers_.add(transfer);
  wakeParked();
  return ticket;
}

void Pool::expectRead(const Expected& expected) {
  if (threads_ == 1) return expected.announce();
  transfers_.add(expected);
  wakeParked();
}

void Pool::takeTasks(uint64_t seen, int thread) {
  const int64_t tasks = tasks_.load(std::memory_order_acquire);
  const Task task = task_.load(std::memory_order_acquire);
  void* context = context_.load(std::memory_order_acquire);
  uint64_t ticket = ticket_.load(std::memory_order_acquire);
  while ((ticket >> 32) == (seen >> 32) && static_cast<int64_t>(ticket & taskMask) < tasks) {
    // If this succeeds, the call was open when the three fields above were read, so they belong to it.
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel)) continue;
    try {
      task(context, static_cast<int64_t>(ticket & taskMask), thread);
    } catch (...) {  // `run` throws it on the caller's thread, when no thread works on the call any more
      failed_.store(true, std::memory_order_relaxed);
    }
    done_.fetch_add(1, std::memory_order_release);
    ticket = ticket_.load(std::memory_order_acquire);
  }
}

void Pool::work(int thread) {
  uint64_t last = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    uint64_t seen = ticket_.load(std::memory_order_acquire);
    for (int i = 0; i < spins && (seen >> 32) == last && !transfers_.waits(); i++) {
      pause();
      seen = ticket_.load(std::memory_order_acquire);
    }
    if ((seen >> 32) == last) {
      if (transfers_.runPiece()) continue;
      std::unique_lock<std::mutex> lock(mutex_);
      parked_.fetch_add(1);
      wake_.wait(lock, [&] { return stopping_.load() || (ticket_.load() >> 32) != last || transfers_.waits(); });
      parked_.fetch_sub(1);
      continue;
    }
    last = seen >> 32;
    takeTasks(seen, thread);
  }
}

}  // namespace strata
