// How a master reaches the simulated wall connectors.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bridge {

/// Where the master's bytes come from and ours go to.
class Way {
  public:
    using Heard = std::function<void(std::span<const std::uint8_t>)>;
    Way() = default;
    virtual ~Way() = default;
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Lost if nobody is at the other end.
    virtual void send(const std::vector<std::uint8_t>&) = 0;
};

/// Behind a pseudo terminal that the symbolic link `link` leads to while this lives. Throws
/// std::runtime_error.
std::unique_ptr<Way> open_pseudo_terminal(boost::asio::io_context&, std::string link, Way::Heard);
/// Behind a port of 127.0.0.1; 0 takes a free one. Throws std::runtime_error.
std::unique_ptr<Way> open_tcp_listener(boost::asio::io_context&, std::uint16_t port, Way::Heard);

}  // namespace bridge
