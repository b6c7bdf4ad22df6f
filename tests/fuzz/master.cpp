// Promise: whatever bytes arrive and whenever, a master sends only whole frames of harmless kinds, grants a
// unit no more than it was last told to wish for it, is silent while its port is closed, and asks to be woken
// later than now. Nothing crashes.
#include "twc/master.hpp"

#include <chrono>
#include <map>

#include "tests/fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;

class Run {
  public:
    explicit Run(const fuzz::Input& input) : input_{input} {}

    void go() {
        while (!input_.empty()) {
            act();
            drain();
        }
    }

  private:
    void act() {
        switch (input_.byte() % 9) {
            case 0:
                return master_.handle_bytes(input_.bytes(input_.byte() % 64U), now_);
            case 1:
                return master_.handle_bytes(fuzz::framed(report(0xE2, 15)), now_);
            case 2:
                return master_.handle_bytes(fuzz::framed(report(0xE0, input_.byte() % 2 == 0 ? 13 : 15)),
                                            now_);
            case 3:
                return master_.handle_bytes(fuzz::framed(report(input_.byte(), 19)), now_);
            case 4:
                return wait(input_.word() * 100us);
            case 5:
                return wait(std::max(master_.next_deadline(), now_) < now_ + 1h
                                ? master_.next_deadline() - now_
                                : 1s);
            case 6:
                return wish();
            case 7:
                master_.send_contactor(id(), input_.byte() % 2 == 0);
                return master_.ask_vin(id());
            default:
                open_ = !open_;
                return open_ ? master_.handle_open(now_) : master_.handle_closed(now_);
        }
    }

    void drain() {
        for (int frames = 0; const auto wire = master_.poll_transmit(now_); ++frames) {
            fuzz::require(open_, "silent while closed");
            fuzz::require(frames == 0, "one frame in a gap");
            const auto grant = fuzz::require_allowed(*wire);
            if (!grant) continue;
            const auto wished = wished_.find(grant->to);
            fuzz::require(wished != wished_.end() && grant->centiamps <= wished->second,
                          "no more than wished");
        }
        while (master_.poll_event()) continue;
        fuzz::require(master_.next_deadline() > now_, "sleeps");
    }

    void wait(twc::Duration time) {
        const auto end = now_ + std::max(time, twc::Duration::zero());
        while (master_.next_deadline() <= end) {
            now_ = master_.next_deadline();
            master_.handle_timeout(now_);
            drain();
        }
        now_ = end;
        master_.handle_timeout(now_);
    }

    void wish() {
        const auto unit = id();
        const int centiamps = 600 + input_.word() % 7400;
        twc::Wish wish{.kind = twc::Wish::Kind::limit, .limit = twc::Centiamps{centiamps}};
        const auto kind = input_.byte() % 5;
        if (kind == 0) wish = {.kind = twc::Wish::Kind::zero, .limit = {}};
        if (kind == 1) wish = {.kind = twc::Wish::Kind::withhold, .limit = {}};
        if (kind == 4) wish = {.kind = twc::Wish::Kind::silence, .limit = {}};
        if (master_.unit(unit) == nullptr) return;
        wished_[unit.value()] = kind == 2 || kind == 3 ? centiamps : 0;
        master_.set_wish(unit, wish, kind == 2 ? twc::Urgency::out_of_turn : twc::Urgency::in_turn);
    }

    twc::TwcId id() { return twc::TwcId{static_cast<std::uint16_t>(0x5890 + input_.byte() % 5)}; }
    fuzz::Bytes report(std::uint8_t code, std::size_t length) {
        const auto from = id().value();
        fuzz::Bytes body{0xFD, code, static_cast<std::uint8_t>(from >> 8U), static_cast<std::uint8_t>(from)};
        for (const auto byte : input_.bytes(input_.byte() % 16U)) body.push_back(byte);
        body.resize(length);
        return body;
    }

    fuzz::Input input_;
    twc::Master master_{{.known = {}}};
    twc::TimePoint now_{100s};
    bool open_ = false;
    std::map<std::uint16_t, int> wished_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run{fuzz::Input{data, size}}.go();
    return 0;
}
