// The file of `run --trace`, and the thread that writes it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace bridge {

/// Appends lines on a thread of its own, so that a slow disk holds up nobody. A line that cannot be written
/// is dropped and counted; the first is logged, and once writing succeeds again the file says how many they
/// were.
class TraceFile {
  public:
    explicit TraceFile(std::filesystem::path path);
    /// Writes what still waits.
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    /// Returns at once.
    void write(std::string line);
    /// Lines that are not in the file and never will be.
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    void work();
    [[nodiscard]] std::optional<std::string> next();
    /// Nothing, or why not all of it is in the file.
    [[nodiscard]] std::optional<std::string> append(const std::string& text);
    void drop(const std::string& why);

    const std::filesystem::path path_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::uint64_t dropped_ = 0;
    bool ending_ = false;
    // Of the thread alone.
    int file_ = -1;
    bool warned_ = false;
    std::uint64_t told_ = 0;  // of the dropped ones, in the file
    std::thread thread_;      // last: it uses all the others
};

}  // namespace bridge
