// A pseudo terminal, which a bridge opens like a serial device.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bridge/descriptor.hpp"
#include "bridge/simulate_way.hpp"

namespace bridge {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

class PseudoTerminal : public Way {
  public:
    PseudoTerminal(asio::io_context& io, std::string link, Heard heard)
        : link_{std::move(link)}, heard_{std::move(heard)}, master_{io} {
        Descriptor master{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
        if (master.get() < 0 || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) {
            throw_errno("pseudo terminal");
        }
        std::array<char, 128> name{};
        if (::ptsname_r(master.get(), name.data(), name.size()) != 0) throw_errno("pseudo terminal");
        // Held open for ever: while nobody has the slave side open, reading the master side fails with EIO.
        keeper_ = std::make_unique<Descriptor>(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios settings{};
        if (keeper_->get() < 0 || ::tcgetattr(keeper_->get(), &settings) != 0) throw_errno(name.data());
        ::cfmakeraw(&settings);
        if (::tcsetattr(keeper_->get(), TCSANOW, &settings) != 0) throw_errno(name.data());
        make_link(name.data());
        master_.assign(master.release());
        master_.non_blocking(true);
        read();
    }
    ~PseudoTerminal() override {
        std::error_code ignored;
        // Another simulator may have put its own link there meanwhile.
        if (std::filesystem::read_symlink(link_, ignored) == target_) std::filesystem::remove(link_, ignored);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    [[nodiscard]] std::string name() const override { return link_; }
    void send(const std::vector<std::uint8_t>& bytes) override {
        // A bridge that was killed leaves its exclusive use behind as long as we hold the other side open.
        ::ioctl(keeper_->get(), TIOCNXCL);
        error_code error;
        master_.write_some(asio::buffer(bytes), error);
        if (error == asio::error::would_block) ::tcflush(keeper_->get(), TCIFLUSH);  // nobody listens
    }

  private:
    void make_link(const std::string& target) {
        namespace fs = std::filesystem;
        const auto status = fs::symlink_status(link_);
        if (fs::is_symlink(status)) {
            if (fs::exists(link_)) throw std::runtime_error{link_ + ": in use"};
            fs::remove(link_);
        } else if (fs::exists(status)) {
            throw std::runtime_error{link_ + ": exists and is no link"};
        }
        fs::create_symlink(target, link_);
        target_ = target;
    }
    void read() {
        master_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t count) {
            if (error) return;
            heard_(std::span{buffer_}.first(count));
            read();
        });
    }

    std::string link_;
    std::string target_;
    Heard heard_;
    asio::posix::stream_descriptor master_;
    std::unique_ptr<Descriptor> keeper_;
    std::array<std::uint8_t, 256> buffer_{};
};

}  // namespace

std::unique_ptr<Way> open_pseudo_terminal(asio::io_context& io, std::string link, Way::Heard heard) {
    return std::make_unique<PseudoTerminal>(io, std::move(link), std::move(heard));
}

}  // namespace bridge
