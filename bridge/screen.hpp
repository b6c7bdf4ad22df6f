// The terminal while a live view has it: whole pages without flicker, single keys, and given back as it was.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/monitor_view.hpp"

struct termios;  // NOLINT(readability-identifier-naming): the system's

namespace bridge {

/// Columns of the terminal that the descriptor leads to; 80 if it is none or does not know.
std::size_t columns_of(int descriptor);

class Screen {
  public:
    /// Takes the controlling terminal, by an open file of its own: what is set on that (not to block) must
    /// not stay on the shell's. Throws std::system_error if there is none.
    explicit Screen(const boost::asio::any_io_executor&);
    /// Gives it back: settings, cursor, and what it showed before.
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Calls with each key, and with '\0' when the terminal is gone.
    void read_keys(std::function<void(char)> handle_key);
    [[nodiscard]] std::size_t columns() const;
    /// Draws what differs from the page before, in one go; what has no room is cut at the end and said.
    void show(const std::vector<Line>& page);
    /// The size has changed: the next page is drawn whole.
    void forget() { drawn_.clear(); }

  private:
    [[nodiscard]] std::vector<Line> fitted(const std::vector<Line>& page) const;
    /// False if the terminal does not take it.
    [[nodiscard]] bool write(const std::string& text) const;

    boost::asio::posix::stream_descriptor terminal_;
    int file_ = -1;  ///< its descriptor
    std::unique_ptr<termios> before_;
    std::function<void(char)> handle_key_;
    char key_ = 0;
    std::vector<Line> drawn_;
};

}  // namespace bridge
