// The file of `run --trace`, and the thread that writes it.
#include "bridge/trace_file.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace bridge {
namespace {

constexpr std::size_t most_waiting = 10'000;
constexpr int permissions = 0640;  // a VIN may be in it

}  // namespace

TraceFile::TraceFile(std::filesystem::path path) : path_{std::move(path)}, thread_{[this] { work(); }} {}

TraceFile::~TraceFile() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
    if (file_ >= 0) ::close(file_);
}

void TraceFile::write(std::string line) {
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() == most_waiting) {
            ++dropped_;
            return;
        }
        waiting_.push_back(std::move(line));
    }
    changed_.notify_one();
}

std::uint64_t TraceFile::dropped() const {
    const std::lock_guard lock{mutex_};
    return dropped_;
}

std::optional<std::string> TraceFile::next() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
    if (waiting_.empty()) return std::nullopt;
    auto line = std::move(waiting_.front());
    waiting_.pop_front();
    return line;
}

void TraceFile::work() {
    while (const auto line = next()) {
        const auto lost = dropped();
        // The line break ends what a full disk has cut off.
        const auto remark = lost == told_ ? "" : "\n# " + std::to_string(lost - told_) + " lines lost\n";
        if (const auto error = append(remark + *line + '\n')) {
            drop(*error);
        } else {
            told_ = lost;
        }
    }
}

std::optional<std::string> TraceFile::append(const std::string& text) {
    // Without O_NONBLOCK a pipe that nobody reads would hold up the end of the program.
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    if (file_ < 0) file_ = ::open(path_.c_str(), flags, permissions);
    const auto written = file_ < 0 ? -1 : ::write(file_, text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) return std::nullopt;
    return written < 0 ? std::generic_category().message(errno) : "the disk is full";
}

void TraceFile::drop(const std::string& why) {
    {
        const std::lock_guard lock{mutex_};
        ++dropped_;
    }
    if (std::exchange(warned_, true)) return;
    spdlog::warn("{}: {}; lines of the trace are lost, the service goes on", path_.string(), why);
}

}  // namespace bridge
