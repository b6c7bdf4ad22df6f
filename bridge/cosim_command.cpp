#include "bridge/cosim_command.hpp"

#include <cmath>
#include <istream>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/core/cosim.hpp"
#include "mqtt/values.hpp"

namespace bridge {
namespace {

using nlohmann::json;

constexpr double most = 1'000'000;    // of any number but `t`: far beyond every range that matters
constexpr double most_amps = 655.35;  // of a field on the bus
constexpr std::int64_t most_seconds = 1LL << 40;  // 35 000 years
constexpr int most_volts = 1000;

/// Reads one line. The first thing that is wrong ends it, as a sentence.
class SecondReader {
  public:
    std::optional<Second> read(const std::string& line) {
        const auto document = json::parse(line, nullptr, false);
        if (document.is_discarded() || !document.is_object()) {
            fail("", "a JSON object");
            return std::nullopt;
        }
        each(document, "", [this](const std::string& key, const json& value) { take(key, value); });
        if (!has_t_) fail("/t", "a whole number of seconds");
        return error_.empty() ? std::optional{std::move(second_)} : std::nullopt;
    }
    [[nodiscard]] const std::string& error() const { return error_; }
    /// Inputs that are no numbers: dropped alone, as the service drops such a message.
    [[nodiscard]] const std::vector<std::string>& dropped() const { return dropped_; }

  private:
    void fail(const std::string& pointer, std::string_view expected) {
        if (error_.empty())
            error_ = pointer + (pointer.empty() ? "" : ": ") + "expected " + std::string{expected};
    }

    template <class Use>
    void each(const json& object, const std::string& pointer, Use use) {
        if (!object.is_object()) return fail(pointer, "an object");
        for (const auto& [key, value] : object.items()) use(key, value);
    }

    void take(const std::string& key, const json& value) {
        if (key == "t") {
            has_t_ = value.is_number_integer();
            if (has_t_) second_.t = value.get<std::int64_t>();
            if (second_.t < 0 || second_.t > most_seconds) fail("/t", "seconds within 35 000 years");
        } else if (key == "inputs") {
            each(value, "/inputs",
                 [this](const std::string& name, const json& reading) { take_input(name, reading); });
        } else if (key == "set") {
            each(value, "/set", [this](const std::string& name, const json& setting) {
                second_.commands.emplace_back(
                    name, setting.is_string() ? setting.get<std::string>() : setting.dump());
            });
        } else if (key == "chargers") {
            if (!value.is_array()) return fail("/chargers", "an array");
            for (const auto& charger : value)
                take_charger("/chargers/" + std::to_string(second_.chargers.size()), charger);
        } else {
            fail("/" + key, R"(one of "t", "inputs", "set", "chargers")");
        }
    }

    void take_input(const std::string& name, const json& value) {
        if (value.is_null()) return;
        if (!value.is_number() || !(std::abs(value.get<double>()) <= most)) {
            dropped_.push_back("input " + name + ": expected a number");
            return;
        }
        const twc::Watts watts{std::int64_t{std::llround(value.get<double>())}};
        const twc::Centiamps amps{std::int64_t{std::llround(value.get<double>() * 100)}};
        if (name == "generation")
            second_.generation = watts;
        else if (name == "consumption")
            second_.consumption = watts;
        else if (name == "grid")
            second_.grid = watts;
        else if (name == "battery")
            second_.battery = watts;
        else if (name == "grid_l1" || name == "grid_l2" || name == "grid_l3")
            second_.grid_currents.at(static_cast<std::size_t>(name.back() - '1')) = amps;
        else
            fail("/inputs/" + name,
                 "one of \"generation\", \"consumption\", \"grid\", \"grid_l1\" … \"grid_l3\", \"battery\"");
    }

    void take_charger(const std::string& pointer, const json& object) {
        SimulatedCharger charger;
        each(object, pointer, [&](const std::string& key, const json& value) {
            const auto where = pointer + "/" + key;
            const auto flag = [&](bool& target) {
                if (!value.is_boolean()) return fail(where, "true or false");
                target = value.get<bool>();
            };
            const auto amps = [&](twc::Centiamps& target) {
                const bool fits =
                    value.is_number() && value.get<double>() >= 0 && value.get<double>() <= most_amps;
                if (!fits) return fail(where, "amperes, 0 … 655.35");
                target = twc::Centiamps{std::int64_t{std::llround(value.get<double>() * 100)}};
            };
            if (key == "id" && value.is_string())
                charger.id = value.get<std::string>();
            else if (key == "online")
                flag(charger.online);
            else if (key == "vehicle")
                flag(charger.vehicle);
            else if (key == "limit")
                amps(charger.limit);
            else if (key == "drawn")
                amps(charger.drawn);
            else if (key == "volts")
                take_volts(where, value, charger.volts);
            else
                fail(where, R"(one of "id" (text), "online", "vehicle", "limit", "drawn", "volts")");
        });
        if (charger.id.empty()) fail(pointer + "/id", "four hex digits");
        second_.chargers.push_back(std::move(charger));
    }

    void take_volts(const std::string& where, const json& value, std::array<int, 3>& volts) {
        bool fits = value.is_array() && value.size() == volts.size();
        for (std::size_t phase = 0; fits && phase < volts.size(); ++phase) {
            const auto& one = value[phase];
            fits = one.is_number() && one.get<double>() >= 0 && one.get<double>() <= most_volts;
            if (fits) volts.at(phase) = static_cast<int>(std::lround(one.get<double>()));
        }
        if (!fits) fail(where, "three numbers, 0 … 1000 V");
    }

    Second second_;
    bool has_t_ = false;
    std::string error_;
    std::vector<std::string> dropped_;
};

std::string text_of(const std::vector<CosimOffer>& offers) {
    std::string text;
    for (const auto& offer : offers) {
        text += text.empty() ? "" : ", ";
        text += R"({"id": )" + json(offer.id).dump() + R"(, "amps": )" +
                broker::hundredths(offer.amps.count()) + R"(, "charge": )" +
                (offer.charge ? "true" : "false") + R"(, "reason": )" + json(offer.reason).dump() + "}";
    }
    return "[" + text + "]";
}

}  // namespace

int cosim(const config::Config& config, std::istream& in, std::ostream& out, std::ostream& err) {
    Cosim site{config};
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    std::string offers = "[]";
    std::uint64_t number = 0;
    std::uint64_t wrong = 0;
    std::uint64_t refused = 0;
    for (std::string line; out && std::getline(in, line);) {
        ++number;
        SecondReader reader;
        const auto second = reader.read(line);
        auto error = reader.error();
        if (second && second->t <= last)
            error = "/t: expected more than " + std::to_string(last) + ", found " + std::to_string(second->t);
        if (!error.empty()) {
            ++wrong;
            err << "line " << number << ": " << error << '\n';
            out << R"({"t": )" << (second ? std::to_string(second->t) : "null") << R"(, "error": )"
                << json(error).dump(-1, ' ', false, json::error_handler_t::replace) << R"(, "offers": )"
                << offers << "}\n"
                << std::flush;
            continue;
        }
        last = second->t;
        offers = text_of(site.step(*second));
        auto remarks = reader.dropped();
        for (auto& refusal : site.take_refusals()) remarks.push_back(std::move(refusal));
        for (const auto& remark : remarks) err << "line " << number << ": " << remark << '\n';
        refused += remarks.size();
        out << R"({"t": )" << last << R"(, "offers": )" << offers << "}\n" << std::flush;
    }
    if (wrong + refused > 0)
        err << wrong << " wrong lines of " << number << ", " << refused << " refused inputs or commands\n";
    if (!out) err << "the answers could not be written\n";
    return wrong > 0 || !out ? 1 : 0;
}

}  // namespace bridge
