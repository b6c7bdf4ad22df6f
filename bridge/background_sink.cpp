#include "bridge/background_sink.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <utility>

#include "bridge/descriptor.hpp"

namespace bridge {
namespace {

constexpr std::size_t most_waiting = 1000;
constexpr std::chrono::seconds farewell{1};

}  // namespace

class BackgroundSink::Writer {
  public:
    explicit Writer(int file) : file_{file} {}

    void take(std::string line) {
        const std::lock_guard lock{mutex_};
        if (lines_.size() == most_waiting) {
            lines_.pop_front();
            ++dropped_;
        }
        lines_.push_back(std::move(line));
        changed_.notify_all();
    }

    /// Waits no longer than that.
    void end_within(std::chrono::milliseconds patience) {
        std::unique_lock lock{mutex_};
        ending_ = true;
        changed_.notify_all();
        changed_.wait_for(lock, patience, [this] { return ended_; });
    }

    void work() {
        std::unique_lock lock{mutex_};
        for (;;) {
            changed_.wait(lock, [this] { return ending_ || !lines_.empty(); });
            if (lines_.empty()) break;
            auto text = std::move(lines_.front());
            lines_.pop_front();
            if (const auto dropped = std::exchange(dropped_, 0); dropped > 0)
                text.insert(0,
                            std::to_string(dropped) + " lines are missing here, because nobody read them\n");
            lock.unlock();
            write_all(file_, text);  // or it is lost: there is nowhere left to say so
            lock.lock();
        }
        ended_ = true;
        changed_.notify_all();
    }

  private:
    const int file_;
    std::mutex mutex_;  // for all below
    std::condition_variable changed_;
    std::deque<std::string> lines_;
    std::uint64_t dropped_ = 0;  // since a line was written
    bool ending_ = false;
    bool ended_ = false;
};

BackgroundSink::BackgroundSink(int file) : writer_{std::make_shared<Writer>(file)} {
    std::thread{[writer = writer_] { writer->work(); }}.detach();
}

BackgroundSink::~BackgroundSink() { writer_->end_within(farewell); }

void BackgroundSink::sink_it_(const spdlog::details::log_msg& line) {
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    writer_->take(std::string{text.data(), text.size()});
}

}  // namespace bridge
