// The way to one bus: a serial device or a TCP serial server, opened again for ever whenever it is lost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bridge {

/// All three are called on the executor only, and never after close(). Each may call close() or destroy the
/// port.
struct PortHandlers {
    std::function<void()> open;
    std::function<void(std::span<const std::uint8_t>)> bytes;
    /// Lost, or not opened in the first place: one sentence that begins with the port. Not said again while
    /// attempts fail for the same reason.
    std::function<void(const std::string& why)> closed;
};

/// Moves bytes and decides nothing; logs nothing. One thread must run the executor and make all calls. Must
/// be destroyed before its io_context, as every object of Asio; operations may be pending then.
class BusPort {
  public:
    /// `port` is the path of a serial device (9600 baud 8N1), or tcp://host:port for raw bytes.
    BusPort(const boost::asio::any_io_executor&, std::string port, PortHandlers);
    ~BusPort();
    BusPort(const BusPort&) = delete;
    BusPort& operator=(const BusPort&) = delete;

    /// Begins the first attempt; its outcome is the first call of a handler.
    void start();
    /// For good; frames that wait are lost.
    void close();
    /// Never blocks. Dropped and counted when the port is not open or four frames wait already.
    void send(std::vector<std::uint8_t> frame);

    [[nodiscard]] bool is_open() const;
    /// Frames that were given to send() and not written.
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bridge
