// State of a bridge → lines for a person.
#include "bridge/monitor_view.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "bridge/cells.hpp"

namespace bridge {
namespace {

using Leaves = MonitorState::Leaves;

const Heard* find(const Leaves& leaves, std::string_view leaf) {
    const auto found = leaves.find(leaf);
    return found == leaves.end() ? nullptr : &found->second;
}

bool says(const Leaves& leaves, std::string_view leaf, std::string_view text) {
    const auto* heard = find(leaves, leaf);
    return heard != nullptr && heard->text == text;
}

/// "16 A", or "-" if nobody said.
std::string value(const Leaves& leaves, std::string_view leaf, std::string_view unit = "") {
    const auto* heard = find(leaves, leaf);
    if (heard == nullptr) return "-";
    return unit.empty() ? heard->text : heard->text + ' ' + std::string{unit};
}

/// " (3s)"; nothing while it means nothing, just after a stored copy came.
std::string age_behind(const Heard* heard, twc::TimePoint now) {
    if (heard == nullptr || (heard->at_least && now - heard->since < std::chrono::seconds{1})) return {};
    return " (" + age(*heard, now) + ')';
}

std::string aged(const Leaves& leaves, std::string_view leaf, std::string_view unit, twc::TimePoint now) {
    return value(leaves, leaf, unit) + age_behind(find(leaves, leaf), now);
}

/// Collects lines that are no wider than the page.
class Page {
  public:
    explicit Page(std::size_t width) : width_{std::max<std::size_t>(width, 1)} {}

    void line(std::string_view text, Emphasis emphasis = Emphasis::none) {
        lines_.push_back({cut(text, width_), emphasis});
    }
    void items(const std::vector<std::string>& items, std::size_t indent = 0) {
        pieces(flow(items, "   ", room(indent)), indent, Emphasis::none);
    }
    void sentence(std::string_view text, std::size_t indent, Emphasis emphasis) {
        pieces(wrap(text, room(indent)), indent, emphasis);
    }
    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] std::vector<Line> take() { return std::move(lines_); }

  private:
    [[nodiscard]] std::size_t room(std::size_t indent) const { return width_ > indent ? width_ - indent : 1; }
    void pieces(const std::vector<std::string>& texts, std::size_t indent, Emphasis emphasis) {
        for (const auto& text : texts) line(std::string(indent, ' ') + text, emphasis);
    }

    std::size_t width_;
    std::vector<Line> lines_;
};

// ---- the site

void put_head(Page& page, const MonitorState& state, twc::TimePoint now) {
    page.line("twcbridge at " + state.url + ", topics below " + state.base_topic, Emphasis::heading);
    if (!state.connected) {
        const Heard link{{}, state.link_since, false};
        auto sentence =
            state.why_not.empty() ? "waiting for the broker" : state.why_not + " (" + age(link, now) + ')';
        if (state.has_bridge()) sentence += "; what is shown is older";
        page.sentence(sentence, 0, Emphasis::alarm);
    } else if (!state.has_bridge()) {
        page.sentence("no bridge has spoken here yet", 0, Emphasis::alarm);
    } else if (!says(state.site, "status", "online")) {
        page.sentence("the bridge is " + aged(state.site, "status", "", now) + "; what is shown is older", 0,
                      Emphasis::alarm);
    }
}

std::string_view freshness(const Leaves& site) {
    if (find(site, "input_stale") == nullptr) return "-";
    return says(site, "input_stale", "ON") ? "missing or too old" : "fresh";
}

void put_site(Page& page, const Leaves& site, twc::TimePoint now) {
    page.items({"bridge " + value(site, "status"), "bus " + value(site, "rs485"),
                "mode " + value(site, "mode"), "solar values " + std::string{freshness(site)}});
    std::vector<std::string> power{"solar " + aged(site, "solar_power", "W", now),
                                   "house " + aged(site, "house_power", "W", now)};
    if (find(site, "grid_power") != nullptr) power.push_back("grid " + aged(site, "grid_power", "W", now));
    power.push_back("surplus " + aged(site, "surplus_power", "W", now));
    page.items(power);
    page.items({"limit " + value(site, "total_limit", "A"), "reserve " + value(site, "grid_reserve", "W"),
                "offered " + value(site, "offered_current", "A"), "drawn " + value(site, "current", "A"),
                value(site, "power", "W"), value(site, "energy", "kWh")});
    if (!says(site, "problem", "ON")) return;
    page.sentence("PROBLEM: " + aged(site, "problem_reason", "", now), 0, Emphasis::alarm);
}

// ---- chargers

struct Column {
    std::string_view title;
    std::string_view leaf;
    std::string_view unit;
    std::size_t width;
    int importance;  ///< the least goes first where there is no room
};

constexpr std::size_t least_name = 4;
constexpr std::size_t widest_name = 30;
constexpr std::size_t state_width = 9;
constexpr std::string_view gap = "  ";
constexpr std::array<Column, 6> columns{{{"offered", "offered_current", "A", 7, 6},
                                         {"in force", "limit_in_force", "A", 8, 3},
                                         {"drawn", "current", "A", 7, 5},
                                         {"limit", "limit", "A", 7, 2},
                                         {"power", "power", "W", 7, 4},
                                         {"changed", "", "", 7, 1}}};

/// The columns for which there is room, and what they leave for the charger's name.
struct Table {
    std::vector<Column> shown{columns.begin(), columns.end()};
    std::size_t name_width = 0;

    explicit Table(std::size_t width) {
        while (!shown.empty() && used() + least_name > width) {
            shown.erase(std::ranges::min_element(shown, {}, &Column::importance));
        }
        name_width = std::min(widest_name, width > used() ? width - used() : 0);
    }
    [[nodiscard]] std::size_t used() const {
        std::size_t sum = gap.size() + state_width;
        for (const auto& column : shown) sum += gap.size() + column.width;
        return sum;
    }
};

/// The value of a charger that changed last.
const Heard* newest(const Leaves& leaves) {
    const auto found =
        std::ranges::max_element(leaves, {}, [](const auto& leaf) { return leaf.second.since; });
    return found == leaves.end() ? nullptr : &found->second;
}

template <class Cell>
std::string row(const Table& table, std::string_view name, std::string_view state, const Cell& cell) {
    auto text = to_left(name, table.name_width);
    text += gap;
    text += to_left(state, state_width);
    for (const auto& column : table.shown) {
        text += gap;
        text += to_right(cell(column), column.width);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// "231/230/229 V"; nothing while no phase is known.
std::optional<std::string> phases(const Leaves& leaves, const std::string& leaf, std::string_view unit) {
    std::string text;
    for (const auto* number : {"1", "2", "3"}) {
        const auto* heard = find(leaves, leaf + number);
        if (heard == nullptr) continue;
        if (!text.empty()) text += '/';
        text += heard->text;
    }
    if (text.empty()) return std::nullopt;
    return text + ' ' + std::string{unit};
}

std::vector<std::string> details(const Leaves& charger) {
    std::vector<std::string> items;
    const auto add = [&](std::string_view title, std::string_view leaf, std::string_view unit) {
        if (const auto* heard = find(charger, leaf); heard != nullptr && heard->text != "None")
            items.push_back(std::string{title} + value(charger, leaf, unit));
    };
    if (!says(charger, "mode", "site")) add("mode ", "mode", "");
    if (says(charger, "charge", "OFF")) items.emplace_back("switched off");
    if (!says(charger, "priority", "5")) add("priority ", "priority", "");
    add("session ", "session_energy", "kWh");
    add("in all ", "energy", "kWh");
    for (const auto& each : {phases(charger, "voltage_l", "V"), phases(charger, "current_l", "A")}) {
        if (each) items.push_back(*each);
    }
    add("rated ", "max_current", "A");
    add("VIN ", "vehicle_vin", "");
    return items;
}

void put_charger(Page& page, const Table& table, const std::string& name, const Leaves& charger,
                 twc::TimePoint now) {
    const bool online = says(charger, "status", "online");
    const bool fault = says(charger, "fault", "ON");
    const auto cell = [&](const Column& column) {
        if (!column.leaf.empty()) return value(charger, column.leaf, column.unit);
        const auto* last = newest(charger);
        return last == nullptr ? std::string{"-"} : age(*last, now);
    };
    const auto state = online ? value(charger, "state") : value(charger, "status");
    page.line(row(table, name, state, cell), online && !fault ? Emphasis::none : Emphasis::alarm);
    constexpr std::size_t indent = 5;
    if (fault)
        page.sentence("the wall connector reports a fault, state " + value(charger, "raw_state"), indent,
                      Emphasis::alarm);
    page.sentence(aged(charger, "reason", "", now), indent, Emphasis::none);
    page.items(details(charger), indent);
}

void put_chargers(Page& page, const MonitorState& state, twc::TimePoint now) {
    if (state.chargers.empty()) return page.line("no wall connector is known yet");
    const Table table{page.width()};
    page.line(row(table, "charger", "state", [](const Column& column) { return std::string{column.title}; }),
              Emphasis::heading);
    for (const auto& [key, charger] : state.chargers) {
        const auto name = state.names.find(key);
        put_charger(page, table, name == state.names.end() ? key : key + ' ' + name->second, charger, now);
    }
}

}  // namespace

std::string age(const Heard& heard, twc::TimePoint now) {
    using namespace std::chrono_literals;
    const auto passed = std::max(now - heard.since, twc::Duration{0});
    const std::string mark = heard.at_least ? ">" : "";
    if (passed < 2min) return mark + std::to_string(passed / 1s) + 's';
    if (passed < 2h) return mark + std::to_string(passed / 1min) + 'm';
    if (passed < 48h) return mark + std::to_string(passed / 1h) + 'h';
    return mark + std::to_string(passed / 24h) + 'd';
}

std::vector<Line> render(const MonitorState& state, std::size_t width, twc::TimePoint now) {
    Page page{width};
    put_head(page, state, now);
    if (!state.has_bridge()) return page.take();
    page.line("");
    put_site(page, state.site, now);
    page.line("");
    put_chargers(page, state, now);
    return page.take();
}

}  // namespace bridge
