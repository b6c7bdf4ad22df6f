// A broker that lets a client in and then answers nothing, as one does whose disk or database hangs, or hangs
// up, as some do over a subscription that they deny.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace support {

enum class Manners : std::uint8_t {
    say_nothing,       ///< after letting in
    hang_up,           ///< at the second packet
    shut_down,         ///< and say so, at the second packet, as version 5 has it
    change_guests,     ///< the same, because somebody else has come with this one's id
    refuse_version_5,  ///< and say nothing to others after letting them in
};

/// Listens on a free port of the loopback; works on a thread of its own.
class HalfBroker {
  public:
    explicit HalfBroker(Manners manners) : manners_{manners} {
        accept();
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    ~HalfBroker() {
        loop_.stop();
        thread_.join();
    }
    HalfBroker(const HalfBroker&) = delete;
    HalfBroker& operator=(const HalfBroker&) = delete;

    [[nodiscard]] std::string url() const {
        return "mqtt://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    /// So many clients have been let in so far.
    [[nodiscard]] int let_in() const { return let_in_; }

  private:
    using Tcp = boost::asio::ip::tcp;
    struct Guest {
        Tcp::socket socket;
        std::array<char, 4096> said{};
    };

    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, Tcp::socket socket) {
            if (!error) listen_to(guests_.emplace_back(Guest{std::move(socket)}), true);
            accept();
        });
    }

    void listen_to(Guest& guest, bool first_words) {
        guest.socket.async_read_some(boost::asio::buffer(guest.said),
                                     [this, &guest, first_words](auto error, auto) {
                                         if (error) return;
                                         if (first_words ? welcome(guest) : goes_on(guest))
                                             listen_to(guest, false);
                                         else
                                             guest.socket.close();
                                     });
    }

    /// Whether a guest who wants to connect may stay.
    bool welcome(Guest& guest) {
        constexpr std::size_t version = 8;  // where a CONNECT names it
        const bool refused = manners_ == Manners::refuse_version_5 && guest.said[version] == 5;
        say(guest, {0x20, 0x02, 0x00, static_cast<std::uint8_t>(refused)});
        if (!refused) ++let_in_;
        return !refused;
    }

    /// Whether there will be more after a further packet.
    bool goes_on(Guest& guest) {
        switch (manners_) {
            case Manners::hang_up:
                return false;
            case Manners::shut_down:
                say(guest, {0xE0, 0x02, 0x8B, 0x00});
                return false;
            case Manners::change_guests:
                say(guest, {0xE0, 0x02, 0x8E, 0x00});
                return false;
            case Manners::say_nothing:
            case Manners::refuse_version_5:
                break;
        }
        return true;
    }

    static void say(Guest& guest, const std::array<std::uint8_t, 4>& packet) {
        boost::system::error_code ignored;
        boost::asio::write(guest.socket, boost::asio::buffer(packet), ignored);
    }

    const Manners manners_;
    boost::asio::io_context loop_;
    Tcp::acceptor acceptor_{loop_, Tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    std::list<Guest> guests_;
    std::atomic<int> let_in_ = 0;
    std::thread thread_;
};

}  // namespace support
