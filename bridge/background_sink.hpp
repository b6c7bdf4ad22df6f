// Where log lines go when nobody who logs may wait for somebody who reads: a thread of its own writes them.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>

namespace bridge {

class BackgroundSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    /// `file`: a descriptor that stays open. Of more than 1000 lines that wait the oldest are dropped, which
    /// is said when there is a reader again.
    explicit BackgroundSink(int file);
    /// Gives a reader one second for what still waits.
    ~BackgroundSink() override;
    BackgroundSink(const BackgroundSink&) = delete;
    BackgroundSink& operator=(const BackgroundSink&) = delete;

  protected:
    void sink_it_(const spdlog::details::log_msg& line) override;
    void flush_() override {}

  private:
    class Writer;
    std::shared_ptr<Writer> writer_;  // also of its thread, which may outlive us
};

}  // namespace bridge
