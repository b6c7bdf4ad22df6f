// Payload text ⇄ values: plain numbers with a point, no exponent, words in lower case.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "twc/expected.hpp"
#include "twc/units.hpp"

namespace broker {

/// More than any car takes, kWh.
inline constexpr int most_energy = 200;
/// kWh; a finer step has no meaning, a coarser one would not hold what counts down.
inline constexpr double energy_step = 0.01;
/// A day.
inline constexpr int most_boost_minutes = 24 * 60;

using Reason = std::string;  ///< why a payload was refused, one sentence without a full stop

/// "16" or "15.5": A, read by decimal digits and rounded down to 0.01 A. Refuses text, NaN, infinity,
/// negatives, exponents and more than 12 digits before the point. ASCII white space around a payload is
/// ignored here and below.
twc::Expected<twc::Centiamps, Reason> parse_amps(std::string_view payload);
/// "7.5": kWh in 0.01 kWh, from 0 to most_energy, read as parse_amps does.
twc::Expected<std::int64_t, Reason> parse_energy(std::string_view payload);
/// "07:00": since midnight.
twc::Expected<std::chrono::minutes, Reason> parse_time(std::string_view payload);
/// Lines of a schedule joined by ";", "none" or nothing for an empty one; no value for "config": that of the
/// configuration.
twc::Expected<std::optional<std::vector<config::Window>>, Reason> parse_schedule(std::string_view payload);
/// Whole number in [low, high]; "5.0" is 5.
twc::Expected<std::int64_t, Reason> parse_whole(std::string_view payload, std::int64_t low,
                                                std::int64_t high);
/// "ON" or "OFF".
twc::Expected<bool, Reason> parse_switch(std::string_view payload);
/// "true" or "false".
twc::Expected<bool, Reason> parse_truth(std::string_view payload);
twc::Expected<config::Mode, Reason> parse_mode(std::string_view payload);
/// A mode, or nothing for "site": follow the bridge.
twc::Expected<std::optional<config::Mode>, Reason> parse_charger_mode(std::string_view payload);

/// "off", "solar", "solar_min", "fast".
std::string_view to_text(config::Mode);
/// "ON", "OFF".
std::string_view to_text(bool);
/// Hundredths as a decimal number without trailing zeros: 1250 → "12.5", -5 → "-0.05".
std::string hundredths(std::int64_t count);
/// "07:00".
std::string time_text(std::chrono::minutes since_midnight);
/// A foreign text for a sentence: in quotation marks, at most 40 characters, those that are not printable
/// ASCII as '?'.
std::string in_quotes(std::string_view text);
/// A foreign topic at the beginning of a sentence: at most 120 characters, those that are not printable ASCII
/// as '?'.
std::string for_log(std::string_view topic);

/// More than any house uses or any roof gives.
inline constexpr int most_watts = 100'000;
/// One reading of an input in thousandths of W or A: a finite number after `input.factor`, |x| ≤ 100 kW (1000
/// A for currents is the caller's check). The payload is a number in any usual notation, or where the input
/// has a pointer a JSON document of at most 64 kB and 32 levels with a number there, or a string that is one;
/// the pointer "" means the whole document.
twc::Expected<std::int64_t, Reason> parse_reading(std::string_view payload, const config::Input& input);
/// The same for each of several inputs that come by one message, whose document is parsed once for all.
std::vector<twc::Expected<std::int64_t, Reason>> parse_readings(std::string_view payload,
                                                                std::span<const config::Input* const> inputs);

}  // namespace broker
