// Settings of TWCManager → a configuration of ours, and remarks on what does not go over.
#include "bridge/import_twcmanager.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "bridge/import_remedies.hpp"
#include "bridge/relaxed_json.hpp"
#include "config/json.hpp"
#include "config/load.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"
#include "mqtt/values.hpp"

namespace bridge {
namespace {

using namespace twc::literals;
using config::Json;
using config::Node;
using config::Problems;
using twc::Centiamps;

/// Steps into a document.
using Path = std::initializer_list<std::string_view>;

const Json* member(const Json* json, std::string_view key) {
    if (json == nullptr) return nullptr;
    const auto* object = std::get_if<Json::Object>(&json->content);
    if (object == nullptr) return nullptr;
    const auto found = std::ranges::find(*object, key, &config::Member::key);
    return found == object->end() ? nullptr : &found->value;
}

const Json::Object& members(const Json* json) {
    static const Json::Object none;
    const auto* object = json == nullptr ? nullptr : std::get_if<Json::Object>(&json->content);
    return object == nullptr ? none : *object;
}

std::optional<std::string> text_of(const Json* json) {
    const auto* text = json == nullptr ? nullptr : std::get_if<std::string>(&json->content);
    if (text == nullptr) return std::nullopt;
    return *text;
}

/// A whole number, also one in quotation marks, as settings.json has them.
std::optional<std::int64_t> whole_of(const Json* json) {
    if (json == nullptr) return std::nullopt;
    if (const auto* number = std::get_if<config::Number>(&json->content))
        return config::scaled(number->text, 0);
    const auto text = text_of(json).value_or("");
    const bool plain = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return plain ? config::scaled(text, 0) : std::nullopt;
}

bool is_true(const Json* json) {
    const auto* value = json == nullptr ? nullptr : std::get_if<bool>(&json->content);
    return (value != nullptr && *value) || whole_of(json) == 1 || text_of(json) == "true";
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

/// Numbers and switches as they are; texts may be secrets.
std::string shown(const Json& json) {
    const bool harmless =
        std::holds_alternative<config::Number>(json.content) || std::holds_alternative<bool>(json.content);
    return harmless ? " (" + config::describe(json) + ')' : "";
}

/// A document of ours, a key a line.
class Writer {
  public:
    /// `value` is JSON.
    void put(std::string_view key, const std::string& value) {
        lines_.push_back("  " + quoted(std::string{key}) + ": " + value);
    }
    void put_object(std::string_view key, const std::vector<std::string>& members) {
        if (!members.empty()) put(key, "{ " + joined(members, ", ") + " }");
    }
    [[nodiscard]] std::string text() const { return "{\n" + joined(lines_, ",\n") + "\n}\n"; }

  private:
    static std::string joined(const std::vector<std::string>& parts, std::string_view glue) {
        std::string text;
        for (const auto& part : parts) {
            if (!text.empty()) text += glue;
            text += part;
        }
        return text;
    }

    std::vector<std::string> lines_;
};

std::string member_text(std::string_view key, const std::string& value) {
    return quoted(std::string{key}) + ": " + value;
}

struct Remark {
    std::string what;
    std::string sentence;
};

class Import {
  public:
    Import(std::string name, const Json& root, const Json* settings)
        : name_{std::move(name)}, root_{&root}, settings_{settings} {}

    twc::Expected<Imported, Problems> take(std::vector<std::string> repairs) {
        read_bus();
        read_supply();
        read_broker();
        read_inputs();
        read_stop();
        read_control();
        read_schedule();
        remark_on_config();
        remark_on_modules();
        remark_on_policy();
        remark_on_settings();
        if (!problems_.empty()) return twc::Unexpected{std::move(problems_)};
        auto remarks = std::move(repairs);
        for (const auto& [what, sentence] : remarks_)
            remarks.push_back(fmt::format("{}: {}", what, sentence));
        return Imported{out_.text(), std::move(remarks)};
    }

  private:
    // ---- looking

    /// A section at the top. Older shipped files lack a bracket, and all that follows lands in "policy".
    [[nodiscard]] const Json* section(std::string_view name) const {
        const auto* found = member(root_, name);
        return found != nullptr ? found : member(member(root_, "policy"), name);
    }
    [[nodiscard]] const Json* find(Path path) const {
        const Json* json = nullptr;
        bool first = true;
        for (const auto step : path) json = std::exchange(first, false) ? section(step) : member(json, step);
        return json;
    }
    /// For typed reading; what is wrong becomes a problem.
    [[nodiscard]] std::optional<Node> node(Path path) {
        const auto* json = find(path);
        if (json == nullptr) return std::nullopt;
        auto pointer = name_ + ": ";
        for (const auto step : path) pointer = config::child_pointer(pointer, step);
        return Node{*json, pointer, problems_};
    }
    [[nodiscard]] bool is_on(std::string_view section_name, std::string_view module) const {
        return is_true(find({section_name, module, "enabled"}));
    }

    /// What has the same remedy is said in one remark.
    void remark(const std::string& what, std::string_view sentence) {
        const auto same = std::ranges::find(remarks_, sentence, &Remark::sentence);
        if (same == remarks_.end())
            remarks_.push_back({what, std::string{sentence}});
        else
            same->what += ", " + what;
    }

    // ---- the wire

    void read_bus() {
        if (is_on("interface", "RS485")) return read_serial();
        const auto server = text_of(find({"interface", "TCP", "server"}));
        if (is_on("interface", "TCP") && server && config::is_bus_port("tcp://" + *server + ":6000")) {
            put_port("tcp://" + *server + ":6000");
            return remark("interface.TCP", "make sure that the port in bus.port is the server's");
        }
        put_port("/dev/ttyUSB0");
        remark("interface",
               "none that is switched on can be taken over; put the adapter's port into bus.port");
    }

    void read_serial() {
        auto port = text_of(find({"interface", "RS485", "port"})).value_or("/dev/ttyUSB0");
        for (const std::string_view scheme : {"socket://", "rfc2217://"}) {
            if (!port.starts_with(scheme)) continue;
            if (scheme == "rfc2217://")
                remark("interface.RS485.port",
                       "the serial server must be set to raw TCP, RFC 2217 is not spoken");
            port = "tcp://" + port.substr(scheme.size());
            port = port.substr(0, port.find_first_of("/?", std::string_view{"tcp://"}.size()));
        }
        if (config::is_bus_port(port)) {
            put_port(port);
        } else {
            put_port("/dev/ttyUSB0");
            remark("interface.RS485.port", "no port that can be used here; put the adapter's into bus.port");
        }
        const auto* baud = find({"interface", "RS485", "baud"});
        if (baud != nullptr && whole_of(baud) != 9600)
            remark("interface.RS485.baud" + shown(*baud),
                   "wall connectors speak at 9600 baud, and so does the bridge");
        if (const auto* timeout = find({"interface", "RS485", "slaveTimeout"}))
            remark("interface.RS485.slaveTimeout" + shown(*timeout), "the 26 s of a real master hold here");
    }

    void put_port(const std::string& port) { out_.put_object("bus", {member_text("port", quoted(port))}); }

    // ---- what the wiring carries

    /// In our range, or a problem below it: a limit is never raised on import. Above it is lowered.
    std::optional<Centiamps> read_limit(std::string_view key, Centiamps most) {
        constexpr auto anything = 100000_A;
        const auto found = node({"config", key});
        if (!found || found->is_null()) return std::nullopt;
        const auto amps = found->amps(6_A, anything);
        if (!amps) return std::nullopt;
        if (*amps > most)
            remark("config." + std::string{key} + shown(found->json()),
                   "lowered to " + twc::to_text(most, true) + " A, the most there is here");
        out_.put(key, twc::to_text(std::min(*amps, most), true));
        return std::min(*amps, most);
    }

    void read_supply() {
        auto lowest = 6_A;
        const auto all = read_limit("wiringMaxAmpsAllTWCs", 1000_A);
        const auto each = read_limit("wiringMaxAmpsPerTWC", 80_A);
        if (all && each) lowest = std::min(*all, *each);
        const auto fuse = read_limit("maxAmpsAllowedFromGrid", 1000_A);
        if (fuse) {
            lowest = std::min(lowest, *fuse);
            remark(
                "config.maxAmpsAllowedFromGrid",
                "holds always here, not only in rules that name it, and without values of the meter nobody "
                "gets more than 6 A; take it out if the house needs no such limit");
        }
        read_minimum(lowest);
        if (const auto volts = node({"config", "defaultVoltage"})) {
            if (const auto value = volts->whole(100, 300, "volts"))
                out_.put("defaultVoltage", std::to_string(*value));
        }
        if (const auto phases = node({"config", "numberOfPhases"})) {
            if (const auto value = phases->whole(1, 3, ""))
                out_.put("numberOfPhases", std::to_string(*value));
        }
    }

    void read_minimum(Centiamps lowest_ceiling) {
        const auto found = node({"config", "minAmpsPerTWC"});
        if (!found) return;
        constexpr auto most = 32_A;
        const auto amps = found->amps(0_A, 1000_A);
        if (!amps) return;
        minimum_ = *amps < 5_A ? 6_A : std::min({*amps, most, lowest_ceiling});
        if (minimum_ != *amps)
            remark("config.minAmpsPerTWC" + shown(found->json()),
                   *amps < minimum_ ? "raised to 6 A, below which cars do not charge reliably"
                                    : "lowered to " + twc::to_text(minimum_, true) +
                                          " A: it may not be above what the wiring carries, nor above 32 A");
        out_.put("minAmpsPerTWC", twc::to_text(minimum_, true));
    }

    // ---- the broker

    void read_broker() {
        static constexpr std::array<std::array<std::string_view, 2>, 3> places{
            {{"control", "MQTT"}, {"status", "MQTT"}, {"sources", "MQTT"}}};
        std::string url;
        for (const auto& [section_name, module] : places) {
            if (!is_on(section_name, module)) continue;
            const auto path = std::string{section_name} + '.' + std::string{module};
            const auto host = text_of(find({section_name, module, "brokerIP"})).value_or("");
            const auto port = whole_of(find({section_name, module, "brokerPort"})).value_or(1883);
            const auto here = "mqtt://" + host + ':' + std::to_string(port);
            if (!config::is_broker_url(here)) {
                remark(path + ".brokerIP",
                       "no address that can be used here; put the broker's into mqtt.url");
            } else if (url.empty()) {
                url = here;
                put_broker(url, path, find({section_name, module}));
            } else if (url != here) {
                remark(path + ".brokerIP",
                       "another broker than mqtt.url: the bridge speaks to one; let one broker "
                       "forward to the other");
            }
            remark_on_topics(path, find({section_name, module}));
        }
        if (url.empty())
            remark("mqtt", "no broker was in use: the bridge needs one, for example mosquitto, in mqtt.url");
    }

    void put_broker(const std::string& url, const std::string& path, const Json* module) {
        std::vector<std::string> mqtt{member_text("url", quoted(url))};
        const auto username = text_of(member(module, "username")).value_or("");
        if (!username.empty()) mqtt.push_back(member_text("username", quoted(username)));
        out_.put_object("mqtt", mqtt);
        if (!text_of(member(module, "password")).value_or("").empty())
            remark(path + ".password",
                   "not copied: write it into a file of its own, as docs/security.md shows, and add "
                   "\"passwordFile\" to mqtt");
    }

    void remark_on_topics(const std::string& path, const Json* module) {
        for (const auto& [key, value] : members(module)) {
            if (key == "topicPrefix")
                remark(path + ".topicPrefix",
                       "topics are named differently here and begin with mqtt.baseTopic, see docs/mqtt.md");
            else if (key == "ratelimit")
                remark(path + ".ratelimit" + shown(value),
                       "not needed: values are published when they change");
            else if (key != "enabled" && key != "brokerIP" && key != "brokerPort" && key != "username" &&
                     key != "password" && key != "topicGeneration" && key != "topicConsumption")
                remark(fmt::format("{}.{}", path, key),
                       "not known to this import; the settings of mqtt are in docs/configuration.md");
        }
    }

    // ---- the sun

    void read_inputs() {
        std::vector<std::string> inputs;
        const auto generation = topic_of("topicGeneration");
        const auto consumption = topic_of("topicConsumption");
        const bool export_only = is_true(find({"config", "treatGenerationAsGridDelivery"}));
        if (export_only) {
            inputs.push_back(member_text(
                "grid", generation ? "{ \"topic\": " + quoted(*generation) + ", \"invert\": true }" : "{}"));
            remark("config.treatGenerationAsGridDelivery",
                   "inputs.grid takes its place and needs the net power at the meter: import must show in it "
                   "too");
        } else if (generation) {
            inputs.push_back(member_text("generation", "{ \"topic\": " + quoted(*generation) + " }"));
        }
        if (consumption)
            inputs.push_back(member_text("consumption", "{ \"topic\": " + quoted(*consumption) + " }"));
        out_.put_object("inputs", inputs);
        if (const auto subtract = node({"config", "subtractChargerLoad"})) {
            if (const auto value = subtract->boolean())
                out_.put("subtractChargerLoad", *value ? "true" : "false");
        }
    }

    std::optional<std::string> topic_of(std::string_view key) {
        if (!is_on("sources", "MQTT")) return std::nullopt;
        auto topic = text_of(find({"sources", "MQTT", key}));
        if (topic && config::is_topic(*topic)) return topic;
        remark("sources.MQTT." + std::string{key},
               "no topic: the default of inputs holds, see docs/configuration.md");
        return std::nullopt;
    }

    // ---- how to stop, how long to hold

    void read_stop() {
        const auto* mode = member(settings_, "chargeStopMode");
        if (mode == nullptr) return;
        const auto number = whole_of(mode);
        if (number == 2 || number == 3) {
            const std::string method = number == 2 ? "silence" : "contactor";
            const auto methods = R"(["zero", )" + quoted(method) + ']';
            out_.put_object("stop", {member_text("surplus", methods), member_text("command", methods)});
            remark("settings.chargeStopMode" + shown(*mode),
                   "became the stop method " + method +
                       "; a Tesla may want its plug pulled after it, see docs/stopping.md");
        } else {
            remark("settings.chargeStopMode" + shown(*mode), remedy_of("config.teslaProxy"));
        }
    }

    void read_control() {
        const auto found = node({"config", "greenEnergyFlexAmps"});
        if (!found) return;
        const auto flex = found->amps(0_A, 1000_A);
        if (!flex) return;
        if (*flex == 0_A)
            return remark("config.greenEnergyFlexAmps (0)",
                          "a running car is held while half of its minimum is sun; control.solarShare 0.99 "
                          "is as strict");
        // What must come from the sun is the minimum without what the grid may add.
        const auto share = std::max<std::int64_t>(0, 100 - flex->count() * 100 / minimum_.count());
        const auto percent = std::min<std::int64_t>(share, 99);
        const std::string text =
            percent < 10 ? "0.0" + std::to_string(percent) : "0." + std::to_string(percent);
        out_.put_object("control", {member_text("solarShare", text)});
        remark("config.greenEnergyFlexAmps" + shown(found->json()),
               "became control.solarShare " + text + ", the part of the minimum that must be sun");
    }

    // ---- the schedule

    /// Hours since midnight, also 22.5, as minutes.
    [[nodiscard]] std::optional<std::int64_t> minutes_at(std::string_view key) const {
        const auto* number = std::get_if<config::Number>(&content_of(member(settings_, key)));
        const auto hundredths = number == nullptr ? std::nullopt : config::scaled(number->text, 2);
        if (!hundredths || *hundredths < 0 || *hundredths >= 2400) return std::nullopt;
        return *hundredths * 60 / 100;
    }
    static const decltype(Json::content)& content_of(const Json* json) {
        static const Json nothing{};
        return json == nullptr ? nothing.content : json->content;
    }

    /// "mon,tue,fri ", Monday is the lowest bit; nothing for all.
    static std::string days_text(std::int64_t bitmap) {
        static constexpr std::array<std::string_view, 7> words{"mon", "tue", "wed", "thu",
                                                               "fri", "sat", "sun"};
        constexpr std::int64_t every_day = 127;
        std::string text;
        if ((bitmap & every_day) == every_day) return text;
        for (std::size_t day = 0; day < words.size(); ++day) {
            if (((bitmap >> day) & 1) != 0) text += (text.empty() ? "" : ",") + std::string{words[day]};
        }
        return text + ' ';
    }

    void read_schedule() {
        const auto from = minutes_at("scheduledAmpsStartHour");
        const auto to = minutes_at("scheduledAmpsEndHour");
        const auto days = whole_of(member(settings_, "scheduledAmpsDaysBitmap")).value_or(0);
        const auto amps = whole_of(member(settings_, "scheduledAmpsMax")).value_or(0);
        constexpr std::int64_t most_amps = 80;
        if (!from || !to || from == to || (days & 127) == 0 || amps < 1) return;
        const auto clock_text = [](std::int64_t minutes) {
            return broker::time_text(std::chrono::minutes{minutes});
        };
        const auto line = days_text(days) + clock_text(*from) + '-' + clock_text(*to) + " fast " +
                          std::to_string(std::min(amps, most_amps)) + " A";
        out_.put("schedule", "[ " + quoted(line) + " ]");
        schedule_taken_ = true;
        remark(
            "settings.scheduledAmpsDaysBitmap, settings.scheduledAmpsStartHour, "
            "settings.scheduledAmpsEndHour and "
            "settings.scheduledAmpsMax",
            "became a line of schedule, whose limit holds for each charger; total_limit and "
            "wiringMaxAmpsAllTWCs hold for all together");
    }

    // ---- what is left

    void remark_on_config() {
        static constexpr std::array<std::string_view, 9> taken{
            "wiringMaxAmpsAllTWCs",   "wiringMaxAmpsPerTWC", "minAmpsPerTWC",
            "maxAmpsAllowedFromGrid", "defaultVoltage",      "numberOfPhases",
            "subtractChargerLoad",    "greenEnergyFlexAmps", "treatGenerationAsGridDelivery"};
        for (const auto& [key, value] : members(section("config"))) {
            if (std::ranges::find(taken, key) != taken.end()) continue;
            const auto path = "config." + key;
            if (key == "fakeMaster")
                remark_on_role(path, value);
            else if (key == "greenEnergyAmpsOffset")
                remark_on_reserve();
            else
                remark(path + shown(value), remedy_of(path));
        }
    }

    void remark_on_role(const std::string& path, const Json& value) {
        if (whole_of(&value) == 2)
            remark(path + " (2)", "run --observe listens and never transmits");
        else if (whole_of(&value) != 1)
            remark(path + shown(value), "the bridge is always the master");
    }

    [[nodiscard]] std::int64_t volts_of_all_phases() const {
        return whole_of(find({"config", "defaultVoltage"})).value_or(240) *
               whole_of(find({"config", "numberOfPhases"})).value_or(1);
    }

    /// Amps in `json` as whole watts.
    [[nodiscard]] std::optional<std::int64_t> watts(const Json* json, bool is_amps) const {
        const auto* number = json == nullptr ? nullptr : std::get_if<config::Number>(&json->content);
        const auto hundredths = number == nullptr ? std::nullopt : config::scaled(number->text, 2);
        constexpr std::int64_t most = 10'000'000;
        if (!hundredths || *hundredths > most || *hundredths < -most) return std::nullopt;
        return *hundredths * (is_amps ? volts_of_all_phases() : 1) / 100;
    }

    /// What was counted as consumption besides the meter.
    void remark_on_reserve() {
        auto sum = watts(find({"config", "greenEnergyAmpsOffset"}), true);
        for (const auto& [name, offset] : members(member(settings_, "consumptionOffset"))) {
            const auto more = watts(member(&offset, "value"), text_of(member(&offset, "unit")) != "W");
            sum = sum && more ? std::optional{*sum + *more} : std::nullopt;
        }
        remark("config.greenEnergyAmpsOffset and settings.consumptionOffset",
               sum ? "set grid_reserve to " + std::to_string(*sum) +
                         " W, once: mosquitto_pub -t twcbridge/grid_reserve/set -m " + std::to_string(*sum)
                   : "set grid_reserve to what the house uses beyond the values of the inputs, in W");
    }

    void remark_on_modules() {
        std::string off;
        for (const std::string_view name :
             {"interface", "control", "logging", "sources", "status", "pricing", "vehicle"}) {
            for (const auto& [module, value] : members(section(name))) {
                const auto path = std::string{name} + '.' + module;
                if (!is_true(member(&value, "enabled"))) {
                    off += (off.empty() ? "" : ", ") + path;
                } else if (module != "MQTT" && path != "interface.RS485" && path != "interface.TCP") {
                    remark(path + keys_of(value), remedy_of(path));
                }
            }
        }
        if (!off.empty()) remark("switched off there, and left out", off);
    }

    static std::string keys_of(const Json& module) {
        std::string keys;
        for (const auto& [key, value] : members(&module)) {
            if (key != "enabled") keys += (keys.empty() ? "" : ", ") + key;
        }
        return keys.empty() ? "" : " (" + keys + ')';
    }

    void remark_on_policy() {
        const auto* policy = section("policy");
        for (const auto& [key, value] : members(policy)) {
            if (key == "extend") {
                for (const auto& [part, rules] : members(&value))
                    remark_on_rules("policy.extend." + part, rules);
            } else if (key == "override") {
                remark_on_rules("policy.override", value);
            } else if (!is_section(key)) {
                remark("policy." + key + shown(value), remedy_of("policy." + key));
            }
        }
    }

    static bool is_section(std::string_view key) {
        return key == "logging" || key == "sources" || key == "status" || key == "vehicle" ||
               key == "pricing";
    }

    void remark_on_rules(const std::string& path, const Json& rules) {
        for (const auto& [name, rule] : members(&rules))
            remark(fmt::format("{} {}", path, quoted(name)), remedy_of("policy.*"));
        const auto* list = std::get_if<Json::Array>(&rules.content);
        if (list == nullptr) return;
        for (const auto& rule : *list) {
            const auto name = quoted(text_of(member(&rule, "name")).value_or("without a name"));
            const bool of_the_fuse = text_of(member(&rule, "background_task")) == "checkMaxPowerFromGrid";
            remark(fmt::format("{} {}", path, name),
                   of_the_fuse ? "not needed: maxAmpsAllowedFromGrid holds in every mode"
                               : remedy_of("policy.*"));
        }
    }

    void remark_on_settings() {
        std::string state;
        for (const auto& [key, value] : members(settings_)) {
            const auto path = "settings." + key;
            if (is_state_of_twcmanager(key)) {
                state += (state.empty() ? "" : ", ") + path;
            } else if (key == "consumptionOffset") {
                if (find({"config", "greenEnergyAmpsOffset"}) == nullptr) remark_on_reserve();
            } else if (schedule_taken_ && is_of_schedule(key)) {
                continue;
            } else if (key != "chargeStopMode") {
                remark(path + shown(value), remedy_of(path));
            }
        }
        if (!state.empty()) remark(state, "history and counters begin anew here");
    }

    static bool is_of_schedule(std::string_view key) {
        return key == "scheduledAmpsStartHour" || key == "scheduledAmpsEndHour" ||
               key == "scheduledAmpsDaysBitmap" || key == "scheduledAmpsMax";
    }

    std::string name_;
    const Json* root_;
    const Json* settings_;
    Centiamps minimum_ = 6_A;
    bool schedule_taken_ = false;
    Writer out_;
    std::vector<Remark> remarks_;
    Problems problems_;
};

/// A file's tree, and what had to be mended in it.
struct Tree {
    Json root;
    std::vector<std::string> repairs;
};

twc::Expected<Tree, Problems> parse(const TextFile& file) {
    auto strict = to_strict_json(file.text);
    auto document = config::parse_json(strict.text);
    if (!document) {
        auto problem = document.error();
        problem.pointer = file.name + ": " + problem.pointer;
        return twc::Unexpected{Problems{problem}};
    }
    auto& [root, repeated] = document.value();
    if (!std::holds_alternative<Json::Object>(root.content))
        return twc::Unexpected{Problems{{file.name, "an object", config::describe_unseen(root)}}};
    for (auto& repair : strict.repairs) repair = fmt::format("{}, {}", file.name, repair);
    for (const auto& problem : repeated)
        strict.repairs.push_back(
            fmt::format("{}: {}: there twice, the first one holds", file.name, problem.pointer));
    return Tree{std::move(root), std::move(strict.repairs)};
}

}  // namespace

twc::Expected<Imported, config::Problems> import_twcmanager(const TextFile& config,
                                                            const std::optional<TextFile>& settings) {
    auto tree = parse(config);
    if (!tree) return twc::Unexpected{tree.error()};
    auto repairs = tree->repairs;
    std::optional<Json> settings_root;
    if (settings) {
        auto other = parse(*settings);
        if (!other) return twc::Unexpected{other.error()};
        repairs.insert(repairs.end(), other->repairs.begin(), other->repairs.end());
        settings_root = std::move((*other).root);
    }
    return Import{config.name, tree->root, settings_root ? &*settings_root : nullptr}.take(
        std::move(repairs));
}

}  // namespace bridge
