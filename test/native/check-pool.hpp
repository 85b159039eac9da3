// Checks of the threads that run kernels and move data of files.
#pragma once
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "pool.hpp"

namespace {

using namespace strata;

int failures = 0;
void expect(bool good, const std::string& what) {
  if (good) return;
  failures++;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

// Plain counters: a thread checker detects a task that runs twice, or a `run` that returns before a task has ended.
void checkPool() {
  for (const int threads : {1, 2, 4}) {
    Pool pool(threads, DType::f32, false);
    std::vector<int64_t> counts(41), expected(41);
    for (int64_t call = 0; call < 2000; call++) {
      const int64_t tasks = call * 7 % 42;
      pool.run(
          tasks,
          [](void* context, int64_t task, int) {
            (*static_cast<std::vector<int64_t>*>(context))[static_cast<size_t>(task)]++;
          },
          &counts);
      for (int64_t task = 0; task < tasks; task++) expected[static_cast<size_t>(task)]++;
      // Lets the threads fall asleep now and then.
      if (call % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    expect(counts == expected, "every task of a call runs once");
    bool thrown = false;
    try {
      pool.run(
          50,
          [](void*, int64_t task, int) {
            if (task % 3 == 0) throw std::bad_alloc();
          },
          nullptr);
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    expect(thrown, "a task that runs out of memory throws in the caller");
    pool.run(
        41,
        [](void* context, int64_t task, int) {
          (*static_cast<std::vector<int64_t>*>(context))[static_cast<size_t>(task)] = task;
        },
        &counts);
    expect(counts[40] == 40, "the pool works after a failure");
  }
  for (int i = 0; i < 50; i++) Pool(4, DType::f32, false);
}

// Reads and writes beside kernel calls: plain memory, so that a thread checker sees a piece that moves after `finish`.
void checkTransfers() {
  std::FILE* file = std::tmpfile();
  const int descriptor = fileno(file);
  for (const int threads : {1, 2, 4}) {
    Pool pool(threads, DType::f32, false);
    std::vector<char> written(1900000), read(written.size() + 100);
    for (int round = 0; round < 20; round++) {
      for (size_t i = 0; i < written.size(); i++) written[i] = static_cast<char>(i * 7 + static_cast<size_t>(round));
      const auto size = static_cast<int64_t>(written.size()), half = size / 2;
      const int64_t first = pool.startTransfer({descriptor, true, written.data(), half, 0});
      const int64_t second = pool.startTransfer({descriptor, true, written.data() + half, size - half, half});
      std::vector<int64_t> counts(41);
      pool.run(
          41,
          [](void* context, int64_t task, int) {
            (*static_cast<std::vector<int64_t>*>(context))[static_cast<size_t>(task)]++;
          },
          &counts);
      expect(counts == std::vector<int64_t>(41, 1), "a kernel call beside transfers runs every task once");
      expect(pool.finishTransfer(second) == size - half, "the second half is written");
      expect(pool.finishTransfer(first) == half, "the first half is written");
      pool.expectRead({descriptor, 0, size});
      const int64_t whole = pool.startTransfer({descriptor, false, read.data(), size + 100, 0});
      expect(pool.finishTransfer(whole) == size, "a read ends where the file does");
      expect(std::equal(written.begin(), written.end(), read.begin()), "what was written is read");
      if (round % 5 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    expect(pool.finishTransfer(pool.startTransfer({descriptor, false, read.data(), 0, 0})) == 0, "nothing to move");
    expect(pool.finishTransfer(pool.startTransfer({-1, false, read.data(), 100, 0})) == -EBADF, "errors are returned");
  }
  std::fclose(file);
}

}  // namespace
