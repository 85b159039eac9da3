#include "transfers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace strata {
namespace {

constexpr int64_t pieceBytes = 1 << 18;

// The number of bytes moved; sets `error` if the system refused.
int64_t move(const Transfer& transfer, int64_t from, int64_t length, int& error) {
  int64_t moved = 0;
  while (moved < length) {
    char* data = transfer.data + from + moved;
    const auto left = static_cast<size_t>(length - moved);
    const off_t position = transfer.position + from + moved;
    const ssize_t count =
        transfer.isWrite ? pwrite(transfer.file, data, left, position) : pread(transfer.file, data, left, position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) error = errno;
    if (count <= 0) break;
    moved += count;
  }
  return moved;
}

}  // namespace

void Expected::announce() const {
#if defined(__APPLE__)
  radvisory range = {position, static_cast<int>(length)};
  fcntl(file, F_RDADVISE, &range);
#else
  posix_fadvise(file, position, length, POSIX_FADV_WILLNEED);
#endif
}

void Transfers::add(const Expected& expected) {
  const std::lock_guard<std::mutex> lock(mutex_);
  expected_.push_back(expected);
  waiting_.fetch_add(1);
}

int64_t Transfers::add(const Transfer& transfer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t ticket = ++last_;
  const auto& state = states_[ticket] = std::make_unique<State>(State{transfer});
  if (transfer.length > 0) {
    queue_.push_back(state.get());
    waiting_.fetch_add(1);
  }
  return ticket;
}

void Transfers::runPieceOf(State& state, std::unique_lock<std::mutex>& lock) {
  const int64_t from = state.started, length = std::min(pieceBytes, state.transfer.length - from);
  state.started += length;
  if (state.started == state.transfer.length) {
    queue_.erase(std::find(queue_.begin(), queue_.end(), &state));
    waiting_.fetch_sub(1);
  }
  lock.unlock();
  int error = 0;
  const int64_t moved = move(state.transfer, from, length, error);
  lock.lock();
  state.ended += length;
  state.moved += moved;
  if (error != 0) state.error = error;
  if (state.ended == state.transfer.length) ended_.notify_all();
}

bool Transfers::runPiece() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto wanted = std::find(queue_.begin(), queue_.end(), wanted_);
  if (wanted == queue_.end() && !expected_.empty()) {
    const Expected expected = expected_.front();
    expected_.pop_front();
    waiting_.fetch_sub(1);
    lock.unlock();
    expected.announce();
    return true;
  }
  if (queue_.empty()) return false;
  runPieceOf(wanted == queue_.end() ? *queue_.front() : **wanted, lock);
  return true;
}

int64_t Transfers::finish(int64_t ticket) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto found = states_.find(ticket);
  if (found == states_.end()) return -EINVAL;
  State& state = *found->second;
  wanted_ = &state;
  while (state.started < state.transfer.length) runPieceOf(state, lock);
  ended_.wait(lock, [&] { return state.ended == state.transfer.length; });
  const int64_t result = state.error != 0 ? -state.error : state.moved;
  wanted_ = nullptr;
  states_.erase(ticket);
  return result;
}

}  // namespace strata
