// Two networks that nobody else sees, and a cable between them that can lose packets or be pulled out.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/mosquitto.hpp"

namespace faults {

/// A network namespace. It has no name and so is gone with the object and the last process in it, however
/// those end.
class NetworkNamespace {
  public:
    /// A new one, with nothing in it.
    NetworkNamespace() {
        const NetworkNamespace before{open_current()};
        if (unshare(CLONE_NEWNET) != 0)
            throw std::runtime_error{"this machine gives us no network of our own"};
        file_ = open_current();
        before.enter();
    }
    ~NetworkNamespace() { close(file_); }
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;

    [[nodiscard]] std::string path() const {
        return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file_);
    }

  private:
    friend class Within;
    explicit NetworkNamespace(int file) : file_{file} {}
    static int open_current() {
        const int file = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        if (file < 0) throw std::runtime_error{"there are no networks of processes here"};
        return file;
    }
    void enter() const {
        if (setns(file_, CLONE_NEWNET) != 0) throw std::runtime_error{"cannot enter a network"};
    }

    int file_ = -1;
};

/// As long as it lives, this thread and all that it starts are in that network.
class Within {
  public:
    explicit Within(const NetworkNamespace& network) : before_{NetworkNamespace::open_current()} {
        network.enter();
    }
    ~Within() { before_.enter(); }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

  private:
    NetworkNamespace before_;
};

/// Throws a sentence where the machine does not allow one.
class Cable {
  public:
    static constexpr const char* house_address = "10.0.0.1";

    Cable() {
        const Within there{house};
        support::run({"ip", "link", "set", "lo", "up"});
        support::run({"ip", "link", "add", "cable", "type", "veth", "peer", "cable", "netns", bridge.path()});
        set_up(std::string{house_address} + "/30");
        const Within here{bridge};
        set_up("10.0.0.2/30");
    }

    /// This share of the packets that arrive at either end vanishes, from now on. Nobody is told.
    void lose(double share) const {
        for (const auto* end : {&house, &bridge}) {
            const Within there{*end};
            support::run({"iptables", "--wait", "20", "--append", "INPUT", "--in-interface", "cable",
                          "--match", "statistic", "--mode", "random", "--probability", std::to_string(share),
                          "--jump", "DROP"});
        }
    }
    void lose_nothing() const {
        for (const auto* end : {&house, &bridge}) {
            const Within there{*end};
            support::run({"iptables", "--wait", "20", "--flush", "INPUT"});
        }
    }
    /// At the bridge, which is told, as its machine would be.
    void pull_out() const { set("down"); }
    void plug_in() const { set("up"); }

    /// So often either end has sent something again so far.
    [[nodiscard]] std::uint64_t sent_again() const {
        return count_of_tcp(house, "RetransSegs") + count_of_tcp(bridge, "RetransSegs");
    }
    /// So often the bridge has tried to connect so far.
    [[nodiscard]] std::uint64_t tried() const { return count_of_tcp(bridge, "ActiveOpens"); }

    const NetworkNamespace house;
    const NetworkNamespace bridge;

  private:
    static void set_up(const std::string& address) {
        support::run({"ip", "address", "add", address, "dev", "cable"});
        support::run({"ip", "link", "set", "cable", "up"});
    }
    void set(const std::string& state) const {
        const Within here{bridge};
        support::run({"ip", "link", "set", "cable", state});
    }
    static std::uint64_t count_of_tcp(const NetworkNamespace& end, const std::string& name) {
        const Within there{end};
        std::ifstream counters{"/proc/thread-self/net/snmp"};
        const auto names = words_of_tcp(counters);
        const auto values = words_of_tcp(counters);
        const auto place = std::ranges::find(names, name) - names.begin();
        return std::stoull(values.at(static_cast<std::size_t>(place)));
    }
    /// The next line that tells of TCP: names of counters first, then their values.
    static std::vector<std::string> words_of_tcp(std::istream& counters) {
        std::string line;
        while (std::getline(counters, line) && !line.starts_with("Tcp:")) continue;
        std::istringstream words{line};
        return {std::istream_iterator<std::string>{words}, {}};
    }
};

}  // namespace faults
