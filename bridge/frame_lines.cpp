// Both forms are made of the same fields, so that they never disagree.
#include "bridge/frame_lines.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <variant>

#include "bridge/json_values.hpp"
#include "twc/hex.hpp"
#include "twc/names.hpp"

namespace bridge {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t length_v1 = 14;  // of a heartbeat, its checksum included (docs/protocol.md 2)

using twc::hex;
std::string hex(twc::TwcId id) { return fmt::format("{:04X}", id.value()); }
std::string hex(const twc::Body& body) {
    std::string text;
    for (const auto byte : body) text += hex(byte);
    return text;
}

template <std::size_t Count>
std::string dotted(const std::array<std::uint8_t, Count>& version) {
    return fmt::format("{}", fmt::join(version, "."));
}

/// What a message says, beyond its name.
struct Content {
    std::optional<twc::TwcId> sender = std::nullopt;
    std::optional<twc::TwcId> receiver = std::nullopt;
    OrderedJson fields = OrderedJson::object();
};

Content content_of(const twc::MasterLinkReady& message) {
    return {message.from, std::nullopt, {{"sign", hex(message.sign)}}};
}
Content content_of(const twc::SlaveLinkReady& message) {
    return {message.from,
            std::nullopt,
            {{"sign", hex(message.sign)},
             {"max_amps", amps(message.max_current)},
             {"protocol", static_cast<int>(message.protocol)}}};
}
Content content_of(const twc::MasterHeartbeat& message) {
    Content content{message.from, message.to, {{"command", hex(message.command)}}};
    content.fields["limit"] = message.limit ? OrderedJson(amps(*message.limit)) : OrderedJson();
    if (message.error_bits) content.fields["error_bits"] = hex(*message.error_bits);
    content.fields["master_plugged"] = message.master_plugged;
    return content;
}
Content content_of(const twc::SlaveHeartbeat& message) {
    return {message.from,
            message.to,
            {{"state", hex(message.state)}, {"limit", amps(message.limit)}, {"drawn", amps(message.drawn)}}};
}
Content content_of(const twc::Query& message) { return {message.from, message.to}; }
Content content_of(const twc::MeterReport& message) {
    Content content{message.from, std::nullopt, {{"kwh", message.lifetime.count()}}};
    for (const auto volts : message.volts) content.fields["volts"].push_back(volts.count());
    content.fields["amps"] = nullptr;
    if (message.currents) {
        content.fields["amps"] = OrderedJson::array();
        for (const auto current : *message.currents) content.fields["amps"].push_back(amps(current));
    }
    return content;
}
Content content_of(const twc::FirmwareReport& message) {
    return {message.from, std::nullopt, {{"firmware", dotted(message.version)}}};
}
Content content_of(const twc::SerialReport& message) {
    return {message.from, std::nullopt, {{"serial", message.serial}}};
}
Content content_of(const twc::VinReport& message) {
    return {message.from, std::nullopt, {{"vin_part", message.text}}};
}
Content content_of(const twc::ContactorCommand& message) { return {message.from, message.to}; }
Content content_of(const twc::ContactorReply& message) { return {message.from, std::nullopt}; }
Content content_of(const twc::OldTextReport& message) {
    Content content{.fields = {{"serial", message.text}}};
    // One key for both old texts, and the right one besides.
    if (message.question == twc::OldQuestion::model) content.fields["model"] = message.text;
    return content;
}
Content content_of(const twc::OldFirmwareReport& message) {
    return {.fields = {{"firmware", dotted(message.version)}}};
}
Content content_of(const twc::PlugQuery& message) { return {message.from, message.to}; }
Content content_of(const twc::PlugReport& message) {
    return {message.from, std::nullopt, {{"plug", hex(message.plug)}}};
}
// They name nobody and say no more than that they are there; or we do not know what they say.
Content content_of(const twc::MasterIdle&) { return {}; }
Content content_of(const twc::OldQuery&) { return {}; }
Content content_of(const twc::Unknown&) { return {}; }

Content content_of(const twc::Sighting& sighting) {
    if (!sighting.message) return {};
    auto content = std::visit([](const auto& message) { return content_of(message); }, *sighting.message);
    if (std::holds_alternative<twc::SlaveHeartbeat>(*sighting.message))
        content.fields["protocol"] = sighting.body.size() == length_v1 ? 1 : 2;
    return content;
}

/// "unknown" if nobody knows.
std::string name_of(const twc::Body& body) {
    const auto name = body.size() < 2 ? std::string_view{} : twc::name_of(body[0], body[1]);
    return name.empty() ? "unknown" : std::string{name};
}

std::string_view to_text(twc::Direction direction) {
    return direction == twc::Direction::received ? "rx" : "tx";
}

struct Meaning {
    std::string_view key;
    std::string_view value;
    std::string_view text;
};

/// docs/protocol.md 3.
constexpr std::array meanings{
    Meaning{"command", "00", "no change"},
    Meaning{"command", "02", "error"},
    Meaning{"command", "05", "limit"},
    Meaning{"command", "06", "raise by 2 A"},
    Meaning{"command", "07", "lower by 2 A"},
    Meaning{"command", "08", "limit at start"},
    Meaning{"command", "09", "limit while charging"},
    Meaning{"state", "00", "idle"},
    Meaning{"state", "01", "charging"},
    Meaning{"state", "02", "error"},
    Meaning{"state", "03", "plugged in, not charging"},
    Meaning{"state", "04", "asks for a limit"},
    Meaning{"state", "05", "busy"},
    Meaning{"state", "06", "raised by 2 A"},
    Meaning{"state", "07", "lowered by 2 A"},
    Meaning{"state", "08", "starting"},
    Meaning{"state", "09", "takes a new limit"},
    Meaning{"state", "0A", "raised or lowered before"},
    Meaning{"plug", "00", "unplugged"},
    Meaning{"plug", "01", "charging"},
    Meaning{"plug", "03", "plugged in, not charging"},
};

std::string plain(const OrderedJson& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_float()) return fmt::format("{:.2f}", value.get<double>());
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const auto& item : value) text += (text.empty() ? "" : "/") + plain(item);
    return text;
}

/// "limit 16.00 A"; empty for what needs no words.
std::string to_words(const std::string& key, const OrderedJson& value) {
    if (value.is_null() || (key == "master_plugged" && value == false)) return "";
    if (value.is_boolean()) return key;
    if (key == "kwh") return plain(value) + " kWh";
    if (key == "volts") return plain(value) + " V";
    if (key == "amps") return plain(value) + " A";
    if (key == "max_amps") return "rated " + plain(value) + " A";
    std::string words = key + ' ' + plain(value);
    if (value.is_number_float()) words += " A";
    for (const Meaning& meaning : meanings) {
        if (meaning.key == key && value == meaning.value) words += fmt::format(" ({})", meaning.text);
    }
    return words;
}

std::string time_of_day(const std::string& time) {
    const auto date = time.find_last_of(" T");
    return date == std::string::npos ? time : time.substr(date + 1);
}

}  // namespace

std::string to_json_line(const twc::Sighting& sighting) {
    const auto& body = sighting.body;
    const auto content = content_of(sighting);
    const auto id = [](const std::optional<twc::TwcId>& known) {
        return known ? OrderedJson(hex(*known)) : OrderedJson();
    };
    OrderedJson line{
        {"hex", hex(body)},
        {"ok", sighting.message.has_value()},
        {"error", sighting.message ? OrderedJson() : OrderedJson(to_text(sighting.message.error()))},
        {"code", body.size() < 2 ? OrderedJson() : OrderedJson(hex(body[0]) + hex(body[1]))},
        {"name", name_of(body)},
        {"sender", id(content.sender)},
        {"receiver", id(content.receiver)}};
    line.update(content.fields);
    if (!sighting.facts.time.empty()) line["time"] = sighting.facts.time;
    if (!sighting.facts.bus.empty()) line["bus"] = sighting.facts.bus;
    if (sighting.facts.direction) line["direction"] = to_text(*sighting.facts.direction);
    return line.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string to_text_line(const twc::Sighting& sighting) {
    const auto content = content_of(sighting);
    const auto id = [](const std::optional<twc::TwcId>& known) { return known ? hex(*known) : "----"; };
    std::string values;
    for (const auto& [key, value] : content.fields.items()) {
        const auto words = to_words(key, value);
        if (!words.empty()) values += (values.empty() ? "" : ", ") + words;
    }
    const auto name = name_of(sighting.body);
    if (!sighting.message) {
        values = fmt::format("wrong {}: {}", to_text(sighting.message.error()), hex(sighting.body));
    } else if (name == "unknown") {
        values = hex(sighting.body);
    }
    const auto& facts = sighting.facts;
    auto line = fmt::format("{:<12} {}{}{:<2}  {} > {}  {:<18}  {}", time_of_day(facts.time), facts.bus,
                            facts.bus.empty() ? "" : " ", facts.direction ? to_text(*facts.direction) : "",
                            id(content.sender), id(content.receiver), name, values);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace bridge
