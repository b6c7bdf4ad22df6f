// Compares a report with the one before it.
#include "twc/meter_belief.hpp"

#include <algorithm>
#include <cstdlib>

#include "twc/unit.hpp"

namespace twc {

namespace {

constexpr Volts greatest_volts{500};  // of one phase; North America has 277 V
constexpr Centiamps greatest_current{10'000};
constexpr std::int64_t volts_tolerance = 25;  // between two readings, minutes apart
constexpr std::int64_t lifetime_tolerance = 100;
constexpr int doubts_in_a_row = 3;

bool possible(const MeterReport& report) {
    const auto too_high = [](Volts volts) { return volts > greatest_volts; };
    if (std::ranges::any_of(report.volts, too_high)) return false;
    return !report.currents || std::ranges::none_of(*report.currents, [](Centiamps current) {
        return current > greatest_current;
    });
}

template <class Unit>
bool close(Quantity<Unit> a, Quantity<Unit> b, std::int64_t tolerance) {
    return std::abs(a.count() - b.count()) <= tolerance;
}

bool agree(const MeterReport& a, const MeterReport& b) {
    if (a.currents.has_value() != b.currents.has_value()) return false;
    for (std::size_t phase = 0; phase < a.volts.size(); ++phase) {
        if (!close(a.volts[phase], b.volts[phase], volts_tolerance)) return false;
        if (a.currents &&
            (a.currents->at(phase) >= charging_current) != (b.currents->at(phase) >= charging_current))
            return false;
    }
    return close(a.lifetime, b.lifetime, lifetime_tolerance);
}

}  // namespace

MeterBelief::Verdict MeterBelief::judge(const MeterReport& report) {
    if (!possible(report)) return Verdict::ignored;
    const bool agrees = last_ && agree(*last_, report);
    last_ = report;
    if (agrees) {
        doubts_ = 0;
        return Verdict::believed;
    }
    return ++doubts_ <= doubts_in_a_row ? Verdict::doubted : Verdict::ignored;
}

}  // namespace twc
