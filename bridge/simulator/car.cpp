#include "bridge/simulator/car.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace simulator {

namespace {

constexpr Centiamps least_pilot{500};
constexpr Centiamps fallen_back{600};
constexpr Duration high_pilot_heals_after = std::chrono::seconds{5};
constexpr std::int64_t microseconds_per_centiamp_up = 10'000;   // 1 A/s
constexpr std::int64_t microseconds_per_centiamp_down = 1'250;  // 8 A/s

/// Values of letters and weights of places as ISO 3779 and 49 CFR 565 have them.
int value_of(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ";
    constexpr std::string_view values = "12345678123457923456789";
    return values[letters.find(character)] - '0';
}

}  // namespace

std::string tesla_vin(std::uint32_t serial) {
    constexpr std::array weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    const auto digits = std::to_string(serial % 1'000'000);
    std::string vin = "5YJ3E7EB0KF" + std::string(6 - digits.size(), '0') + digits;
    int sum = 0;
    for (std::size_t place = 0; place < vin.size(); ++place) sum += weights.at(place) * value_of(vin[place]);
    vin[8] = "0123456789X"[sum % 11];
    return vin;
}

Car::Car(CarOptions options)
    : options_{std::move(options)},
      plugged_{options_.plugged},
      wants_{options_.wants},
      asleep_{options_.asleep} {}

void Car::plug() {
    ++changes_;
    if (!plugged_) asleep_ = false;
    plugged_ = true;
}

void Car::unplug() {
    ++changes_;
    plugged_ = false;
    stopped_ = false;
    refuses_ = false;
    borne_ = {};
}

void Car::set_wants(bool wants) {
    ++changes_;
    wants_ = wants;
    if (!wants) return;
    full_ = false;
    stopped_ = false;
    options_.full_after_wh.reset();
}

void Car::set_full() {
    ++changes_;
    full_ = true;
}

void Car::stop_itself() {
    ++changes_;
    stopped_ = true;
}

void Car::start_itself() {
    ++changes_;
    stopped_ = asleep_ = false;
    timer_.reset();
}

void Car::fall_asleep() {
    ++changes_;
    asleep_ = true;
}

void Car::wake() {
    ++changes_;
    asleep_ = false;
}

void Car::set_timer(std::optional<TimePoint> at) {
    ++changes_;
    timer_ = at;
}

void Car::bear(Mishap mishap, TimePoint now) {
    if (mishap != Mishap::first_zero && drawn(now) == Centiamps{0}) return;
    const auto kind = static_cast<std::size_t>(mishap);
    const std::array borne_most{options_.bears_open_contactors, options_.bears_silences,
                                options_.bears_first_zeros};
    ++borne_.at(kind);
    const auto& most = borne_most.at(kind);
    refuses_ = refuses_ || (most && borne_.at(kind) > *most);
}

Centiamps Car::drawn(TimePoint now) const {
    const std::int64_t elapsed = (now - course_.since).count();
    if (course_.to >= course_.from) {
        return std::min(course_.to, course_.from + Centiamps{elapsed / microseconds_per_centiamp_up});
    }
    return std::max(course_.to, course_.from - Centiamps{elapsed / microseconds_per_centiamp_down});
}

std::int64_t Car::energy_wh(TimePoint now) const { return centijoules(now) / 360'000; }

void Car::set_supply(const Supply& supply, TimePoint now) {
    if (supply != supply_) {
        enter(Course{now, drawn(now), course_.to});  // energy so far flowed at the old volts
        if (options_.falls_back_below) notice_pilot(supply.pilot, now);
        supply_ = supply;
    }
    react(now);
}

void Car::notice_pilot(std::optional<Centiamps> pilot, TimePoint now) {
    const bool was_high = pilot_high_since_.has_value();
    const bool is_high = pilot && *pilot >= *options_.falls_back_below;
    if (was_high && now - *pilot_high_since_ >= high_pilot_heals_after) falls_back_ = false;
    if (!pilot) falls_back_ = false;
    if (charging_ && !was_high && pilot && supply_.pilot && *pilot > *supply_.pilot) falls_back_ = true;
    if (!is_high) pilot_high_since_.reset();
    if (is_high && !was_high) pilot_high_since_ = now;
}

void Car::advance(TimePoint now) {
    for (auto at = next_event(); at <= now; at = next_event()) {
        if (turn_ && turn_->at == at) {
            const auto to = turn_->to;
            turn_.reset();
            enter(Course{at, drawn(at), to});
        } else if (starts_ && *starts_ == at) {
            starts_.reset();
            charging_ = true;
        } else if (timer_ && *timer_ == at) {
            timer_.reset();
            ++changes_;  // its wall connector looks again
        } else {
            full_ = true;
        }
        react(at);
    }
}

TimePoint Car::next_event() const {
    auto at = full_at();
    if (turn_) at = std::min(at, turn_->at);
    if (starts_) at = std::min(at, *starts_);
    if (timer_) at = std::min(at, *timer_);
    return at;
}

/// The draw sits a little below the pilot (docs/protocol.md 3: 40 A gives 38.8 A, 6 A gives 5.2 A).
Centiamps Car::target() const {
    const auto pilot =
        falls_back_ && !pilot_high_since_ ? std::min(*supply_.pilot, fallen_back) : *supply_.pilot;
    return std::min(options_.max_current, pilot * 988 / 1000 - Centiamps{75});
}

void Car::react(TimePoint now) {
    if (!plugged_ || !supply_.pilot) {
        cut_off(now);
        return;
    }
    if (!asks_for_power() || *supply_.pilot < least_pilot) {
        starts_.reset();
        charging_ = false;
        head_for(Centiamps{0}, now);
    } else if (charging_) {
        head_for(target(), now);
    } else if (!starts_) {
        starts_ = now + options_.start_delay;
    }
}

void Car::cut_off(TimePoint now) {
    starts_.reset();
    turn_.reset();
    charging_ = false;
    if (course_.from != Centiamps{0} || course_.to != Centiamps{0}) {
        enter(Course{now, Centiamps{0}, Centiamps{0}});
    }
}

void Car::head_for(Centiamps target, TimePoint now) {
    if (turn_) {
        turn_->to = target;  // what is on its way takes the newer value along
    } else if (course_.to != target) {
        turn_ = Turn{now + options_.lag, target};
    }
}

void Car::enter(const Course& course) {
    centijoules_ = centijoules(course.since);
    course_ = course;
}

TimePoint Car::arrival() const {
    const auto rise = (course_.to - course_.from).count();
    return course_.since +
           Duration{rise >= 0 ? rise * microseconds_per_centiamp_up : -rise * microseconds_per_centiamp_down};
}

std::int64_t Car::centiamp_microseconds(TimePoint until) const {
    const auto ramp_end = std::min(until, arrival());
    const auto ramp = (course_.from + drawn(ramp_end)).count() * (ramp_end - course_.since).count() / 2;
    return ramp + course_.to.count() * (until - ramp_end).count();
}

std::int64_t Car::volts_of_all_phases() const {
    return supply_.volts.count() * std::min(supply_.phases, options_.phases);
}

std::int64_t Car::centijoules(TimePoint now) const {
    return centijoules_ + centiamp_microseconds(now) * volts_of_all_phases() / 1'000'000;
}

/// Looked at from the end of the ramp on: a car that fills up during a ramp is full at its end.
TimePoint Car::full_at() const {
    if (!options_.full_after_wh || full_ || course_.to == Centiamps{0} || volts_of_all_phases() == 0) {
        return TimePoint::max();
    }
    const auto missing = *options_.full_after_wh * 360'000 - centijoules(arrival());
    if (missing <= 0) return arrival();
    return arrival() + Duration{missing * 1'000'000 / (volts_of_all_phases() * course_.to.count()) + 1};
}

}  // namespace simulator
