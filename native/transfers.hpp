// Reads and writes of open files in pieces, for the threads of a pool that have nothing else to do.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace strata {

struct Transfer {
  int file;
  bool isWrite;
  char* data;
  int64_t length;
  off_t position;
};

// Bytes that will be read soon: the system may bring them into its cache.
struct Expected {
  int file;
  off_t position;
  int64_t length;
  // Takes little time; errors do not matter.
  void announce() const;
};

class Transfers {
 public:
  void add(const Expected& expected);
  // Its memory stays valid until `finish` has returned.
  int64_t add(const Transfer& transfer);
  // Whether a piece waits for a thread; may be late.
  bool waits() const { return waiting_.load() > 0; }
  // Carries out one piece, if one waits: of a transfer that `finish` waits for, otherwise what is expected, otherwise
  // of the oldest transfer.
  bool runPiece();
  // Carries out what is left of a transfer. The number of bytes moved, which is less than the length only where a file
  // ends, or the negative code of the system's error.
  int64_t finish(int64_t ticket);

 private:
  struct State {
    Transfer transfer;
    int64_t started = 0, ended = 0, moved = 0;
    int error = 0;
  };

  // The next piece of a transfer, with `mutex_` locked before and after, but not meanwhile. A transfer that ends may be
  // gone when it is unlocked.
  void runPieceOf(State& state, std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::unordered_map<int64_t, std::unique_ptr<State>> states_;
  // Those with pieces that have not started, and the one that `finish` waits for.
  std::deque<State*> queue_;
  const State* wanted_ = nullptr;
  std::deque<Expected> expected_;
  int64_t last_ = 0;
  std::atomic<int64_t> waiting_{0};
};

}  // namespace strata
