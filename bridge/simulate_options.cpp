// What `twcbridge simulate` is asked for.
#include "bridge/simulate_options.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace bridge {
namespace {

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

twc::Expected<ChargerSpec, std::string> parse_charger_spec(std::string_view text) {
    std::vector<std::string_view> parts;
    for (auto rest = text;; rest.remove_prefix(parts.back().size() + 1)) {
        parts.push_back(rest.substr(0, rest.find(':')));
        if (parts.back().size() == rest.size()) break;
    }
    const auto failure = [&](const std::string& why) {
        return twc::Unexpected{"charger \"" + std::string{text} + "\": " + why};
    };
    if (parts.size() > 3) return failure("expected ID[:MAX[:PROTOCOL]]");
    ChargerSpec spec;
    const auto id = twc::TwcId::parse(parts[0]);
    if (!id) return failure("the id must have four hex digits");
    spec.id = *id;
    if (parts.size() > 1) {
        const auto rating = whole_number(parts[1]);
        if (!rating || *rating < 6 || *rating > 80)
            return failure("the maximum must be 6 to 80 whole amperes");
        spec.rating = twc::Centiamps{*rating * 100};
    }
    if (parts.size() > 2) {
        if (parts[2] != "1" && parts[2] != "2") return failure("the protocol must be 1 or 2");
        spec.protocol = parts[2] == "1" ? twc::Protocol::v1 : twc::Protocol::v2;
    }
    return spec;
}

std::optional<std::string> problem_with(const SimulateOptions& options) {
    if (options.link.has_value() == options.listen_port.has_value()) {
        return "exactly one of --link and --listen is needed";
    }
    if (options.chargers.empty()) return "at least one charger is needed";
    for (auto charger = options.chargers.begin(); charger != options.chargers.end(); ++charger) {
        const auto same = [&](const ChargerSpec& other) { return other.id == charger->id; };
        if (std::any_of(options.chargers.begin(), charger, same))
            return "charger " + charger->id.text() + " is given twice";
    }
    return std::nullopt;
}

}  // namespace bridge
