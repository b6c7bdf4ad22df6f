#include "bridge/simulator/bus.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace simulator {

namespace {

constexpr std::size_t bytes_that_tell = 2;  // a delimiter alone could be noise

/// How many bytes have arrived whole.
std::size_t bytes_in(Duration elapsed) {
    if (elapsed < Duration::zero()) return 0;
    return static_cast<std::size_t>(((elapsed.count() + 1) * 9600 - 1) / 10'000'000);
}

}  // namespace

Bus::Bus(BusOptions options)
    : options_{options},
      random_{options.seed},
      now_{options.start},
      master_free_{options.start},
      examiner_{[this](TwcId id) { return generation_of(id); }} {}

WallConnector& Bus::add(WallConnectorOptions options, CarOptions car) {
    units_.push_back(std::make_unique<WallConnector>(std::move(options), std::move(car), now_));
    return *units_.back();
}

WallConnector& Bus::unit(TwcId id) {
    for (const auto& unit : units_) {
        if (unit->id() == id) return *unit;
    }
    throw std::out_of_range{"no such unit on the simulated bus"};
}

std::vector<WallConnector*> Bus::units() const {
    std::vector<WallConnector*> units;
    units.reserve(units_.size());
    for (const auto& unit : units_) units.push_back(unit.get());
    return units;
}

std::optional<Protocol> Bus::generation_of(TwcId id) const {
    for (const auto& unit : units_) {
        if (unit->id() == id) return unit->options().protocol;
    }
    return std::nullopt;
}

void Bus::transmit(std::span<const std::uint8_t> bytes, TimePoint now) {
    advance(now);
    if (bytes.empty()) return;
    const auto start = std::max(now, master_free_);
    master_free_ = start + line_time(bytes.size());
    const bool talked_over =
        std::ranges::any_of(line_, [&](const Talk& talk) { return audible(talk, start); });
    examiner_.read(bytes, start, talked_over);
    begin({.start = start, .end = master_free_, .bytes = {bytes.begin(), bytes.end()}, .by_master = true});
}

void Bus::intrude(std::span<const std::uint8_t> bytes, TimePoint now) {
    advance(now);
    const auto end = now + line_time(bytes.size());
    begin({.start = now, .end = end, .bytes = {bytes.begin(), bytes.end()}, .by_stranger = true});
}

bool Bus::audible(const Talk& talk, TimePoint at) const {
    return !talk.by_master && talk.end > at && talk.heard && *talk.heard + options_.reaction <= at;
}

void Bus::begin(Talk talk) {
    for (auto& other : line_) {
        if (other.end <= talk.start || (talk.by_master && other.by_master)) continue;
        ++statistics_.collisions;
        // An answer in time met something: the master has asked twice, or talked while it was due.
        const bool masters_fault = talk.due || other.due || audible(other, talk.start);
        if (!masters_fault) ++statistics_.unit_collisions;
        const auto until = std::min(talk.end, other.end);
        spoil(other, talk.start, until);
        spoil(talk, talk.start, until);
    }
    line_.push_back(std::move(talk));
}

void Bus::spoil(Talk& talk, TimePoint from, TimePoint until) {
    for (std::size_t index = talk.arrived; index < talk.bytes.size(); ++index) {
        const auto begins = talk.start + line_time(index);
        const auto ends = talk.start + line_time(index + 1);
        if (ends > from && begins < until) talk.bytes[index] = static_cast<std::uint8_t>(random_.next());
    }
}

void Bus::run(WallConnector& unit) {
    unit.advance(now_);
    while (auto transmission = unit.poll_transmit()) {
        ++statistics_.unit_frames;
        const auto last_delimiter = std::find(transmission->bytes.rbegin(), transmission->bytes.rend(), 0xC0);
        const auto end = transmission->start +
                         line_time(static_cast<std::size_t>(transmission->bytes.rend() - last_delimiter));
        const bool due = examiner_.note_unit_frame(transmission->start, end, transmission->answer);
        begin(
            {.start = transmission->start, .end = end, .bytes = std::move(transmission->bytes), .due = due});
    }
}

void Bus::advance(TimePoint now) {
    run_all();  // a test may have touched a unit since
    for (auto at = next_step(); at <= now; at = next_step()) {
        now_ = std::max(now_, at);
        move_bytes();
        for (const auto& unit : units_) {
            if (unit->next_event() <= now_) run(*unit);
        }
    }
    if (now <= now_) return;
    now_ = now;
    move_bytes();
    run_all();
}

void Bus::run_all() {
    for (const auto& unit : units_) run(*unit);
}

void Bus::move_bytes() {
    for (auto& talk : line_) deliver(talk);
    std::erase_if(line_, [](const Talk& talk) { return talk.arrived == talk.bytes.size(); });
}

/// Units hear a chunk of the master when it is over, the master hears units byte by byte.
void Bus::deliver(Talk& talk) {
    const auto count = std::min(bytes_in(now_ - talk.start), talk.bytes.size());
    if (talk.by_master && count < talk.bytes.size() && !options_.echo) return;
    received_.reserve(received_.size() + count - talk.arrived);
    for (; talk.arrived < count; ++talk.arrived) {
        const auto byte = talk.bytes[talk.arrived];
        if (!talk.by_master || options_.echo) {
            through_the_cable(byte, [this](std::uint8_t heard) { received_.push_back(heard); });
        }
        if (talk.by_master || talk.by_stranger) {
            const auto at = talk.start + line_time(talk.arrived + 1);
            through_the_cable(byte, [this, at](std::uint8_t heard) { deliver_to_units(heard, at); });
        }
    }
}

void Bus::deliver_to_units(std::uint8_t byte, TimePoint at) {
    if (ears_.push(byte) != Receiver::Result::frame) return;
    for (const auto& unit : units_) unit->hear(ears_.body(), at);
}

template <class Sink>
void Bus::through_the_cable(std::uint8_t byte, Sink sink) {
    const auto& noise = options_.noise;
    if (random_.chance(noise.insert)) sink(static_cast<std::uint8_t>(random_.next()));
    if (random_.chance(noise.drop)) return;
    sink(random_.chance(noise.flip) ? static_cast<std::uint8_t>(byte ^ 1U << random_.next() % 8) : byte);
}

Bytes Bus::take_received(TimePoint now) {
    advance(now);
    for (auto& talk : line_) {
        if (!talk.by_master && !talk.heard && talk.arrived >= bytes_that_tell) talk.heard = now;
    }
    return std::exchange(received_, {});
}

TimePoint Bus::next_step() const {
    auto at = TimePoint::max();
    for (const auto& talk : line_) {
        if (talk.by_master || talk.by_stranger) at = std::min(at, talk.start + line_time(talk.bytes.size()));
    }
    for (const auto& unit : units_) at = std::min(at, unit->next_event());
    return at;
}

TimePoint Bus::next_event() const {
    auto at = next_step();
    for (const auto& talk : line_) {
        if (talk.by_master) continue;
        const auto milestone = talk.arrived < bytes_that_tell ? bytes_that_tell : talk.bytes.size();
        at = std::min(at, talk.start + line_time(milestone));
    }
    return at;
}

BusStatistics Bus::statistics() const {
    auto statistics = statistics_;
    statistics.master = examiner_.record();
    for (const auto& unit : units_) {
        statistics.worst_heartbeat_gap =
            std::max(statistics.worst_heartbeat_gap, unit->worst_heartbeat_gap());
    }
    return statistics;
}

Centiamps Bus::limits_in_force() const {
    Centiamps sum;
    for (const auto& unit : units_) sum += unit->limit_in_force();
    return sum;
}

Centiamps Bus::drawn() const {
    Centiamps sum;
    for (const auto& unit : units_) sum += unit->drawn();
    return sum;
}

}  // namespace simulator
